"""Paths of the support app."""

from django.urls import path

from support.views import actions, inbox, mailboxes, mails

app_name = "support"

urlpatterns = [
    path("inbox/", inbox.conversation_list, name="conversation-list"),
    path("inbox/<int:pk>/", inbox.conversation, name="conversation"),
    path("inbox/<int:pk>/<slug:action>/", actions.act, name="conversation-act"),
    path("mails/<int:pk>/", mails.frame, name="mail-frame"),
    path(
        "mails/<int:pk>/pictures/",
        mails.frame_with_pictures,
        name="mail-frame-pictures",
    ),
    path("mail-files/<int:pk>/", mails.mail_file, name="mail-file"),
    path("raw-mails/", mails.unreadable_list, name="unreadable-list"),
    path("raw-mails/<int:pk>/", mails.raw_download, name="raw-download"),
    path("raw-mails/<int:pk>/again/", mails.read_again, name="read-again"),
    path("mailboxes/", mailboxes.mailbox_list, name="mailbox-list"),
    path("mailboxes/new/", mailboxes.mailbox_create, name="mailbox-create"),
    path("mailboxes/<int:pk>/", mailboxes.mailbox_edit, name="mailbox-edit"),
    path("mailboxes/<int:pk>/try/", mailboxes.mailbox_try, name="mailbox-try"),
]
