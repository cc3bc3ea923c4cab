"""Opt-outs and consents in a file of customers: see crm/import_columns.py.

* "No" in a column of consent, a moment at which somebody unsubscribed and a mark that
  they did stop mail: that of the operator's choice, all classes by default.
* A moment at which a mailbox was found not to exist, and what suppresses an address,
  bar the address.
* "Yes" grants nothing, unless the operator names the column (`email_consent`) and says
  in words where that yes was given. Then it is a yes to offers, and it never stands
  against a no that is on record, from whatever source. `birthday_consent` is the same
  for greetings on a birthday: without it a birthday of a file leads to no greeting.
"""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from crm.import_columns import (
    ImportContext,
    ImportField,
    ImportGroup,
    Reader,
    StagedRows,
    register,
)
from crm.services.imports import kinds, values
from crm.services.imports.values import Refused
from crm.services.imports.values.words import mapped
from messaging.rules.choices import Category, SuppressionReason
from messaging.rules.opt_outs import OptOut, in_one_word
from messaging.services.mail_wishes import Wish, apply_wishes
from messaging.services.opt_outs import OPT_OUTS, scopes_of
from messaging.sql import mail_wishes as sql

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise


YES, NO, BOUNCE, COMPLAINT = "yes", "no", "bounce", "complaint"
_MEANS = {
    OptOut.WITHDRAWAL: NO,
    OptOut.BOUNCE: BOUNCE,
    OptOut.COMPLAINT: COMPLAINT,
}
# Who never agreed has neither said yes nor no.
_AGREED = frozenset({"yes", "true", "1", "subscribed", "confirmed", "active", "y"})
_REFUSED = frozenset({"no", "false", "0", "n", "none"})
_AGREED_ELSEWHERE = frozenset({"是", "已订阅", "已訂閱", "כן", "רשום"})
_REFUSED_ELSEWHERE = frozenset({"否", "לא"})


_SHOWN: "Mapping[str, str | StrPromise]" = {
    YES: _("yes"),
    NO: _("no"),
    BOUNCE: _("bounced"),
    COMPLAINT: _("marked as spam"),
}
# Of a column that asks whether somebody opted out.
_OPTED_OUT = {**_SHOWN, NO: _("opted out")}


def _status(context: ImportContext) -> Reader:
    """Yes, no, bounce or complaint, as a column that asks for a yes says it. An
    unknown word is no yes and stops nothing."""

    def read(cell: str) -> str:
        word = cell.strip().casefold()
        if word in _AGREED | _AGREED_ELSEWHERE:
            return YES
        if word in _REFUSED | _REFUSED_ELSEWHERE:
            return NO
        found = in_one_word(cell)
        return _MEANS.get(found, "") if found else ""

    return mapped(read, context.options.cells.words_of("consent"))


def _mark(context: ImportContext) -> Reader:
    """As a column says it that asks whether somebody opted out: "yes" is a no."""

    def read(cell: str) -> str:
        word = cell.strip().casefold()
        if word in _REFUSED | _REFUSED_ELSEWHERE | {"subscribed"}:
            return ""
        return _MEANS.get(in_one_word(cell) or OptOut.WITHDRAWAL, NO)

    return read


def _moment(context: ImportContext) -> Reader:
    """A day that cannot be read is today: that it happened is what counts."""
    read = values.moments(
        context.zone,
        context.shop_zone,
        context.now,
        order=context.options.date_order,
    )

    def moment(cell: str) -> str:
        found = read(cell)
        if found is None or isinstance(found, Refused):
            return context.now.isoformat()
        return min(datetime.fromisoformat(found.at), context.now).isoformat()

    return moment


def _field(
    name: str,
    label: "str | StrPromise",
    reader: Callable[[ImportContext], Reader],
    *synonyms: str,
    is_moment: bool = False,
) -> ImportField:
    return ImportField(
        name=name,
        label=label,
        reader=reader,
        sql_type="timestamptz" if is_moment else "text",
        synonyms=synonyms,
        shown={} if is_moment else (_OPTED_OUT if reader is _mark else _SHOWN),
    )


