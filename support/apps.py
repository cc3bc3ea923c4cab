"""The support app: conversations with customers, in and out, until they are closed."""

from django.apps import AppConfig


class SupportConfig(AppConfig):
    name = "support"
