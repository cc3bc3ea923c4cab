"""The root of the API: every app's paths under /api/v1/, and the schema."""

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView

urlpatterns = [
    path("v1/", include("crm.api.urls")),
    path("v1/", include("messaging.api.urls")),
    path("schema/", SpectacularAPIView.as_view(), name="api-schema"),
]
