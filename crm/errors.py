"""Refusals that concern customers, staff and files."""

from web.errors import DomainError


class SourceKeyTaken(DomainError):
    """The same source_key came before, with other words."""

    code = "source_key_taken"
    message = "This source_key stands for another conversation already."
    status = 409


class KeyReused(DomainError):
    """The same Idempotency-Key came before, with another request."""

    code = "idempotency_key_reused"
    message = "This Idempotency-Key came with another request already."
    status = 409


class CustomerGone(DomainError):
    """The customer was merged away or erased."""

    code = "customer_gone"
    message = "This customer was merged or erased."
    status = 409


class SameCustomer(DomainError):
    """A merge named one record twice."""

    code = "same_customer"
    message = "A record cannot be merged with itself."


class ReturnTakesNothing(DomainError):
    """The purchase is another customer's, or is none any more."""

    code = "return_takes_nothing"
    message = "This purchase cannot be given back by this return."
    status = 409


class MergeOver(DomainError):
    """It was undone already, or its time for that is over."""

    code = "merge_over"
    message = "This merge can no longer be undone."
    status = 409


class MergedOnSince(DomainError):
    """The kept record was merged into a third one in the meantime."""

    code = "merged_on_since"
    message = "The kept record was itself merged since; undo that first."
    status = 409


class FollowUpClosed(DomainError):
    """It is done or dropped already."""

    code = "follow_up_closed"
    message = "This follow-up is closed already."
    status = 409


class OutcomeMissing(DomainError):
    """Anyone who closes it has to say what came of it."""

    code = "outcome_missing"
    message = "Say in one line what came of it."
    status = 422


class FollowUpTaken(DomainError):
    """A colleague has it."""

    code = "follow_up_taken"
    message = "A colleague has taken this follow-up already."
    status = 409


class LinkGone(DomainError):
    """A link to choose a password: used, too old, or unknown."""

    code = "link_gone"
    message = "This link no longer works."
    status = 410


class WrongSignIn(DomainError):
    """No such account, a wrong password, or a closed account: never shown which."""

    code = "wrong_sign_in"
    message = "The email address or the password is wrong."
    status = 401


class WrongCode(DomainError):
    """Neither the app's code of this moment nor a recovery code that is left."""

    code = "wrong_code"
    message = "This code is not right."


class WrongPassword(DomainError):
    """The password that confirms who is asking is not theirs."""

    code = "wrong_password"
    message = "This is not your password."


class LastOwner(DomainError):
    """There must be somebody who may change settings and people."""

    code = "last_owner"
    message = "This is the last owner."
    status = 409


class NotAllowed(DomainError):
    """Anyone who asks has lost the right to it in the meantime."""

    code = "not_allowed"
    message = "Your role does not allow this."
    status = 403


class NotYourself(DomainError):
    """One's own role and account are another owner's to change."""

    code = "not_yourself"
    message = "Another owner has to do this."
    status = 409


class FileUnusable(DomainError):
    """Nothing of this file can be imported."""

    code = "file_unusable"
    message = "This file cannot be imported."
    is_told_by_message = True


class ImportIsRunning(DomainError):
    """Two imports of one kind and source never run at once."""

    code = "import_is_running"
    message = "Another import of this kind and source is running."
    status = 409


class ImportCannotBeUndone(DomainError):
    """Its message says why."""

    code = "import_cannot_be_undone"
    message = "This import cannot be undone."
    status = 409


class JobNotOpen(DomainError):
    """It has ended, or its end was asked for already."""

    code = "job_not_open"
    message = "This job has ended already."
    status = 409


class ExportUnknown(DomainError):
    """A dataset of another version."""

    code = "export_unknown"
    message = "This version does not know what is to be exported."


class SegmentsInACircle(DomainError):
    """A segment that would ask whether somebody is in itself."""

    code = "segments_in_a_circle"
    message = "A segment cannot name itself, directly or through another."
    status = 409


class AudienceMoved(DomainError):
    """The list has more or fewer people than the page showed."""

    code = "audience_moved"
    message = "There are not as many people as this page said."
    status = 409


class SnapshotExists(DomainError):
    """A segment has one snapshot a day."""

    code = "snapshot_exists"
    message = "Today’s snapshot is there already."
    status = 409


class BulkCannotBeUndone(DomainError):
    """Its message says why."""

    code = "bulk_cannot_be_undone"
    message = "This change cannot be taken back."
    status = 409
    is_told_by_message = True


class CompanyInUse(DomainError):
    """Another company has it as its parent."""

    code = "company_in_use"
    message = "This company has branches."
    status = 409


class SegmentInUse(DomainError):
    """Something chooses people by it."""

    code = "segment_in_use"
    message = "Something uses this segment."
    status = 409


class SegmentFollowed(DomainError):
    """Somebody wants to know who comes and leaves."""

    code = "segment_followed"
    message = "Somebody follows this segment."
    status = 409


class SubscriptionNotActive(DomainError):
    """Paused or cancelled contracts are resumed before anything else is done."""

    code = "subscription_not_active"
    message = "This contract is paused or cancelled: resume it first."
    status = 409


class SubscriptionRuns(DomainError):
    """Only a paused or cancelled contract can be resumed."""

    code = "subscription_runs"
    message = "This contract runs already."
    status = 409


class SubscriptionExists(DomainError):
    """The same external id came before, for another contract."""

    code = "subscription_exists"
    message = "Another contract has this id already."
    status = 409
