"""Paths of the loyalty app."""

from django.urls import path, register_converter
from django.urls.converters import get_converters

from loyalty import public
from messaging.rules.tokens import TokenConverter

app_name = "loyalty"

if "token" not in get_converters():
    register_converter(TokenConverter, "token")

urlpatterns = [
    path("b/<token:token>/", public.reminder, name="reminder"),
]
