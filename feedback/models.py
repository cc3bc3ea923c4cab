"""Reviews: asked of everybody by the same rule, read by a person, then public."""

from django.db import models
from django.db.models import F, Q

from crm.models import Customer, Order, Product, User
from crm.models.fields import choice_check, pairs
from feedback.choices import HeldReason, RequestState, ReviewState
from messaging.models import Message


class ReviewRequest(models.Model):
    """One request for one order; the same link edits and withdraws the review."""

    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="review_requests"
    )
    order = models.OneToOneField(
        Order, on_delete=models.PROTECT, related_name="review_request"
    )
    message = models.OneToOneField(
        Message,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="review_request",
    )
    requested_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    state = models.CharField(
        max_length=10,
        choices=pairs(RequestState),
        default=RequestState.OPEN.value,
        db_default=RequestState.OPEN.value,
    )

    class Meta:
        constraints = [
            choice_check("state", RequestState, name="review_request_state"),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("requested_at")),
                name="review_request_has_life",
            ),
        ]

    def __str__(self) -> str:
        return f"review request for order {self.order_id}"


class Review(models.Model):
    """What a customer wrote about an order. It is published or rejected for what it
    says, never for its stars."""

    request = models.OneToOneField(
        ReviewRequest, on_delete=models.PROTECT, related_name="review"
    )
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="reviews", db_index=False
    )
    # What it is about; empty: the whole order.
    product = models.ForeignKey(
        Product, on_delete=models.PROTECT, null=True, blank=True, related_name="reviews"
    )
    stars = models.PositiveSmallIntegerField()
    body = models.TextField(blank=True)
    name_shown = models.CharField(max_length=80, blank=True)
    language = models.CharField(max_length=10, blank=True)
    state = models.CharField(
        max_length=9,
        choices=pairs(ReviewState),
        default=ReviewState.HELD.value,
        db_default=ReviewState.HELD.value,
    )
    held_reason = models.CharField(max_length=10, choices=pairs(HeldReason), blank=True)
    written_at = models.DateTimeField()
    edited_at = models.DateTimeField(null=True, blank=True)
    moderated_at = models.DateTimeField(null=True, blank=True)
    moderated_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    moderation_note = models.CharField(max_length=300, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1, db_default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(stars__range=(1, 5)), name="review_stars_1_to_5"
            ),
            choice_check("state", ReviewState, name="review_state"),
            models.CheckConstraint(
                condition=Q(state="published", published_at__isnull=False)
                | ~Q(state="published"),
                name="review_published_has_time",
            ),
        ]
        indexes = [
            # Timeline of one customer, newest first.
            models.Index(
                F("customer"),
                F("written_at").desc(),
                F("id").desc(),
                name="review_timeline",
            ),
            # The tabs of the moderation list, in both directions.
            models.Index(fields=["state", "written_at", "id"], name="review_by_state"),
            # The public page, newest first.
            models.Index(
                F("published_at").desc(),
                F("id").desc(),
                condition=Q(state="published"),
                name="review_public",
            ),
            # The public page of one product, newest first.
            models.Index(
                F("product"),
                F("published_at").desc(),
                F("id").desc(),
                condition=Q(state="published"),
                name="review_public_product",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.stars} of 5"

    @property
    def drawn(self) -> str:
        """★★★★☆; neutral letters, so that they follow the direction of the page."""
        return "★" * self.stars + "☆" * (5 - self.stars)

    @property
    def may_be_published(self) -> bool:
        return self.state in {ReviewState.HELD.value, ReviewState.REJECTED.value}

    @property
    def may_be_rejected(self) -> bool:
        return self.state in {ReviewState.HELD.value, ReviewState.PUBLISHED.value}


class ReviewVersion(models.Model):
    """The review as it stood before the customer edited it."""

    review = models.ForeignKey(
        Review, on_delete=models.CASCADE, related_name="versions"
    )
    version = models.PositiveIntegerField()
    stars = models.PositiveSmallIntegerField()
    body = models.TextField(blank=True)
    name_shown = models.CharField(max_length=80, blank=True)
    replaced_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["review", "version"], name="review_version_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.review_id} v{self.version}"