# A yes in these columns is one, where the operator says in words where it was given.
_ASKED = {"email_consent": Category.MARKETING, "birthday_consent": Category.BIRTHDAY}
_FIELDS = (
    # Mapped by hand only: see the module.
    _field("email_consent", _("Yes to offers"), _status),
    _field("birthday_consent", _("Yes to birthday greetings"), _status),
    _field(
        "accepts_marketing",
        _("Accepts marketing"),
        _status,
        *("accepts email marketing", "email marketing status", "marketing consent"),
        *("email marketing consent", "email marketing", "consent", "opt-in"),
        *("marketing permission", "newsletter", "email_opt_in", "member_status"),
        *("接受营销", "接受行銷", "营销同意", "行銷同意", "訂閱電子報", "订阅邮件"),
        *("הסכמה לדיוור", "אישור דיוור", "מאשר דיוור", "דיוור"),
    ),
    _field(
        "unsubscribed",
        _("Unsubscribed"),
        _mark,
        *("unsubscribed from all email", "opted out", "opt-out", "opted out of email"),
        *(
            "email opt out",
            "email suppressions",
            "do not email",
            "退订",
            "退訂",
            "הוסר",
        ),
    ),
    _field(
        "unsub_time",
        _("Unsubscribed on"),
        _moment,
        *("unsubscribed at", "optout_time", "opted out at", "unsubscribe date"),
        *("退订时间", "退訂時間", "תאריך הסרה"),
        is_moment=True,
    ),
    _field("clean_time", _("Bounced on"), _moment, "cleaned at", is_moment=True),
    _field(
        "consent_time",
        _("Agreed on"),
        _moment,
        *("optin_time", "confirm_time", "email marketing consent timestamp"),
        *("consent timestamp", "accepts_marketing_updated_at"),
        is_moment=True,
    ),
)


def _apply(rows: StagedRows) -> Collection[int]:
    if not rows.fields - {"consent_time"}:
        return ()
    options = rows.context.options
    words = f"Import {rows.run_id}" if rows.run_id else ""
    found = [
        Wish(
            line=no,
            customer=customer,
            email=email or "",
            is_left=is_left,
            agreed=_agreed(asked, greets),
            has_stopped=NO in {asked, status, mark} or unsub is not None,
            barred=_barred({asked, status, mark}, clean),
            stopped_at=unsub or rows.context.now,
            barred_at=clean or rows.context.now,
            agreed_at=agreed_at or rows.context.now,
            words=words,
        )
        for (no, customer, is_left, email), (asked, greets, status, mark), (
            unsub,
            clean,
            agreed_at,
        ) in ((row[:4], row[4:8], row[8:]) for row in rows.fetch(sql.told(rows.table)))
    ]
    return apply_wishes(
        found,
        categories=scopes_of(options),
        granted_by=options.consent if rows.fields & {*_ASKED} else "",
        notes=rows.notes,
        now=rows.context.now,
        is_dry=rows.is_dry,
    )


def _agreed(*cells: str | None) -> list[Category]:
    """The classes that these cells say yes to, in the order of the columns."""
    asked = zip(_ASKED.values(), cells, strict=True)
    return [category for category, cell in asked if cell == YES]


def _barred(cells: set[str | None], clean: datetime | None) -> SuppressionReason | None:
    if COMPLAINT in cells:
        return SuppressionReason.COMPLAINT
    return SuppressionReason.BOUNCE if BOUNCE in cells or clean else None


register(
    ImportGroup(
        name="mail_wishes",
        fields=_FIELDS,
        apply=_apply,
        words={
            "opted_out": _("opted out: such mail no longer goes to them"),
            "address_barred": _("with an address that bounced or complained"),
            "consent_given": _("agreed to offers, as the column says"),
            "birthday_consent_given": _("agreed to birthday greetings, as it says"),
            "consent_kept_no": _("said yes there and no here: the no stands"),
            # Of a list of opt-outs.
            "not_an_opt_out": _(
                "about somebody who did not opt out: nothing is stopped"
            ),
            "kind_unknown": _("with an unknown kind, taken for an opt-out"),
            "scope_unknown": _("with unknown classes of mail, taken for all"),
            "moment_unknown": _("with an unreadable day, taken for today"),
        },
    )
)
kinds.register(OPT_OUTS)
