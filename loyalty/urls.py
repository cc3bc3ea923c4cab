"""Paths of the loyalty app."""

from django.urls import path, register_converter
from django.urls.converters import get_converters

from loyalty import public
from loyalty.views import campaigns, name_days
from messaging.rules.tokens import TokenConverter

app_name = "loyalty"

if "token" not in get_converters():
    register_converter(TokenConverter, "token")

urlpatterns = [
    path("b/<token:token>/", public.reminder, name="reminder"),
    path("campaigns/<int:pk>/", campaigns.campaign, name="campaign"),
    path("campaigns/<int:pk>/day/", campaigns.set_day, name="campaign-day"),
    path("campaigns/<int:pk>/nature/", campaigns.set_nature, name="campaign-nature"),
    path("campaigns/<int:pk>/start/", campaigns.start, name="campaign-start"),
    path("campaigns/<int:pk>/stop/", campaigns.stop, name="campaign-stop"),
    path("campaigns/<int:pk>/ask/", campaigns.ask, name="campaign-ask"),
    path("campaigns/<int:pk>/answer/", campaigns.answer, name="campaign-answer"),
    path("settings/name-days/", name_days.calendar_list, name="name-days"),
    path(
        "settings/name-days/packaged/<slug:name>/",
        name_days.calendar_load,
        name="name-days-load",
    ),
    path("settings/name-days/<int:pk>/", name_days.calendar, name="name-day-calendar"),
    path(
        "settings/name-days/<int:pk>/use/",
        name_days.calendar_use,
        name="name-days-use",
    ),
    path(
        "settings/name-days/<int:pk>/delete/",
        name_days.calendar_delete,
        name="name-days-delete",
    ),
]
