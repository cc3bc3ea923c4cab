"""Paths of the support app."""

from django.urls import path

from support import public
from support.views import (
    absences,
    actions,
    automatic,
    beside,
    changes,
    consent,
    draft_files,
    drafts,
    forwarding,
    inbox,
    inbox_rules,
    mailboxes,
    mails,
    notes,
    notices,
    saved_replies,
    writing,
)

app_name = "support"

urlpatterns = [
    path("contact/", public.contact, name="contact"),
    path("contact/thanks/", public.thanks, name="contact-thanks"),
    path("contact/send/<str:ticket>/", public.contact, name="contact-send"),
    path("contact/<str:token>/", public.contact, name="contact-known"),
    path(
        "contact/<str:token>/send/<str:ticket>/",
        public.contact,
        name="contact-known-send",
    ),
    path("inbox/<int:pk>/reply/", writing.reply, name="reply"),
    path("inbox/<int:pk>/notes/", notes.note_create, name="note-create"),
    path("inbox/<int:pk>/notes/seen/", notes.notes_seen, name="notes-seen"),
    path("inbox/<int:pk>/contacts/", beside.contact_create, name="contact-create"),
    path("inbox/<int:pk>/follow-ups/", beside.promise_create, name="promise-create"),
    path("mails/new/", writing.new_mail, name="mail-create"),
    path("mails/about/<slug:source>/<int:pk>/", writing.reply_to, name="reply-to"),
    path("mails/<int:pk>/forward/", forwarding.forward, name="mail-forward"),
    path(
        "mails/<int:pk>/first-writer/",
        writing.mail_first_writer,
        name="mail-first-writer",
    ),
    path("mails/<int:pk>/take-back/", writing.mail_take_back, name="mail-take-back"),
    path(
        "mails/<int:pk>/failure-seen/",
        writing.mail_failure_seen,
        name="mail-failure-seen",
    ),
    path("drafts/", drafts.draft_list, name="draft-list"),
    path("drafts/<int:pk>/", drafts.draft, name="draft"),
    path("drafts/<int:pk>/discard/", drafts.draft_discard, name="draft-discard"),
    path(
        "drafts/<int:pk>/unschedule/",
        drafts.draft_unschedule,
        name="draft-unschedule",
    ),
    path(
        "drafts/<int:pk>/files/<str:ticket>/",
        draft_files.draft_file_create,
        name="draft-file-create",
    ),
    path("draft-files/<int:pk>/", draft_files.draft_picture, name="draft-picture"),
    path(
        "draft-files/<int:pk>/delete/",
        draft_files.draft_file_delete,
        name="draft-file-delete",
    ),
    path("settings/replies/", saved_replies.saved_reply_list, name="saved-reply-list"),
    path(
        "settings/replies/new/",
        saved_replies.saved_reply_create,
        name="saved-reply-create",
    ),
    path(
        "settings/replies/<int:pk>/",
        saved_replies.saved_reply_edit,
        name="saved-reply-edit",
    ),
    path(
        "settings/replies/<int:pk>/files/<str:ticket>/",
        saved_replies.saved_reply_file_create,
        name="saved-reply-file-create",
    ),
    path(
        "settings/reply-files/<int:pk>/delete/",
        saved_replies.saved_reply_file_delete,
        name="saved-reply-file-delete",
    ),
    path(
        "settings/replies/<int:pk>/delete/",
        saved_replies.saved_reply_delete,
        name="saved-reply-delete",
    ),
    path("settings/rules/", inbox_rules.rule_list, name="rule-list"),
    path("settings/rules/new/", inbox_rules.rule_create, name="rule-create"),
    path("settings/rules/<int:pk>/", inbox_rules.rule_edit, name="rule-edit"),
    path("settings/rules/<int:pk>/move/", inbox_rules.rule_move, name="rule-move"),
    path(
        "settings/rules/<int:pk>/switch/", inbox_rules.rule_switch, name="rule-switch"
    ),
    path(
        "settings/rules/<int:pk>/delete/", inbox_rules.rule_delete, name="rule-delete"
    ),
    path("settings/away/", absences.absence, name="absence"),
    path("settings/away/end/", absences.absence_end, name="absence-end"),
    path("settings/notices/", notices.choices, name="notices"),
    path("notices/", notices.new, name="notices-new"),
    path("settings/signature/", saved_replies.signature_edit, name="signature-edit"),
    path("inbox/", inbox.conversation_list, name="conversation-list"),
    path("inbox/change/", changes.change, name="conversation-change"),
    path("inbox/changes/<int:pk>/undo/", changes.change_undo, name="change-undo"),
    path("inbox/<int:pk>/parts/", changes.parts, name="conversation-parts"),
    path(
        "inbox/<int:pk>/forward/",
        forwarding.forward_all,
        name="conversation-forward",
    ),
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
    path(
        "mailboxes/<int:pk>/automatic/", automatic.automatic, name="mailbox-automatic"
    ),
    path("mailboxes/<int:pk>/try/", mailboxes.mailbox_try, name="mailbox-try"),
    path("mailboxes/<int:pk>/test/", mailboxes.mailbox_test, name="mailbox-test"),
    path(
        "mailboxes/<int:pk>/consent/", consent.mailbox_consent, name="mailbox-consent"
    ),
    path(
        "mailboxes/consent/",
        consent.mailbox_consent_given,
        name="mailbox-consent-given",
    ),
]
