"""Paths of the messaging app."""

from django.urls import URLPattern, path, register_converter
from django.urls.converters import get_converters

from messaging import public, public_pictures, webhooks
from messaging.rules.tokens import TokenConverter
from messaging.views import (
    addresses,
    automation_rows,
    automation_versions,
    automations,
    calendar,
    consent,
    forecasts,
    holdout,
    outbox,
    step_words,
    steps,
)

app_name = "messaging"

if "token" not in get_converters():
    register_converter(TokenConverter, "token")

urlpatterns: list[URLPattern] = [
    path(
        "webhooks/mail/<str:secret>/<path:path>",
        webhooks.provider_webhook,
        name="provider-webhook",
    ),
    path("pictures/<str:name>", public_pictures.picture, name="picture"),
    path("u/<token:token>/", public.stop, name="stop"),
    # Some mail programs cut the slash off; a redirect would lose what they post.
    path("u/<token:token>", public.stop, name="stop-bare"),
    path("p/<token:token>/", public.choose, name="preferences"),
    path("calendar/", calendar.calendar, name="calendar"),
    path("outbox/", outbox.outbox, name="outbox"),
    path("outbox/try-now/", outbox.try_now, name="try-now"),
    path("outbox/<int:pk>/", outbox.message, name="message"),
    path("messages/<int:pk>/why/", outbox.message_why, name="message-why"),
    path("outbox/<int:pk>/mail/", outbox.mail, name="mail"),
    path("outbox/<int:pk>/cancel/", outbox.cancel, name="message-cancel"),
    path("outbox/<int:pk>/again/", outbox.send_again, name="message-send-again"),
    path("outbox/<int:pk>/leave/", outbox.leave_it, name="message-leave"),
    path(
        "customers/<int:pk>/withdraw/<slug:category>/",
        consent.withdraw,
        name="consent-withdraw",
    ),
    path(
        "customers/<int:pk>/withdraw/<slug:category>/undo/",
        consent.undo,
        name="consent-undo",
    ),
    path(
        "customers/<int:pk>/addresses/<int:address>/stop/",
        addresses.stop,
        name="address-stop",
    ),
    path(
        "customers/<int:pk>/addresses/<int:address>/allow/",
        addresses.allow,
        name="address-allow",
    ),
    path("customers/<int:pk>/pause/", consent.pause, name="mail-pause"),
    path("customers/<int:pk>/resume/", consent.resume, name="mail-resume"),
    path("automations/people/", forecasts.people, name="forecast-people"),
    path("automations/", automations.automation_list, name="automation-list"),
    path("automations/new/", automation_rows.gallery, name="automation-gallery"),
    path(
        "automations/new/<slug:kind>/", automation_rows.create, name="automation-create"
    ),
    path("automations/audience/", automation_rows.audience, name="automation-audience"),
    path("automations/<int:pk>/", automations.automation, name="automation"),
    path("automations/<int:pk>/copy/", automation_rows.copy, name="automation-copy"),
    path("automations/<int:pk>/move/", automation_rows.move, name="automation-move"),
    path(
        "automations/<int:pk>/archive/",
        automation_rows.archive,
        name="automation-archive",
    ),
    path(
        "automations/<int:pk>/delete/", automation_rows.delete, name="automation-delete"
    ),
    path(
        "automations/<int:pk>/holdout/",
        holdout.holdout_report,
        name="automation-holdout",
    ),
    path(
        "automations/<int:pk>/holdout/edit/",
        holdout.holdout_edit,
        name="automation-holdout-edit",
    ),
    path("automations/<int:pk>/edit/", automations.edit, name="automation-edit"),
    path(
        "automations/<int:pk>/steps/<int:step>/words/<slug:language>/",
        step_words.words,
        name="automation-words",
    ),
    path(
        "automations/<int:pk>/steps/<int:step>/words/<slug:language>/preview/",
        step_words.words_preview,
        name="automation-words-preview",
    ),
    path(
        "automations/<int:pk>/steps/<int:step>/test/",
        step_words.send_test,
        name="automation-test",
    ),
    path(
        "automations/<int:pk>/test/",
        step_words.send_all_tests,
        name="automation-test-all",
    ),
    path("automations/<int:pk>/steps/add/", steps.add, name="automation-step-add"),
    path(
        "automations/<int:pk>/steps/<int:step>/",
        steps.change,
        name="automation-step",
    ),
    path(
        "automations/<int:pk>/steps/<int:step>/move/",
        steps.move,
        name="automation-step-move",
    ),
    path(
        "automations/<int:pk>/steps/<int:step>/remove/",
        steps.remove,
        name="automation-step-remove",
    ),
    path(
        "automations/<int:pk>/versions/",
        automation_versions.versions,
        name="automation-versions",
    ),
    path(
        "automations/<int:pk>/versions/move/",
        automation_versions.move_runs,
        name="automation-runs-move",
    ),
    path(
        "automations/<int:pk>/versions/<int:number>/restore/",
        automation_versions.restore,
        name="automation-version-restore",
    ),
    path(
        "automations/<int:pk>/versions/<int:number>/settings/",
        automation_versions.settings,
        name="automation-version-settings",
    ),
    path("automations/<int:pk>/on/", automations.before_on, name="automation-on"),
    path("automations/<int:pk>/switch/", automations.switch, name="automation-switch"),
]
