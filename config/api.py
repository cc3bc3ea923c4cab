"""The root of the API: every app's paths under /api/v1/, and the schema."""

from django.urls import include, path, register_converter
from django.urls.converters import StringConverter
from drf_spectacular.views import SpectacularAPIView

from web.api.views import NoSuchPath


class AnythingConverter(StringConverter):
    """Also a line feed, which Django's own `path` lets through to the next pattern."""

    regex = r"[\s\S]+"


register_converter(AnythingConverter, "anything")

urlpatterns = [
    path("v1/", include("crm.api.urls")),
    path("v1/", include("messaging.api.urls")),
    path("v1/", include("surveys.api.urls")),
    path("v1/", include("loyalty.api.urls")),
    path("v1/", include("insights.api.urls")),
    path("schema/", SpectacularAPIView.as_view(), name="api-schema"),
    # The last ones: whatever is left.
    path("", NoSuchPath.as_view()),
    path("<anything:rest>", NoSuchPath.as_view()),
]
