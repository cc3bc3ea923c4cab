"""Themes to start from, with keywords in the languages that customers write in.

Typed by hand; `*` stands for any ending (see `themes`).
"""

STARTING_THEMES: dict[str, tuple[str, ...]] = {
    "delivery": (
        *("deliver*", "shipping", "shipment", "courier", "late", "arrived", "delay*"),
        *(
            "送货",
            "配送",
            "快递",
            "物流",
            "发货",
            "送貨",
            "快遞",
            "出貨",
            "遲到",
            "迟到",
            "宅配",
            "寄送",
        ),
        *("משלוח*", "שליח*", "איחור*", "הגיע*", "התעכב*"),
    ),
    "quality": (
        *("quality", "taste*", "fresh*", "stale", "broken", "damaged", "faulty"),
        *(
            "质量",
            "品质",
            "味道",
            "新鲜",
            "坏了",
            "損壞",
            "品質",
            "新鮮",
            "损坏",
            "壞了",
        ),
        *("איכות*", "טעם", "טעים*", "טרי*", "שבור*", "פגום*"),
    ),
    "price": (
        *("price*", "expensive", "cheap*", "cost*", "value for money", "overpriced"),
        *("价格", "太贵", "便宜", "价钱", "價格", "太貴", "價錢", "性价比", "性價比"),
        *("运费", "運費", "CP值"),
        *("מחיר*", "יקר*", "זול*", "עלות*"),
    ),
    "service": (
        *("service", "support", "staff", "friendly", "rude", "helpful", "answered"),
        *("服务", "客服", "态度", "服務", "態度", "店员", "店員"),
        *("שירות*", "נציג*", "אדיב*", "מענה", "יחס"),
    ),
    "packaging": (
        *("packag*", "packing", "box", "parcel", "wrapp*"),
        *("包装", "包裝", "盒子", "包裹"),
        *("אריז*", "ארוז*", "קופס*", "חבילה"),
    ),
    "website": (
        *("website", "web site", "online shop", "checkout", "order form", "app"),
        *("网站", "网页", "下单", "網站", "網頁", "下單", "结账", "結帳"),
        *("אתר", "קופה", "אפליקציה", "הזמנה באתר"),
    ),
}
