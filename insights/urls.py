"""Paths of the insights app."""

from django.urls import path

from insights.views import money, overview

app_name = "insights"

urlpatterns = [
    path("insights/", overview.overview, name="overview"),
    path("insights/money/", money.overview, name="money"),
    path("insights/money/people/", money.people, name="money-people"),
]
