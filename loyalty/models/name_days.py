"""Calendars of name days. They hold names of calendars, nothing about customers."""

from django.db import models
from django.db.models import Q

from crm.models.fields import NameKey


class NameDayCalendar(models.Model):
    """One list of names. Of several for a country the older one counts that has the
    name; without one for the customer's country, those in their language do."""

    name = models.CharField(max_length=120)
    # ISO 3166-1 (LV), and the first part of a language code (lv); one of them at least.
    country = models.CharField(max_length=2, blank=True)
    language = models.CharField(max_length=3, blank=True)
    # From where the names are, and on what terms they may be used.
    source = models.CharField(max_length=200)
    licence = models.CharField(max_length=200)
    # Which Easter the movable days hang on.
    is_orthodox = models.BooleanField(default=False, db_default=False)
    is_used = models.BooleanField(default=True, db_default=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["name"], name="name_day_calendar_once"),
            models.CheckConstraint(
                condition=~Q(country="") | ~Q(language=""),
                name="name_day_calendar_of_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(name="") & ~Q(source="") & ~Q(licence=""),
                name="name_day_calendar_says_whence",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class NameDay(models.Model):
    """A name on a day of the year, or so many days after Easter."""

    calendar = models.ForeignKey(
        NameDayCalendar, on_delete=models.CASCADE, related_name="days", db_index=False
    )
    name = models.CharField(max_length=60)
    key = models.GeneratedField(
        expression=NameKey("name"),
        output_field=models.TextField(),
        db_persist=True,
    )
    month = models.PositiveSmallIntegerField(null=True, blank=True)
    day = models.PositiveSmallIntegerField(null=True, blank=True)
    from_easter = models.SmallIntegerField(null=True, blank=True)
    # The one day on which people of that name are greeted.
    is_main = models.BooleanField(default=False, db_default=False)

    class Meta:
        ordering = ["month", "day", "from_easter", "name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(month__range=(1, 12), day__range=(1, 31), from_easter=None)
                | Q(month=None, day=None, from_easter__range=(-120, 120)),
                name="name_day_has_one_day",
            ),
            models.CheckConstraint(condition=~Q(name=""), name="name_day_has_a_name"),
            models.UniqueConstraint(
                fields=["calendar", "key"],
                condition=Q(is_main=True),
                name="name_day_main_once",
            ),
        ]
        indexes = [
            # The sweep: whose day it is, and which calendar counts for a name.
            models.Index(fields=["key", "calendar"], name="name_day_key"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.calendar_id}"
