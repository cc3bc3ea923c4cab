"""What an app declares to send mail through the one pipeline. All of it set-based.

It registers its kinds in `<app>/kinds.py`: `register(SurveyRegularly())`.
Autodiscovered when Django starts.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from messaging.kind_parts import (
    Due,
    FollowingStep,
    Letter,
    LinkTo,
    MailContext,
    Wait,
    Window,
)
from messaging.kind_registry import all_kinds, find, get, register, today_called
from messaging.models.steps import MOST_STEPS
from messaging.rules.choices import Category, OnUncertain, Reentry
from messaging.rules.send_decision import Reason
from messaging.starting_points import Group, StartingPoint
from messaging.transports.base import AttachedFile
from messaging.wording_fields import WordingField
from messaging.words import plain_mail

if TYPE_CHECKING:
    from messaging.models import Automation, Message

__all__ = [
    "AttachedFile",
    "DirectKind",
    "Due",
    "FollowingStep",
    "Group",
    "Kind",
    "Letter",
    "LetterKind",
    "LinkTo",
    "MailContext",
    "Reason",
    "StartingPoint",
    "Wait",
    "Window",
    "WordingField",
    "all_kinds",
    "find",
    "get",
    "plain_mail",
    "register",
    "swept_kinds",
    "today_called",
]


class Kind(ABC):
    """One kind of mail. Subclass it, set the words, write the three functions."""

    name: ClassVar[str]
    # What it was called in earlier versions: journals of those days still say so.
    former_names: ClassVar[frozenset[str]] = frozenset()
    label: ClassVar[Any]  # lazy: "Anniversary"
    summary: ClassVar[Any]  # lazy: one sentence for the automations page
    category: ClassVar[Category]
    template: ClassVar[str]  # "emails/loyalty/anniversary"
    on_uncertain: ClassVar[OnUncertain] = OnUncertain.PARK
    is_reminder: ClassVar[bool] = False
    # False: no one may read it afterwards, not even with the outbox transport.
    keeps_body: ClassVar[bool] = True
    # Lazy: what stands in its place then.
    not_kept: ClassVar[Any] = _(
        "This mail is written when it goes, and never kept or shown here."
    )
    # Set to a name, `due` has a row for each thing that is due, and a sweep plans one
    # message per customer: the occurrence and day of the first, and under this name in
    # `why` the list of them all.
    gathers: ClassVar[str] = ""
    # False: an occurrence is one for all automations of the kind (one anniversary a
    # year, whoever plans it). True: each automation has its own (a survey).
    occurs_per_automation: ClassVar[bool] = False
    # True: several of the kind do not compete; whoever is in two audiences gets both.
    stands_alone: ClassVar[bool] = False
    # False: there need not be one of it; staff make those they want.
    has_one_always: ClassVar[bool] = True
    # Settings that mean nothing for it: no form asks for them.
    fixed_settings: ClassVar[frozenset[str]] = frozenset()
    # Drawn on the page of an automation with what `panel` returns, in the place of the
    # switch: the kind has its own way to begin and end.
    panel_template: ClassVar[str] = ""
    # False: its audience must not choose people by what they think of us.
    may_choose_by_opinion: ClassVar[bool] = True
    # What the automation starts with; staff may change it there. Priority: where a new
    # one stands among the others.
    priority: ClassVar[int] = 50
    life_days: ClassVar[int] = 7
    send_hour: ClassVar[int] = 9
    offset_days: ClassVar[int] = 0
    # Whether it waits for the next working day of the customer's country. False: the
    # day itself matters more (a feast is a public holiday).
    rests: ClassVar[bool] = True
    # True: `due` finds all customers; planning asks for the audience as a whole.
    is_to_everybody: ClassVar[bool] = False
    # Where `due` reads all customers: for so long a sweep does not look again, unless
    # the automation changed or another day came into the window. Anyone who joins
    # meanwhile is found by the next look.
    look_holds_for: ClassVar[timedelta] = timedelta(0)
    default_params: ClassVar[dict[str, Any]] = {}
    params_form: ClassVar[type[forms.Form] | None] = None
    # Cards of the gallery, and what an automation's day is called in its sentence:
    # "the anniversary", so that it can say "3 days after the anniversary".
    starting_points: ClassVar[tuple[StartingPoint, ...]] = ()
    occasion: ClassVar[Any] = _("the day it falls due")
    reentry: ClassVar[Reentry] = Reentry.PER_OCCURRENCE
    wording: ClassVar[tuple[WordingField, ...]] = ()
    # Behind the first, which `due` plans; at most four.
    following: ClassVar[tuple[FollowingStep, ...]] = ()
    # How many steps staff may make of it, and whether the last of them may be an offer.
    most_steps: ClassVar[int] = MOST_STEPS
    may_end_with_offer: ClassVar[bool] = True
    # True: its first mail has products to order in it, beside the words of staff.
    lists_products: ClassVar[bool] = False
    sample_words: ClassVar[Mapping[str, str]] = {}

    def refresh(self, automation: "Automation", now: datetime) -> None:  # noqa: B027
        """Bring maintained tables up to date before `due`; most kinds have none.

        Before the sweep's own transaction, so that long work may commit in slices;
        two sweeps may be here at once. Inside a transaction where the sweep is only
        tried out.
        """

    def category_of(self, automation: "Automation") -> Category:
        """The class of the mail of this automation."""
        return self.category

    def step_category(self, automation: "Automation", *, has_offer: bool) -> Category:
        """That of one step: an offer makes it marketing."""
        return Category.MARKETING if has_offer else self.category_of(automation)

    def words_of(self, automation: "Automation") -> Mapping[str, Any]:
        """Lazy texts by field of its wording that take the place of their defaults,
        where those depend on what this automation is about."""
        return {}

    def languages_of(self, automation: "Automation") -> list[str]:
        """Those it can be written in; whoever reads another one gets the shop's."""
        return [code for code, _name in settings.LANGUAGES]

    def panel(self, automation: "Automation", now: datetime) -> object:
        """What `panel_template` finds as `panel`."""
        return None

    def params_in_words(self, automation: "Automation") -> str:
        """What was chosen in its `params_form`, for the sentence of the automation."""
        return ""

    def occurrence_prefix(self, automation: "Automation") -> str:
        """What planning puts before the occurrences that `due` returns."""
        return f"{automation.pk}:" if self.occurs_per_automation else ""

    @abstractmethod
    def due(
        self, automation: "Automation", window: Window, now: datetime
    ) -> QuerySet[Any, dict[str, Any]] | Due:
        """Who is due on a local day inside the window.

        A QuerySet of values: customer_id, occurrence (text), due_on (date), why
        (jsonb, ids and numbers only). Exactly these four, in this order; planning
        wraps it in one INSERT ... SELECT, and passes by customers who were merged or
        erased: what starts from another table need not join them.
        """

    def due_ahead(
        self, automation: "Automation", window: Window, now: datetime
    ) -> QuerySet[Any, dict[str, Any]] | Due:
        """The same for a forecast of many days. Overridden where `due` leaves out for
        now whoever has another mail of the kind under way."""
        return self.due(automation, window, now)

    def due_to_all(
        self, automation: "Automation", window: Window
    ) -> Mapping[str, date] | None:
        """The occurrences that `due` finds and the day of each, where they are the same
        for every live customer: a forecast then looks at one of all with the same
        outcome. None: they are not."""
        return None

    def planned(self, ids: Sequence[int], now: datetime) -> None:  # noqa: B027
        """These were planned a moment ago, in this transaction: note what they hold."""

    def no_longer_due(
        self, messages: Sequence["Message"], now: datetime
    ) -> dict[int, Reason]:
        """Message id to the reason it should not be sent any more. Asked at the claim.
        Here and in `prepare` the messages come with their recipients.

        A reason whose code begins with "superseded" ends the message as superseded
        (its key is free again); any other ends it as cancelled.
        """
        return {}

    def put_off(self, messages: Sequence["Message"], now: datetime) -> dict[int, Wait]:
        """Message id to why it has to wait for a place, where there are only so many.
        Asked at the claim and after all else: whoever gets this far takes one. Kinds
        that inherit one method are asked by one call, with the mails of all of them."""
        return {}

    def refused_ahead(self, automation: "Automation", now: datetime) -> Due | None:
        """Of its mails in a forecast what `no_longer_due` will say, as far as it can be
        known ahead: SQL of (id, code of the reason) from `mail`, which has an id,
        automation_id, customer_id, due_on, moment and expires_at."""
        return None

    def apart_ahead(self, automation: "Automation", now: datetime) -> Due | None:
        """What `refused_ahead` hangs on beside the day of a mail, where that is known
        of people: SQL of (customer_id, a text) of whom there is anything to say. Then
        a forecast asks it only of one of all who fare alike. None: it hangs on more."""
        return None

    def put_off_ahead(self, automation: "Automation", now: datetime) -> Due | None:
        """The same of `put_off`: SQL of (id, code, the later day on which it has its
        place) from `mail`; without a day its life ends before."""
        return None

    @abstractmethod
    def prepare(
        self, messages: Sequence["Message"], now: datetime
    ) -> dict[int, MailContext]:
        """Message id to what its templates need. May write rows (invitations)."""

    def following_reason(self) -> str:
        """Why they get the mails of its later steps, in the active language."""
        return gettext("You get this mail because you are a customer of ours.")

    @abstractmethod
    def explain(self, messages: Sequence["Message"]) -> dict[int, str]:
        """Message id to why it exists, as one sentence for staff, in their language."""

    @abstractmethod
    def sample(self, language: str, now: datetime) -> MailContext:
        """A context for the preview, the test mail and the rendering test."""

    def sample_of(
        self, automation: "Automation", language: str, now: datetime
    ) -> MailContext:
        """The same of this automation, where that decides what its mails hold."""
        return self.sample(language, now)


