"""Paths of the desk app."""

from django.urls import path

from desk.views import customers, settings, today

app_name = "desk"
urlpatterns = [
    path("", today.today, name="today"),
    path("customers/", customers.customer_list, name="customer-list"),
    path("customers/<int:pk>/", customers.customer, name="customer"),
    path("settings/", settings.settings, name="settings"),
]
