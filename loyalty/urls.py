"""Paths of the loyalty app."""

from django.urls import path, register_converter
from django.urls.converters import get_converters

from loyalty import public, views
from messaging.rules.tokens import TokenConverter

app_name = "loyalty"

if "token" not in get_converters():
    register_converter(TokenConverter, "token")

urlpatterns = [
    path("b/<token:token>/", public.reminder, name="reminder"),
    path("campaigns/<int:pk>/", views.campaign, name="campaign"),
    path("campaigns/<int:pk>/day/", views.set_day, name="campaign-day"),
    path("campaigns/<int:pk>/nature/", views.set_nature, name="campaign-nature"),
    path("campaigns/<int:pk>/start/", views.start, name="campaign-start"),
    path("campaigns/<int:pk>/stop/", views.stop, name="campaign-stop"),
    path("campaigns/<int:pk>/ask/", views.ask, name="campaign-ask"),
    path("campaigns/<int:pk>/answer/", views.answer, name="campaign-answer"),
]
