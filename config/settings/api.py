"""The API."""

from config.settings.security import NUM_PROXIES

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["crm.api.authentication.TokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["crm.api.permissions.HasScope"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["web.api.parsers.StrictJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "crm.api.schema.ApiSchema",
    "EXCEPTION_HANDLER": "web.api.errors.handle",
    "COERCE_DECIMAL_TO_STRING": True,
    "NUM_PROXIES": NUM_PROXIES,
    "UNAUTHENTICATED_USER": None,
    "UNAUTHENTICATED_TOKEN": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Perennial API",
    "DESCRIPTION": "Customers, orders, contact history and messages.",
    "VERSION": "1.0.0",
    "SERVE_INCLUDE_SCHEMA": False,
    # The schema describes shapes and holds no data.
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    # Two fields are called kind, and neither is the whole name of its list.
    "ENUM_NAME_OVERRIDES": {
        "EntryKind": "loyalty.api.balance_serializers.ENTRY_KINDS",
    },
}
