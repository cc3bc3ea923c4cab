"""What customers bought."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import OpClass
from django.core.validators import URLValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper

from crm.models.fields import choice_check, pairs
from crm.models.people import Customer
from crm.rules.choices import Nature, OrderNature, OrderState, ProductNature
from web.rules import money

PAGE = URLValidator(schemes=["http", "https"])


class Product(models.Model):
    """Something that is sold, by the source it comes from and its SKU there."""

    source = models.CharField(max_length=40, default="main", db_default="main")
    sku = models.CharField(max_length=120)
    name = models.CharField(max_length=300, blank=True)
    category = models.CharField(max_length=120, blank=True)
    nature = models.CharField(
        max_length=12,
        choices=pairs(ProductNature),
        default=ProductNature.PRODUCT.value,
        db_default=ProductNature.PRODUCT.value,
    )
    # What one costs now, as staff or their shop say; what was paid is on the lines.
    price = models.DecimalField(
        max_digits=14, decimal_places=money.MOST_PLACES, null=True, blank=True
    )
    currency = models.CharField(max_length=3, blank=True, default="", db_default="")
    # Its page in the shop, and a picture of it.
    link = models.CharField(
        max_length=500, blank=True, default="", db_default="", validators=[PAGE]
    )
    picture = models.CharField(
        max_length=500, blank=True, default="", db_default="", validators=[PAGE]
    )
    is_available = models.BooleanField(default=True, db_default=True)
    # The months (1 to 12) in which it is wanted; none: the whole year.
    season_months = ArrayField(
        models.PositiveSmallIntegerField(), blank=True, default=list, db_default=[]
    )
    days_of_supply = models.PositiveSmallIntegerField(null=True, blank=True)
    # The tax that its price contains, in percent; null: not known.
    tax_percent = models.DecimalField(
        max_digits=5, decimal_places=2, null=True, blank=True
    )
    version = models.PositiveIntegerField(default=1, db_default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "sku"], name="product_sku_once"),
            choice_check("nature", ProductNature, name="product_nature"),
            models.CheckConstraint(
                condition=Q(price=None) | Q(price__gte=0) & ~Q(currency=""),
                name="product_price_has_currency",
            ),
            models.CheckConstraint(
                condition=Q(link="") | Q(link__regex="^https?://"),
                name="product_link_is_page",
            ),
            models.CheckConstraint(
                condition=Q(picture="") | Q(picture__regex="^https?://"),
                name="product_picture_is_page",
            ),
            models.CheckConstraint(
                condition=Q(season_months__contained_by=list(range(1, 13))),
                name="product_season_is_months",
            ),
            models.CheckConstraint(
                condition=Q(days_of_supply=None) | Q(days_of_supply__gte=1),
                name="product_supply_lasts",
            ),
            models.CheckConstraint(
                condition=Q(tax_percent=None)
                | Q(tax_percent__gte=0, tax_percent__lt=100),
                name="product_tax",
            ),
        ]
        indexes = [
            # Others of a category at a price (loyalty/sql/suggestions.py).
            models.Index(
                fields=["category", "price"],
                condition=Q(nature="product", is_available=True, price__isnull=False),
                name="product_same_kind",
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.sku


class ProductRule(models.Model):
    """Which codes of a source are postage, fees, gift cards or write-offs, as staff
    have set it.

    `pattern` is matched against the code without regard to case: the whole code, or
    its beginning where it ends in `*`. The longest matching pattern decides.
    """

    source = models.CharField(max_length=40, default="main", db_default="main")
    pattern = models.CharField(max_length=120)
    nature = models.CharField(max_length=12, choices=pairs(ProductNature))
    why = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["pattern"]
        constraints = [
            models.UniqueConstraint(
                "source", Upper("pattern"), name="product_rule_once"
            ),
            choice_check("nature", ProductNature, name="product_rule_nature"),
            models.CheckConstraint(
                condition=~Q(source=""), name="product_rule_has_source"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pattern}: {self.nature}"


class Order(models.Model):
    """An order of a customer, known by its source and its number there."""

    source = models.CharField(max_length=40, default="main", db_default="main")
    external_id = models.CharField(max_length=120)
    number = models.CharField(max_length=120)
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="orders", db_index=False
    )
    nature = models.CharField(
        max_length=8,
        choices=pairs(OrderNature),
        default=OrderNature.SALE.value,
        db_default=OrderNature.SALE.value,
    )
    state = models.CharField(
        max_length=10,
        choices=pairs(OrderState),
        default=OrderState.PLACED.value,
        db_default=OrderState.PLACED.value,
    )
    ordered_at = models.DateTimeField()
    # The day in the shop's zone, so that every report agrees on it.
    ordered_on = models.DateField()
    delivered_on = models.DateField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    currency = models.CharField(max_length=3)
    # As many places as any currency has; web/rules/money.py knows how many are its own.
    total = models.DecimalField(max_digits=18, decimal_places=money.MOST_PLACES)
    returns_order = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="returns"
    )
    last_import = models.ForeignKey(
        "crm.ImportRun",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source", "external_id"], name="order_external_once"
            ),
            choice_check("nature", OrderNature, name="order_nature"),
            choice_check("state", OrderState, name="order_state"),
        ]
        indexes = [
            # Timeline of one customer, newest first.
            models.Index(
                F("customer"),
                F("ordered_at").desc(),
                F("id").desc(),
                name="order_timeline",
            ),
            # Search by order number, by prefix.
            models.Index(
                OpClass(Upper("number"), name="text_pattern_ops"), name="order_number"
            ),
            # Post-purchase sweeps: what arrived in a window of days.
            models.Index(
                fields=["delivered_on"],
                condition=Q(delivered_on__isnull=False, nature="sale")
                & ~Q(state="cancelled"),
                name="order_delivered",
            ),
            # The same for orders without a reported delivery.
            models.Index(
                fields=["ordered_on"],
                condition=Q(delivered_on=None, nature="sale") & ~Q(state="cancelled"),
                name="order_assumed_delivered",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class OrderLine(models.Model):
    """customer and ordered_on are copied, so that cadence needs no join."""

    order = models.ForeignKey(
        Order, on_delete=models.CASCADE, related_name="lines", db_index=False
    )
    line_key = models.CharField(max_length=60)
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    product = models.ForeignKey(Product, on_delete=models.PROTECT, db_index=False)
    ordered_on = models.DateField()
    quantity = models.DecimalField(max_digits=14, decimal_places=3)
    unit_price = models.DecimalField(max_digits=14, decimal_places=4)
    amount = models.DecimalField(max_digits=14, decimal_places=money.MOST_PLACES)
    # The tax that the amount contains, in money; null: not known, and then it is as the
    # product says.
    tax = models.DecimalField(
        max_digits=14, decimal_places=money.MOST_PLACES, null=True, blank=True
    )
    nature = models.CharField(max_length=8, choices=pairs(Nature))
    # What a return says that it gives back: the id of an order of the same source,
    # which may not be known yet, and the key of one of its lines. See ReturnMatch.
    returned_order = models.CharField(
        max_length=120, blank=True, default="", db_default=""
    )
    returned_line = models.CharField(
        max_length=60, blank=True, default="", db_default=""
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["order", "line_key"], name="order_line_once"
            ),
            choice_check("nature", Nature, name="order_line_nature"),
            models.CheckConstraint(
                condition=Q(returned_line="") | ~Q(returned_order=""),
                name="order_line_returned_line_of_order",
            ),
            models.CheckConstraint(
                condition=Q(tax=None)
                | Q(tax=0)
                | Q(tax__gt=0, tax__lt=F("amount"))
                | Q(tax__lt=0, tax__gt=F("amount")),
                name="order_line_tax_is_part_of_amount",
            ),
        ]
        indexes = [
            # Purchase habits (loyalty/sql/next_purchases.py).
            models.Index(
                fields=["customer", "product", "ordered_on"],
                condition=Q(nature="purchase"),
                name="order_line_purchases",
            ),
            # What somebody gave back, and when (insights/sql/spells.py).
            models.Index(
                fields=["customer", "ordered_on"],
                condition=Q(nature="return"),
                name="order_line_returns",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order_id}/{self.line_key}"
