"""Paths of the insights app."""

from django.urls import path

from insights.views import overview

app_name = "insights"

urlpatterns = [
    path("insights/", overview.overview, name="overview"),
]
