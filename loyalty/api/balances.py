"""Balances of programmes over the API: read, earn, spend, keep, use and give back.

The same `key` with the same member is the same spending, however often it is sent.
"""

from collections.abc import Callable
from typing import Any, ClassVar, cast

from django.db.models import Q, QuerySet
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from crm import selectors
from crm.api.idempotency import idempotent
from crm.models import ApiToken, Customer
from loyalty.api.balance_serializers import (
    BalanceOut,
    BalancesOut,
    EarnedOut,
    EarnIn,
    EntryOut,
    KeyIn,
    ReverseIn,
    SpendIn,
    SpendingOut,
)
from loyalty.models import Entry, Membership, Programme, Rule, Spending
from loyalty.selectors import programmes as found
from loyalty.services.programmes import manual_entries, members, spending, undoing
from loyalty.services.programmes.spending import Wanted
from web.api.fields import ErrorOut
from web.api.pages import PARAMETERS, only, page, page_of, whole_number
from web.api.views import ApiView, parsed
from web.errors import NotFound

_REFUSED = {404: ErrorOut, 409: ErrorOut}


class Balances(ApiView):
    """What a customer has in programmes: read it."""

    scopes: ClassVar = {"GET": "balances:read"}

    @extend_schema(
        parameters=[
            OpenApiParameter("customer", OpenApiTypes.INT, required=True),
        ],
        responses={200: BalancesOut, 404: ErrorOut},
        operation_id="v1_balances",
    )
    def get(self, request: Request) -> Response:
        """What a customer has in each programme that they take part in, or left with
        a balance."""
        only(request, "customer")
        customer = _customer(whole_number(request, "customer", default=0))
        today = selectors.business().day(timezone.now())
        rows = [
            {"member": row, "standing": found.standing(row, today=today)}
            for row in found.memberships(customer.pk)
        ]
        return Response({"balances": BalanceOut(rows, many=True).data})


class Entries(ApiView):
    """The ledger of a customer: list it."""

    scopes: ClassVar = {"GET": "balances:read"}

    @extend_schema(
        parameters=[
            OpenApiParameter("customer", OpenApiTypes.INT, required=True),
            OpenApiParameter("programme", OpenApiTypes.INT, required=True),
            *PARAMETERS,
        ],
        responses={200: page_of(EntryOut), 404: ErrorOut},
        operation_id="v1_balances_entries",
    )
    def get(self, request: Request) -> Response:
        """The ledger of a customer in a programme, the oldest entry first."""
        only(request, "customer", "programme")
        customer = _customer(whole_number(request, "customer", default=0))
        programme = whole_number(request, "programme", default=0)
        member = Membership.objects.filter(
            customer=customer, programme=programme
        ).first()
        if member is None:
            raise NotFound
        return Response(page(request, member.entries.all(), EntryOut))


class Earn(ApiView):
    """Records an event that earns."""

    scopes: ClassVar = {"POST": "balances:write"}

    @extend_schema(
        request=EarnIn,
        responses={200: EarnedOut, **_REFUSED},
        operation_id="v1_balances_earn",
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """They did what a rule rewards: once, or once for each `once`."""
        given = parsed(EarnIn, request)
        customer = _customer(given["customer"])
        rule = _rules(given["programme"], given["event"], given["key"]).first()
        if rule is None:
            raise NotFound
        entry = manual_entries.tick(
            rule, customer, once=given["once"], now=timezone.now()
        )
        return Response(EarnedOut(entry).data)


class Reverse(ApiView):
    """Takes an earning back."""

    scopes: ClassVar = {"POST": "balances:write"}

    @extend_schema(
        request=ReverseIn,
        responses={200: EntryOut, **_REFUSED},
        operation_id="v1_balances_reverse",
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Take back what was earned by a first step, over the API, at the till or by
        hand; once, however often it is sent. What orders, occasions and reviews earn
        follows them."""
        given = parsed(ReverseIn, request)
        customer = _customer(given["customer"])
        rows = Entry.objects.filter(
            Q(membership__customer=customer)
            | Q(membership__customer__merged_into=customer),
            membership__programme=given["programme"],
        )
        rows = rows.select_related("membership", "rule_version__rule")
        entry = rows.filter(pk=given["entry"]).first()
        if entry is None:
            raise NotFound
        return Response(EntryOut(undoing.reverse(entry, now=timezone.now())).data)


class Reserve(ApiView):
    """Reserves a part of a balance for an order."""

    scopes: ClassVar = {"POST": "balances:write"}

    @extend_schema(
        request=SpendIn,
        responses={200: SpendingOut, **_REFUSED},
        operation_id="v1_balances_reserve",
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Keep so many units for an order for half an hour; sent again, it begins
        anew."""
        return _spent(request, spending.reserve)


class Spend(ApiView):
    """Spends a part of a balance at once."""

    scopes: ClassVar = {"POST": "balances:write"}

    @extend_schema(
        request=SpendIn,
        responses={200: SpendingOut, **_REFUSED},
        operation_id="v1_balances_spend",
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Use so many units at once, or those that were kept under the same key."""
        return _spent(request, spending.spend)


class Commit(ApiView):
    """Makes a reserved spending final."""

    scopes: ClassVar = {"POST": "balances:write"}

    @extend_schema(
        request=KeyIn,
        responses={200: SpendingOut, **_REFUSED},
        operation_id="v1_balances_commit",
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Use what was kept."""
        return _decided(request, spending.commit)


class Release(ApiView):
    """Gives a reserved spending back."""

    scopes: ClassVar = {"POST": "balances:write"}

    @extend_schema(
        request=KeyIn,
        responses={200: SpendingOut, **_REFUSED},
        operation_id="v1_balances_release",
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Give back what was kept or used; each part has its old last day."""
        return _decided(request, spending.release)


def _spent(request: Request, act: Callable[..., Spending]) -> Response:
    given = parsed(SpendIn, request)
    wanted = Wanted(
        amount=given["amount"],
        key=given["key"],
        order=given["order"],
        total=given["total"],
        token=cast(ApiToken, request.auth),
    )
    return Response(SpendingOut(act(_member(given), wanted, now=timezone.now())).data)


def _decided(request: Request, act: Callable[..., Spending]) -> Response:
    given = parsed(KeyIn, request)
    done = act(_member(given), given["key"], now=timezone.now())
    return Response(SpendingOut(done).data)


def _customer(pk: int) -> Customer:
    """The id of a merged record leads to the kept one."""
    customer = selectors.live_record(pk)
    if customer is None:
        raise NotFound
    return customer


def _rules(programme: int, event: str, key: str) -> "QuerySet[Rule]":
    rows = Rule.objects.filter(programme=programme, event=event, ended_at=None)
    return rows.filter(key=key).select_related("programme").order_by("pk")


def _member(given: dict[str, Any]) -> Membership:
    programme = Programme.objects.filter(pk=given["programme"]).first()
    if programme is None:
        raise NotFound
    customer, now = _customer(given["customer"]), timezone.now()
    rows = Membership.objects.filter(programme=programme, customer=customer)
    # Anyone who has left may still spend what they have.
    return rows.first() or members.member_of(programme, customer, now=now)
