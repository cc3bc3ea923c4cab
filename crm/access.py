"""Who may do what, in one place: capabilities × roles.

Views say `@requires(Capability.X)`; the tests are generated from this table.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase


class Role(StrEnum):
    """What a member of staff is in the shop; it gives their capabilities."""

    OWNER = "owner"
    MANAGER = "manager"
    AGENT = "agent"
    MARKETER = "marketer"
    ANALYST = "analyst"


class Capability(StrEnum):
    """What somebody may do. Which role has which is the table below."""

    SEE_CUSTOMERS = "see_customers"
    SEE_NOTES = "see_notes"
    EDIT_CUSTOMERS = "edit_customers"
    MERGE_CUSTOMERS = "merge_customers"
    EXPORT_PERSONAL_DATA = "export_personal_data"
    ERASE_CUSTOMERS = "erase_customers"
    LOG_CONTACT = "log_contact"
    SEE_CONVERSATIONS = "see_conversations"
    REPLY = "reply"
    SEE_MESSAGES = "see_messages"
    DECIDE_MESSAGES = "decide_messages"
    WITHDRAW_CONSENT = "withdraw_consent"
    SEE_SURVEYS = "see_surveys"
    LEAVE_OUT_ANSWERS = "leave_out_answers"
    # Who gave an answer that was promised to be confidential.
    SEE_CONFIDENTIAL = "see_confidential"
    SEE_REVIEWS = "see_reviews"
    MODERATE_REVIEWS = "moderate_reviews"
    SEE_AUTOMATIONS = "see_automations"
    EDIT_AUTOMATIONS = "edit_automations"
    # Start a campaign to any number of people, and answer marketers who ask to.
    APPROVE_CAMPAIGNS = "approve_campaigns"
    # Their conditions and numbers; people by name only with SEE_CUSTOMERS.
    SEE_SEGMENTS = "see_segments"
    EDIT_SEGMENTS = "edit_segments"
    # Figures; the people behind one by name only with SEE_CUSTOMERS.
    SEE_INSIGHTS = "see_insights"
    EDIT_INSIGHTS = "edit_insights"
    # Rewards: look at the catalogue, change it, give one of it, redeem a code.
    SEE_REWARDS = "see_rewards"
    EDIT_REWARDS = "edit_rewards"
    GIVE_REWARDS = "give_rewards"
    REDEEM_CODES = "redeem_codes"
    # At the till, what a colleague did: whoever did it always may. A till is shared, so
    # that the next person at it could take back what a customer was given before.
    UNDO_FOR_OTHERS = "undo_for_others"
    CHANGE_MANY = "change_many"
    CHANGE_SETTINGS = "change_settings"
    USE_ADMIN = "use_admin"
    OWN_ACCOUNT = "own_account"
    MANAGE_TEAM = "manage_team"
    EXPORT_DATA = "export_data"
    IMPORT_DATA = "import_data"


_C = Capability
_EVERYBODY = frozenset(
    {
        _C.OWN_ACCOUNT,
        _C.SEE_MESSAGES,
        _C.SEE_SURVEYS,
        _C.SEE_REVIEWS,
        _C.SEE_REWARDS,
    }
)
_AGENT = _EVERYBODY | {
    _C.SEE_CUSTOMERS,
    _C.SEE_SEGMENTS,
    _C.SEE_NOTES,
    _C.EDIT_CUSTOMERS,
    _C.LOG_CONTACT,
    _C.SEE_CONVERSATIONS,
    _C.REPLY,
    _C.WITHDRAW_CONSENT,
    _C.DECIDE_MESSAGES,
    _C.SEE_AUTOMATIONS,
    # Those of the catalogue that name their role.
    _C.GIVE_REWARDS,
    _C.REDEEM_CODES,
}
_MANAGER = _AGENT | {
    _C.EXPORT_PERSONAL_DATA,
    _C.ERASE_CUSTOMERS,
    _C.MERGE_CUSTOMERS,
    _C.MODERATE_REVIEWS,
    _C.SEE_CONFIDENTIAL,
    _C.EDIT_AUTOMATIONS,
    _C.APPROVE_CAMPAIGNS,
    _C.EDIT_SEGMENTS,
    _C.SEE_INSIGHTS,
    _C.EDIT_INSIGHTS,
    _C.EDIT_REWARDS,
    _C.UNDO_FOR_OTHERS,
    _C.CHANGE_MANY,
    _C.USE_ADMIN,
    _C.EXPORT_DATA,
    _C.IMPORT_DATA,
}

GRANTS: Mapping[str, frozenset[Capability]] = {
    Role.OWNER: frozenset(Capability),
    Role.MANAGER: _MANAGER,
    Role.AGENT: _AGENT,
    Role.MARKETER: _EVERYBODY
    | {
        _C.SEE_CUSTOMERS,
        _C.SEE_SEGMENTS,
        _C.SEE_AUTOMATIONS,
        _C.EDIT_AUTOMATIONS,
        _C.EDIT_SEGMENTS,
        _C.SEE_INSIGHTS,
        _C.EDIT_REWARDS,
        _C.GIVE_REWARDS,
    },
    Role.ANALYST: _EVERYBODY | {_C.SEE_AUTOMATIONS, _C.SEE_SEGMENTS, _C.SEE_INSIGHTS},
}


# Who must have a second factor where REQUIRE_SECOND_FACTOR is on.
NEED_SECOND_FACTOR = frozenset({Role.OWNER.value, Role.MANAGER.value})


def allows(role: str, capability: Capability) -> bool:
    """Whether a role has a capability; what is no role has none."""
    return capability in GRANTS.get(role, frozenset())


# What a key of the API may be good for.
SCOPES = {
    "customers:read": "Read customers",
    "customers:write": "Create and change customers",
    "companies:read": "Read companies, and who belongs to them",
    "companies:write": "Create and change companies, and who belongs to them",
    "orders:write": "Record orders",
    "products:read": "Read products",
    "products:write": "Create and change products",
    "subscriptions:read": "Read contracts",
    "subscriptions:write": "Start and change contracts",
    "interactions:read": "Read the contact history",
    "interactions:write": "Log conversations",
    "messages:read": "Read what was sent, and why not",
    "automations:read": "Read automations, who is under way in them, and the calendar",
    "automations:switch": "Switch automations on and off",
    "asks:write": "Have customers asked a survey",
    "codes:redeem": "Check, keep, redeem and free codes",
    "balances:read": "Read balances of programmes",
    "balances:write": "Earn, keep, spend and give back in programmes",
    "answers:write": "Record answers to surveys",
    "insights:read": "Read the figures of Insights, without people",
}


View = Callable[..., HttpResponseBase]


def requires(capability: Capability) -> Callable[[View], View]:
    """Declare what a staff view needs; refuse everybody else with 403."""

    def declare(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            if not request.user.can(capability):  # type: ignore[union-attr] # @requires lets in only who has signed in
                raise PermissionDenied(capability.value)
            return view(request, *args, **kwargs)

        guarded.capability = capability  # type: ignore[attr-defined] # an attribute of the view itself
        return guarded

    return declare


def public(view: View) -> View:
    """Declare a view that anybody on the internet may open."""
    view.is_public = True  # type: ignore[attr-defined] # an attribute of the view itself
    view.login_required = False  # type: ignore[attr-defined] # an attribute of the view itself
    return view


def takes_any_post(view: View) -> View:
    """Declare a view that answers every POST itself, whatever its body and scheme.

    For the stop address of mails (RFC 8058): a mail program whose POST is redirected
    or refused reports success all the same, and the mails go on.
    """
    view.takes_any_post = True  # type: ignore[attr-defined] # an attribute of the view itself
    return view


def asked_by_itself(view: View) -> View:
    """Declare a view that an open page asks now and then: no sign that somebody is
    there, so that it keeps no session alive."""
    view.asked_by_itself = True  # type: ignore[attr-defined] # an attribute of the view itself
    return view


def needs_no_session(view: View) -> bool:
    """A page behind a link in a mail: open to all, and no cookie counts there."""
    return getattr(view, "is_public", False) and getattr(view, "csrf_exempt", False)
