"""Paths of the messaging API."""

from django.urls import path

from messaging.api import views

urlpatterns = [
    path(
        "automations/<int:pk>/holdout/",
        views.HoldoutReport.as_view(),
        name="api-holdout",
    ),
    path("messages/", views.MessageCollection.as_view(), name="api-messages"),
    path("messages/<int:pk>/", views.MessageDetail.as_view(), name="api-message"),
]
