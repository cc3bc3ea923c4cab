"""Paths of the messaging app."""

from django.urls import URLPattern, path, register_converter
from django.urls.converters import get_converters

from messaging import public
from messaging.rules.tokens import TokenConverter

app_name = "messaging"

if "token" not in get_converters():
    register_converter(TokenConverter, "token")

urlpatterns: list[URLPattern] = [
    path("u/<token:token>/", public.stop, name="stop"),
    path("p/<token:token>/", public.choose, name="preferences"),
]
