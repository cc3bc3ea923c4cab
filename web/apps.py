"""The web app: pages, forms and the API, without any customer."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class WebConfig(AppConfig):
    name = "web"

    def ready(self) -> None:
        # Each app writes in error_messages.py what a person reads of its errors.
        autodiscover_modules("error_messages")
