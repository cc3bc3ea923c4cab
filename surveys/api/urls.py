"""Paths of the surveys API."""

from django.urls import path

from surveys.api import asks, views

urlpatterns = [
    path("surveys/<int:pk>/answers/", views.Answers.as_view(), name="api-answers"),
    path("surveys/<int:pk>/asks/", asks.Asks.as_view(), name="api-asks"),
]