class DirectKind(Kind):
    """A mail that somebody just asked for (`messaging.services.direct.post`): it has no
    automation, and no sweep finds it due."""

    category = Category.TRANSACTIONAL
    # The life of one: whoever waits for it is not served by it tomorrow.
    life: ClassVar[timedelta]

    def due(
        self, automation: "Automation", window: Window, now: datetime
    ) -> QuerySet[Any, dict[str, Any]] | Due:
        raise TypeError(f"{self.name} is posted, never swept")


class LetterKind(DirectKind):
    """Mails that people write: no template and no wording, the letter is all.

    What it says is kept by the app that declares the kind, never as a body here.
    """

    template = ""
    keeps_body = False

    @abstractmethod
    def letters(
        self, messages: Sequence["Message"], now: datetime
    ) -> dict[int, Letter]:
        """Message id to the mail as it goes to that recipient. One that is missing
        fails as a mail that cannot be written."""

    def prepare(
        self, messages: Sequence["Message"], now: datetime
    ) -> dict[int, MailContext]:
        raise TypeError(f"{self.name} has letters, not templates")

    def sample(self, language: str, now: datetime) -> MailContext:
        raise TypeError(f"{self.name} has letters, not templates")


def swept_kinds() -> list[Kind]:
    """Those that staff switch on and off: all but the direct ones."""
    return [kind for kind in all_kinds() if not isinstance(kind, DirectKind)]
