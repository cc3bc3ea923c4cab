"""Companies, and the people who belong to them."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.urls import reverse

from crm.models.people import Customer


class Company(models.Model):
    """A company that people belong to. Names are not unique; branches share one.

    search_text is computed by crm/services/companies.py.
    """

    name = models.CharField(max_length=200)
    # As mail servers see it, in lower case.
    domain = models.CharField(max_length=253, blank=True, default="", db_default="")
    # No circles: crm/services/companies.py refuses them under one lock.
    parent = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="branches",
    )
    address = models.TextField(blank=True, default="", db_default="")
    note = models.TextField(blank=True, default="", db_default="")
    tags = ArrayField(
        models.CharField(max_length=60), default=list, db_default=[], blank=True
    )
    search_text = models.TextField(blank=True, default="", db_default="")
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1, db_default=1)

    class Meta:
        verbose_name_plural = "companies"
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="company_has_a_name"),
            models.CheckConstraint(
                condition=Q(parent=None) | ~Q(parent=F("id")),
                name="company_not_its_own_parent",
            ),
        ]
        indexes = [
            # The list and its pages, and the company of an imported name.
            models.Index(Lower("name"), "id", name="company_by_name"),
            models.Index(
                fields=["domain"], condition=~Q(domain=""), name="company_domain"
            ),
            GinIndex(
                OpClass("search_text", name="gin_trgm_ops"), name="company_search"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """The company's page for staff."""
        return reverse("crm:company", args=[self.pk])


class CompanyPerson(models.Model):
    """Somebody belongs to a company, in a role. A person may belong to several."""

    company = models.ForeignKey(
        Company, on_delete=models.CASCADE, related_name="people"
    )
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="companies", db_index=False
    )
    role = models.CharField(max_length=80, blank=True, default="", db_default="")
    created_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "people of companies"
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "company"], name="company_person_once"
            ),
        ]

    def __str__(self) -> str:
        return self.role
