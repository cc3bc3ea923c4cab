"""The crm app."""

from django.apps import AppConfig


class CustomersConfig(AppConfig):
    name = "crm"
