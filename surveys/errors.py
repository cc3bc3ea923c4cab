"""What an answer or a survey can be refused for."""

from web.errors import DomainError


class InvitationGone(DomainError):
    """Revoked, or its customer was erased."""

    code = "invitation_gone"
    message = "This invitation no longer works."
    status = 404


class InvitationExpired(DomainError):
    """The link is older than its survey takes answers."""

    code = "invitation_expired"
    message = "The time to answer this survey is over."
    status = 410


class AlreadyFinal(DomainError):
    """Answered more than 24 hours ago. Only the holder of the link sees this."""

    code = "already_final"
    message = "This answer can no longer be changed."
    status = 409


class NotCounted(DomainError):
    """A provisional answer counts nowhere: there is nothing to leave out."""

    code = "answer_not_counted"
    message = "This answer is not confirmed yet, so it is in no figure."
    status = 409


class NotOneClick(DomainError):
    """A provisional answer for a survey that takes none."""

    code = "not_one_click"
    message = "This survey takes answers from its page only."
    status = 409


class NotAskedOnRequest(DomainError):
    """No automation that is on asks this survey when other programs want it."""

    code = "not_asked_on_request"
    message = (
        "No automation that is on asks this survey on request. Nothing was noted; "
        "switch one on and ask again."
    )
    status = 409


class NotPublishable(DomainError):
    """The check of its questions found what would go wrong."""

    code = "survey_has_problems"
    message = "This survey cannot go live yet. Nothing was changed."
    status = 409


class NotOffered(DomainError):
    """Staff chose another next step meanwhile, or the answer was changed."""

    code = "not_offered"
    message = "This is not offered any more. Your answer was kept."
    status = 409


class TooQuick(DomainError):
    """An answer by a share link sooner than anybody could have read the page."""

    code = "answer_too_quick"
    message = "This was sent sooner than anybody could have answered."
    status = 429


class PageTooOld(DomainError):
    """The page of a share link was open for days, or is none of ours."""

    code = "answer_page_too_old"
    message = "The page this was sent from is too old."
    status = 410
