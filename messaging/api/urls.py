"""Paths of the messaging API."""

from django.urls import path

from messaging.api import automations, views

urlpatterns = [
    path(
        "automations/",
        automations.AutomationCollection.as_view(),
        name="api-automations",
    ),
    path(
        "automations/<int:pk>/",
        automations.AutomationDetail.as_view(),
        name="api-automation",
    ),
    path(
        "automations/<int:pk>/runs/",
        automations.AutomationRuns.as_view(),
        name="api-automation-runs",
    ),
    path("calendar/", automations.Calendar.as_view(), name="api-calendar"),
    path(
        "automations/<int:pk>/holdout/",
        views.HoldoutReport.as_view(),
        name="api-holdout",
    ),
    path("messages/", views.MessageCollection.as_view(), name="api-messages"),
    path("messages/<int:pk>/", views.MessageDetail.as_view(), name="api-message"),
]
