"""Paths of the surveys API."""

from django.urls import path

from surveys.api import asks

urlpatterns = [
    path("surveys/<int:pk>/asks/", asks.Asks.as_view(), name="api-asks"),
]
