"""What the columns of a list of products may be called."""

from crm.services.imports.columns import Fields, folded

COLUMNS = (
    *("sku", "name", "option_1", "option_2", "option_3", "category", "categories"),
    *("price", "currency", "link", "picture", "pictures", "available", "listed"),
    *("discontinued", "stock", "stock_counted", "sells_without_stock", "season"),
    *("days_of_supply", "tax_percent", "gift_card", "family", "row_id", "parent"),
)
_OTHER_NAMES = {
    "sku": """product code | product sku | item code | article number | stock code
        | product number | variant sku | 商品编码 | 商品编号 | 货号 | 产品编号
        | 商品編號 | 貨號 | 產品編號 | 品號 | מקט | מק״ט | קוד מוצר""",
    "name": """product | product name | title | item name | article name | 商品名称
        | 产品名称 | 品名 | 商品名稱 | 產品名稱 | שם מוצר | שם המוצר""",
    "category": """product category | product type | department | 类别 | 分类
        | 商品分类 | 類別 | 分類 | 商品分類 | קטגוריה | מחלקה""",
    "categories": "product categories",
    "price": """unit price | regular price | variant price | selling price | 价格
        | 单价 | 售价 | 價格 | 單價 | 售價 | מחיר | מחיר ליחידה""",
    "currency": "currency code | 币种 | 货币 | 幣別 | 貨幣 | מטבע",
    "link": """url | product url | page | product page | permalink | 链接 | 網址 | 連結
        | קישור""",
    "picture": """image | image url | picture url | photo | image link | image src
        | 图片 | 图片链接 | 圖片 | 圖片網址 | תמונה""",
    "pictures": "images | image urls",
    "available": """is available | availability | in stock? | stock status | 可售
        | 是否有货 | 有貨 | זמין | במלאי""",
    "listed": "published | status | visible | active | 上架 | פעיל",
    "discontinued": "is discontinued | end of life | 停产 | 停產 | 停售 | הופסק",
    "stock": """quantity in stock | inventory | inventory quantity | stock quantity
        | 库存 | 庫存 | מלאי""",
    "season": "season months | months | 季节 | 季節 | 月份 | עונה | חודשים",
    "days_of_supply": """supply days | lasts days | days it lasts | 可用天数
        | 可用天數 | ימי אספקה""",
    "tax_percent": """tax rate | vat rate | vat percent | tax % | vat % | 税率 | 稅率
        | שיעור מעמ | שיעור מע״מ""",
    "gift_card": """gift card? | is gift card | giftcard | is giftcard | 礼品卡 | 禮品卡
        | כרטיס מתנה""",
}
FIELDS = Fields(
    required=frozenset(),
    known=frozenset(COLUMNS),
    one_of=(frozenset({"sku", "name"}),),
    synonyms={
        folded(other): name
        for name, others in _OTHER_NAMES.items()
        for other in " ".join(others.split()).split(" | ")
    },
    numbers=("price", "stock"),
)
