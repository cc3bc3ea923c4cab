"""The desk app."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class DeskConfig(AppConfig):
    name = "desk"

    def ready(self) -> None:
        # Each app registers in desk.py what it adds to the pages.
        autodiscover_modules("desk")
