"""A slice of a list of products: from the staging table into the catalogue.

NULL in the staging says nothing: the product keeps what it has.
"""

from psycopg.sql import SQL, Identifier

from crm.sql import staging

TABLE = "import_catalogue"
COLUMNS = (
    *("no", "sku", "usual_nature", "nature", "name", "category", "price", "currency"),
    *("link", "picture", "is_available", "season_months", "days_of_supply"),
    "tax_percent",
)
STAGING = (
    staging.temporary(
        TABLE,
        """no int, sku text, usual_nature text, nature text, name text, category text,
        price numeric(14,4), currency text, link text, picture text,
        is_available boolean, season_months smallint[], days_of_supply smallint,
        tax_percent numeric(5,2), product_id bigint, is_changed boolean,
        moves_days boolean""",
    ),
)
EMPTY = SQL("TRUNCATE {}").format(Identifier(TABLE))
ANALYZE = SQL("ANALYZE {}").format(Identifier(TABLE))
LOCK = SQL(
    """SELECT p.id FROM crm_product p
    WHERE p.source = %(source)s AND p.sku IN (SELECT sku FROM import_catalogue)
    ORDER BY p.id FOR NO KEY UPDATE"""
)
_PAIRS = SQL(", ").join(
    SQL("(s.{0} IS NOT NULL AND s.{0} IS DISTINCT FROM p.{0})").format(Identifier(name))
    for name in COLUMNS[3:]
)
# `moves_days`: whoever bought it is expected on another day now.
FIND = SQL(
    """UPDATE import_catalogue s
    SET product_id = p.id, is_changed = true IN ({pairs}),
        moves_days = true IN (
            (s.nature IS NOT NULL AND s.nature <> p.nature),
            (s.season_months IS NOT NULL AND s.season_months <> p.season_months),
            (s.days_of_supply IS NOT NULL
                AND s.days_of_supply IS DISTINCT FROM p.days_of_supply))
    FROM crm_product p
    WHERE p.source = %(source)s AND p.sku = s.sku"""
).format(pairs=_PAIRS)
COUNT = SQL(
    """SELECT count(*) FILTER (WHERE product_id IS NULL),
        count(*) FILTER (WHERE is_changed)
    FROM import_catalogue"""
)
INSERT = SQL(
    """INSERT INTO crm_product (source, sku, nature, name, category, price, currency,
        link, picture, is_available, season_months, days_of_supply, tax_percent,
        version)
    SELECT %(source)s, s.sku, coalesce(s.nature, s.usual_nature),
        coalesce(s.name, ''), coalesce(s.category, ''), s.price,
        coalesce(s.currency, ''), coalesce(s.link, ''), coalesce(s.picture, ''),
        coalesce(s.is_available, true), coalesce(s.season_months, '{}'),
        s.days_of_supply, s.tax_percent, 1
    FROM import_catalogue s WHERE s.product_id IS NULL
    ORDER BY s.no
    RETURNING id"""
)
UPDATE = SQL(
    """UPDATE crm_product p
    SET {changes}, version = p.version + 1
    FROM import_catalogue s
    WHERE s.is_changed AND p.id = s.product_id
    RETURNING p.id, s.moves_days"""
).format(
    changes=SQL(", ").join(
        SQL("{0} = coalesce(s.{0}, p.{0})").format(Identifier(name))
        for name in COLUMNS[3:]
    )
)
