"""The web app: pages, forms and the API, without any customer."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class WebConfig(AppConfig):
    name = "web"

    def ready(self) -> None:
        # Each app says in error_messages.py what its errors say to a person.
        autodiscover_modules("error_messages")
