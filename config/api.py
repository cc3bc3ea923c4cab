"""The root of the API: every app's paths under /api/v1/, and the schema."""

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView

from crm.rest.views import NoSuchPath

urlpatterns = [
    path("v1/", include("crm.api.urls")),
    path("v1/", include("messaging.api.urls")),
    path("schema/", SpectacularAPIView.as_view(), name="api-schema"),
    # The last ones: whatever is left.
    path("", NoSuchPath.as_view()),
    path("<path:rest>", NoSuchPath.as_view()),
]
