"""The one row that describes the shop Perennial works for."""

from datetime import date, datetime

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q

from crm.models.fields import choice_check, pairs
from crm.rules import dates
from crm.rules.choices import ConsentBasis, LeapDay


class Business(models.Model):
    """Settings that staff edit. There is exactly one row, id 1."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, db_default=1)
    name = models.CharField(max_length=120)
    public_url = models.URLField(
        default="http://127.0.0.1:8000", db_default="http://127.0.0.1:8000"
    )
    postal_address = models.CharField(max_length=300, blank=True)
    # One sender per class of mail, so that one class cannot spoil another's name.
    from_name = models.CharField(max_length=75)
    from_transactional = models.EmailField()
    from_survey = models.EmailField()
    from_loyalty = models.EmailField()
    from_marketing = models.EmailField()
    reply_to = models.EmailField(blank=True)
    language = models.CharField(max_length=10, default="en", db_default="en")
    time_zone = models.CharField(max_length=64, default="UTC", db_default="UTC")
    country = models.CharField(max_length=2, blank=True)
    currency = models.CharField(max_length=3, default="EUR", db_default="EUR")
    leap_day = models.CharField(
        max_length=10,
        choices=pairs(LeapDay),
        default=LeapDay.FEB_28.value,
        db_default=LeapDay.FEB_28.value,
    )
    # Hours of the customer's own day in which nothing is sent; equal ends: never quiet.
    quiet_from = models.PositiveSmallIntegerField(
        default=21, db_default=21, validators=[MaxValueValidator(23)]
    )
    quiet_until = models.PositiveSmallIntegerField(
        default=8, db_default=8, validators=[MaxValueValidator(23)]
    )
    assumed_delivery_days = models.PositiveSmallIntegerField(default=4, db_default=4)
    survey_basis = models.CharField(
        max_length=10,
        choices=pairs(ConsentBasis),
        default=ConsentBasis.EXISTING.value,
        db_default=ConsentBasis.EXISTING.value,
    )
    loyalty_basis = models.CharField(
        max_length=10,
        choices=pairs(ConsentBasis),
        default=ConsentBasis.EXISTING.value,
        db_default=ConsentBasis.EXISTING.value,
    )
    # A campaign to more people than this needs the yes of a manager or owner.
    campaign_alone_up_to = models.PositiveIntegerField(default=500, db_default=500)
    # What is kept for how long: crm/kept_data.py.
    body_keep_days = models.PositiveSmallIntegerField(default=90, db_default=90)
    conversation_keep_days = models.PositiveSmallIntegerField(
        default=1095, db_default=1095
    )
    file_keep_days = models.PositiveSmallIntegerField(default=14, db_default=14)
    job_keep_days = models.PositiveSmallIntegerField(default=365, db_default=365)
    sign_in_keep_days = models.PositiveSmallIntegerField(default=365, db_default=365)
    log_keep_days = models.PositiveSmallIntegerField(default=30, db_default=30)
    journal_keep_days = models.PositiveSmallIntegerField(default=400, db_default=400)
    version = models.PositiveIntegerField(default=1, db_default=1)

    class Meta:
        verbose_name_plural = "business"
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="business_one_row"),
            models.CheckConstraint(
                condition=Q(quiet_from__lt=24, quiet_until__lt=24),
                name="business_quiet_hours",
            ),
            models.CheckConstraint(
                condition=Q(public_url__regex=r"^https?://[^/?#@[:space:]]+$"),
                name="business_public_url_is_origin",
            ),
            models.CheckConstraint(
                condition=Q(file_keep_days__range=(1, 365)),
                name="business_file_keep_days",
            ),
            models.CheckConstraint(
                condition=Q(
                    body_keep_days__range=(1, 3650),
                    conversation_keep_days__range=(30, 3650),
                    job_keep_days__range=(1, 3650),
                    sign_in_keep_days__range=(30, 3650),
                    log_keep_days__range=(1, 365),
                    journal_keep_days__range=(35, 3650),
                ),
                name="business_keep_days",
            ),
            choice_check("leap_day", LeapDay, name="business_leap_day"),
            choice_check("survey_basis", ConsentBasis, name="business_survey_basis"),
            choice_check("loyalty_basis", ConsentBasis, name="business_loyalty_basis"),
        ]

    def __str__(self) -> str:
        return self.name

    def day(self, moment: datetime) -> date:
        """The shop's own day at this moment."""
        return dates.local_day(moment, dates.zone_of(self.time_zone, "UTC"))

    def begins(self, day: date) -> datetime:
        """The first moment of a day of the shop's."""
        return dates.moment_at(day, 0, dates.zone_of(self.time_zone, "UTC"))

    @property
    def zone_name(self) -> str:
        """The IANA name of the zone of its days, as PostgreSQL knows it, too."""
        return dates.zone_of(self.time_zone, "UTC").key
