"""Paths of the messaging API."""

from django.urls import path

from messaging.api import views

urlpatterns = [
    path("messages/", views.MessageCollection.as_view(), name="api-messages"),
    path("messages/<int:pk>/", views.MessageDetail.as_view(), name="api-message"),
]
