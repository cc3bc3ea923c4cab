"""What the tests of the import share: files, runs, and a look at the rows."""

from datetime import UTC, datetime

from django.db import connection

from crm.rules.choices import ProductNature
from crm.rules.trade import CodePattern
from crm.services.imports.runner import import_customers, import_orders
from crm.services.imports.running import Options

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
ORDER_HEADER = "order_id,customer_id,ordered_at,sku,quantity,unit_price\n"
# What the operator of the UCI shop sets for its codes.
UCI_RULES = tuple(
    CodePattern(code, nature)
    for nature, codes in {
        ProductNature.POSTAGE: ("POST", "DOT", "C2"),
        ProductNature.FEE: ("BANK CHARGES", "AMAZONFEE", "CRUK"),
        ProductNature.ADJUSTMENT: ("M", "D", "S", "B", "PADS", "gift_*", "DCGS*"),
    }.items()
    for code in codes
)
TABLES = ("crm_customer", "crm_product", "crm_order", "crm_orderline", "crm_tag",
          "crm_customer_tags")  # fmt: skip


def file_of(folder, content, name="file.csv", encoding="utf-8"):
    path = folder / name
    path.write_bytes(
        content if isinstance(content, bytes) else content.encode(encoding)
    )
    return path


def take_orders(path, *, progress=lambda done, total: None, **options):
    return import_orders(path, Options(**options), now=NOW, progress=progress)


def take_customers(path, **options):
    """With words that let mail go to them; `ground=""` for none."""
    options = {"ground": "They asked us to keep in touch", **options}
    return import_customers(
        path, Options(**options), now=NOW, progress=lambda done, total: None
    )


def people(tmp_path, header, *rows, **options):
    text = header + "\n" + "".join(f"{row}\n" for row in rows)
    return take_customers(file_of(tmp_path, text), **options)


def buy(tmp_path, *rows, header=ORDER_HEADER, **options):
    """Orders of these lines; customers are made."""
    options.setdefault("create_customers", True)
    text = header.strip() + "\n" + "".join(f"{row}\n" for row in rows)
    return take_orders(file_of(tmp_path, text), **options)


def refusals(report):
    return dict(report.refused_by_reason)


def counts(report):
    return report.created, report.updated, report.unchanged


def physical_rows():
    """Where every row lies and who wrote or locked it: equal means untouched."""
    with connection.cursor() as cursor:
        return {table: _physical(cursor, table) for table in TABLES}


def _physical(cursor, table):
    cursor.execute(f"SELECT ctid::text, xmin::text, xmax::text FROM {table} ORDER BY 1")
    return cursor.fetchall()


def stored_lines():
    """Every line with its order, customer and product, without ids."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT o.source, o.external_id, c.external_id, o.nature, o.state,
                o.ordered_at, o.ordered_on, o.delivered_on, o.currency, o.total,
                l.line_key, p.sku, p.name, p.nature, l.quantity, l.unit_price, l.amount,
                l.nature, l.ordered_on, c.first_order_on, c.last_order_on, c.since_on
            FROM crm_orderline l JOIN crm_order o ON o.id = l.order_id
            JOIN crm_customer c ON c.id = l.customer_id AND c.id = o.customer_id
            JOIN crm_product p ON p.id = l.product_id
            ORDER BY o.source, o.external_id, l.line_key"""
        )
        return cursor.fetchall()


def counted_purchases(source="main"):
    """The documented rule: lines, customers, orders and money of real sales."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT count(*), count(DISTINCT o.customer_id), count(DISTINCT o.id),
                coalesce(sum(l.amount), 0)
            FROM crm_orderline l JOIN crm_order o ON o.id = l.order_id
            WHERE o.source = %s AND o.nature = 'sale' AND o.state <> 'cancelled'
                AND l.quantity > 0 AND l.unit_price > 0""",
            [source],
        )
        return cursor.fetchone()
