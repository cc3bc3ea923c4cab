"""Look up what came in. Settings of mailboxes have a page of their own, by services."""

from django.contrib import admin

from crm.admin_base import OwnerOnly, ReadOnlyAdmin
from support.models import (
    Absence,
    AcknowledgementText,
    BlockedSender,
    Conversation,
    ConversationChange,
    ConversationContact,
    ConversationFollowUp,
    ConversationTag,
    Draft,
    DraftFile,
    InboxRule,
    Mail,
    Mailbox,
    MailFile,
    MailFolder,
    Mention,
    Note,
    Notice,
    NoticeChoice,
    RawMail,
    SavedReply,
    SavedReplyFile,
    Signature,
    Tagging,
)


@admin.register(Mailbox)
class MailboxAdmin(OwnerOnly, ReadOnlyAdmin):
    list_display = ("name", "address", "is_on", "read_at", "error_code")
    exclude = ("password",)

    has_add_permission = ReadOnlyAdmin.has_add_permission
    has_change_permission = ReadOnlyAdmin.has_change_permission


@admin.register(AcknowledgementText)
class AcknowledgementTextAdmin(ReadOnlyAdmin):
    list_display = ("mailbox", "language", "text")
    list_select_related = ("mailbox",)


@admin.register(MailFolder)
class MailFolderAdmin(ReadOnlyAdmin):
    list_display = ("mailbox", "name", "uid_validity", "last_uid")
    list_select_related = ("mailbox",)


@admin.register(Conversation)
class ConversationAdmin(ReadOnlyAdmin):
    list_display = ("id", "subject", "customer", "state", "assignee", "last_mail_at")
    list_select_related = ("customer", "assignee")
    list_filter = ("state", "kind", "is_spam")


@admin.register(NoticeChoice)
class NoticeChoiceAdmin(ReadOnlyAdmin):
    list_display = ("user", "mailbox", "event", "way")
    list_select_related = ("user", "mailbox")


@admin.register(Notice)
class NoticeAdmin(ReadOnlyAdmin):
    list_display = ("user", "conversation", "event", "way", "at")
    list_select_related = ("user", "conversation")


@admin.register(ConversationContact)
class ConversationContactAdmin(ReadOnlyAdmin):
    list_display = ("interaction", "conversation")
    list_select_related = ("interaction", "conversation")


@admin.register(ConversationFollowUp)
class ConversationFollowUpAdmin(ReadOnlyAdmin):
    list_display = ("follow_up", "conversation", "closes_with_it")
    list_select_related = ("follow_up", "conversation")


@admin.register(Mail)
class MailAdmin(ReadOnlyAdmin):
    list_display = ("id", "conversation", "direction", "from_address", "at")
    list_select_related = ("conversation",)
    list_filter = ("direction", "is_automatic")


@admin.register(MailFile)
class MailFileAdmin(ReadOnlyAdmin):
    list_display = ("id", "name", "content_type", "size")


@admin.register(RawMail)
class RawMailAdmin(ReadOnlyAdmin):
    list_display = ("id", "source", "state", "reason", "size", "stored_at")
    list_filter = ("state", "source")


@admin.register(BlockedSender)
class BlockedSenderAdmin(ReadOnlyAdmin):
    list_display = ("address", "blocked_by", "blocked_at")
    list_select_related = ("blocked_by",)


@admin.register(Draft)
class DraftAdmin(OwnerOnly, ReadOnlyAdmin):
    list_display = ("id", "author", "conversation", "send_at", "changed_at")
    list_select_related = ("author", "conversation")

    has_add_permission = ReadOnlyAdmin.has_add_permission
    has_change_permission = ReadOnlyAdmin.has_change_permission


@admin.register(DraftFile)
class DraftFileAdmin(ReadOnlyAdmin):
    list_display = ("id", "name", "content_type", "size")


@admin.register(Note)
class NoteAdmin(ReadOnlyAdmin):
    list_display = ("id", "conversation", "author", "at")
    list_select_related = ("conversation", "author")


@admin.register(Mention)
class MentionAdmin(ReadOnlyAdmin):
    list_display = ("id", "note", "user", "seen_at")
    list_select_related = ("note", "user")


@admin.register(SavedReply)
class SavedReplyAdmin(ReadOnlyAdmin):
    list_display = ("name", "language", "owner")
    list_select_related = ("owner",)


@admin.register(SavedReplyFile)
class SavedReplyFileAdmin(ReadOnlyAdmin):
    list_display = ("id", "name", "content_type", "size")


@admin.register(Signature)
class SignatureAdmin(ReadOnlyAdmin):
    list_display = ("user",)
    list_select_related = ("user",)


@admin.register(ConversationTag)
class ConversationTagAdmin(ReadOnlyAdmin):
    list_display = ("name",)


@admin.register(Tagging)
class TaggingAdmin(ReadOnlyAdmin):
    list_display = ("id", "conversation", "tag")
    list_select_related = ("conversation", "tag")


@admin.register(ConversationChange)
class ConversationChangeAdmin(ReadOnlyAdmin):
    list_display = ("id", "action", "by", "at", "undone_at")
    list_select_related = ("by",)
    list_filter = ("action",)


@admin.register(InboxRule)
class InboxRuleAdmin(ReadOnlyAdmin):
    list_display = ("name", "position", "is_on", "assignee", "tag")
    list_select_related = ("assignee", "tag")


@admin.register(Absence)
class AbsenceAdmin(ReadOnlyAdmin):
    list_display = ("user", "since", "until")
    list_select_related = ("user",)
