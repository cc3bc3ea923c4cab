"""Paths of the insights API."""

from django.urls import path

from insights.api import views

urlpatterns = [
    path("insights/<slug:name>/", views.Report.as_view(), name="api-insights-report"),
]
