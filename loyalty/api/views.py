"""Check, keep, redeem and free a code for an order of a shop.

The same code with the same order is the same answer, however often it is sent.
"""

from collections.abc import Callable
from typing import Any, ClassVar, cast

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from crm import selectors
from crm.api.idempotency import idempotent
from crm.models import ApiToken
from loyalty.api.serializers import (
    CodeIn,
    CodeOrderIn,
    CodeOut,
    CodeUseIn,
    RedemptionOut,
)
from loyalty.choices import RedeemedBy
from loyalty.errors import CodeUnknown
from loyalty.models import Redemption
from loyalty.services import code_tries, codes
from loyalty.services.code_orders import Use
from web.api.fields import ErrorOut
from web.api.views import ApiView, parsed
from web.rules.money import valid_currency

_REFUSED = {404: ErrorOut, 409: ErrorOut, 429: ErrorOut}


class _CodeView(ApiView):
    """Wrong tries are counted outside of the transaction that a refusal undoes."""

    scopes: ClassVar = {"POST": "codes:redeem"}

    def counted(self, request: Request, act: Callable[[Request], Response]) -> Response:
        token = cast(ApiToken, request.auth)
        client = request.data.get("client") if isinstance(request.data, dict) else ""
        of_shop = f"token:{token.pk}"
        who = f"{of_shop}:{client}" if isinstance(client, str) and client else ""
        with code_tries.counted(client=who, shop=of_shop, now=timezone.now()):
            return act(request)


class CheckCode(_CodeView):
    """Says whether a code is good; changes nothing."""

    @extend_schema(
        request=CodeIn,
        responses={200: CodeOut, **_REFUSED},
        operation_id="v1_codes_check",
    )
    def post(self, request: Request) -> Response:
        """What it is worth now, and until when; nothing is changed."""
        return self.counted(request, self._check)

    def _check(self, request: Request) -> Response:
        given = parsed(CodeIn, request)
        customer = _customer(given)
        code = codes.check(given["code"], customer=customer, now=timezone.now())
        return Response(CodeOut(code).data)


class ReserveCode(_CodeView):
    """Reserves a code for an order."""

    @extend_schema(
        request=CodeUseIn,
        responses={200: RedemptionOut, **_REFUSED},
        operation_id="v1_codes_reserve",
    )
    def post(self, request: Request) -> Response:
        """Keep it for this order for half an hour; sent again, it begins anew."""
        return self.counted(request, self._reserve)

    @idempotent
    def _reserve(self, request: Request) -> Response:
        return _used(request, CodeUseIn, codes.reserve)


class RedeemCode(_CodeView):
    """Redeems a code for an order."""

    @extend_schema(
        request=CodeUseIn,
        responses={200: RedemptionOut, **_REFUSED},
        operation_id="v1_codes_redeem",
    )
    def post(self, request: Request) -> Response:
        """Use it for this order; it is good once."""
        return self.counted(request, self._redeem)

    @idempotent
    def _redeem(self, request: Request) -> Response:
        return _used(request, CodeUseIn, codes.redeem)


class ReleaseCode(_CodeView):
    """Gives a reserved code back."""

    @extend_schema(
        request=CodeOrderIn,
        responses={200: RedemptionOut, **_REFUSED},
        operation_id="v1_codes_release",
    )
    def post(self, request: Request) -> Response:
        """The order is off: the code is good again, if its life is not over."""
        return self.counted(request, self._release)

    @idempotent
    def _release(self, request: Request) -> Response:
        return _used(request, CodeOrderIn, codes.release)


def _used(
    request: Request,
    shape: type[serializers.Serializer[Any]],
    act: Callable[..., Redemption],
) -> Response:
    given = parsed(shape, request)
    currency, products = given.get("currency", ""), given.get("products")
    use = Use(
        order_key=given["order"],
        via=RedeemedBy.API,
        token=cast(ApiToken, request.auth),
        customer=_customer(given),
        total=given.get("total"),
        currency=valid_currency(currency) if currency else "",
        products=None if products is None else frozenset(products),
    )
    return Response(RedemptionOut(act(given["code"], use, now=timezone.now())).data)


def _customer(given: dict[str, Any]) -> int | None:
    """The id of a merged record leads to the kept one; of one that is gone no code is
    known."""
    if (pk := given.get("customer")) is None:
        return None
    found = selectors.live_record(pk)
    if found is None:
        raise CodeUnknown
    return found.pk
