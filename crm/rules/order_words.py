"""What shops call the states of an order, and which of ours each word means.

Nothing here holds by itself: a preset proposes its words, and a refusal names them.
`refunded` is cancelled here: an order of which everything was paid back is no purchase.
"""

from collections.abc import Mapping

from crm.rules.choices import OrderState

PLACED, DELIVERED, CANCELLED = (
    OrderState.PLACED,
    OrderState.DELIVERED,
    OrderState.CANCELLED,
)
Words = Mapping[str, OrderState]

# Column "Financial Status" of Shopify's export of orders.
SHOPIFY_FINANCIAL: Words = {
    "paid": PLACED,
    "pending": PLACED,
    "authorized": PLACED,
    "partially_paid": PLACED,
    "partially_refunded": PLACED,
    "refunded": CANCELLED,
    "voided": CANCELLED,
    "expired": CANCELLED,
}
# Column "Fulfillment Status".
SHOPIFY_FULFILMENT: Words = {
    "fulfilled": DELIVERED,
    "unfulfilled": PLACED,
    "partial": PLACED,
    "pending": PLACED,
    "scheduled": PLACED,
    "on_hold": PLACED,
    "restocked": CANCELLED,
}
_WOOCOMMERCE: Words = {
    "completed": DELIVERED,
    "processing": PLACED,
    "on-hold": PLACED,
    "pending": PLACED,
    "cancelled": CANCELLED,
    "refunded": CANCELLED,
    "failed": CANCELLED,
    "trash": CANCELLED,
    "checkout-draft": CANCELLED,
}
_WOOCOMMERCE_LABELS: Words = {
    "on hold": PLACED,
    "pending payment": PLACED,
    "draft": CANCELLED,
}
WOOCOMMERCE: Words = {
    **_WOOCOMMERCE,
    **_WOOCOMMERCE_LABELS,
    **{f"wc-{word}": state for word, state in _WOOCOMMERCE.items()},
}
_OTHERS: Words = {
    "complete": DELIVERED,
    "shipped": DELIVERED,
    "sent": DELIVERED,
    "closed": DELIVERED,
    "open": PLACED,
    "new": PLACED,
    "void": CANCELLED,
    "declined": CANCELLED,
}
_ALL: Words = {**_OTHERS, **WOOCOMMERCE, **SHOPIFY_FULFILMENT, **SHOPIFY_FINANCIAL}


def proposal(word: str) -> OrderState | None:
    """What a word of any shop most likely means; people decide."""
    bare = " ".join(word.casefold().split())
    return _ALL.get(bare) or _ALL.get(bare.replace(" ", "_"))


def proposals(words: Mapping[str, OrderState]) -> dict[str, str]:
    """One of the tables above as values of a column: theirs -> ours."""
    return {theirs: ours.value for theirs, ours in words.items()}
