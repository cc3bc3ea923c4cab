"""What the columns of other programs are called, in the four languages of the pages.

A name counts without case, blanks, underscores and punctuation: "E-Mail", "e_mail" and
"EMAIL" are one. The same word may stand for another field in another kind of file.
"""

import unicodedata

CUSTOMERS, ORDERS = "customers", "orders"

# Best first: where two columns of a file are known by name, the earlier one wins.
_PEOPLE = {
    "external_id": """
        external_id | customer id | customer no | customer number | customer code
        | client id | client number | contact id | record id | member id | user id
        | account number | crm id | uuid | id | no | number | 客户编号 | 客户号
        | 客户id | 会员编号 | 会员号 | 会员id | 编号 | 用户id | 客戶編號 | 客戶號
        | 顧客編號 | 會員編號 | 會員號 | 編號 | מספר לקוח | מס לקוח | מזהה לקוח
        | קוד לקוח | מזהה | מספר
    """,
    "name": """
        name | full name | customer name | client name | contact name | customer
        | display name | 姓名 | 客户姓名 | 客户名称 | 名称 | 联系人 | 客户 | 客戶姓名
        | 客戶名稱 | 顧客姓名 | 聯絡人 | 客戶 | 顧客 | 名稱 | שם מלא | שם לקוח
        | שם הלקוח | לקוח | שם
    """,
    "given_name": """
        given_name | first name | firstname | fname | forename | christian name
        | billing first name | first name billing | 名 | 名字 | שם פרטי
    """,
    "family_name": """
        family_name | last name | lastname | lname | surname | billing last name
        | last name billing | 姓 | 姓氏 | שם משפחה | משפחה
    """,
    "email": """
        email | email address | e-mail | e-mail address | mail | customer email
        | contact email | user email | billing email | email billing | primary email
        | 邮箱 | 电子邮箱 | 电子邮件 | 邮件 | 邮箱地址 | 電子郵件 | 電子信箱 | 信箱
        | 郵箱 | 電郵 | אימייל | דואר אלקטרוני | מייל | דוא״ל | כתובת מייל
        | כתובת אימייל
    """,
    "phone": """
        phone | phone number | mobile | mobile phone | mobile number
        | mobile phone number | cell | cell phone | cellphone | tel | telephone
        | telephone number | whatsapp | billing phone | phone billing
        | default address phone | 电话 | 手机 | 手机号 | 手机号码 | 联系电话
        | 电话号码 | 電話 | 手機 | 手機號碼 | 聯絡電話 | 電話號碼 | 行動電話 | טלפון
        | נייד | טלפון נייד | מספר טלפון | סלולרי
    """,
    "language": """
        language | lang | locale | preferred language | 语言 | 語言 | שפה
    """,
    "time_zone": """
        time_zone | timezone | tz | 时区 | 時區 | אזור זמן
    """,
    "country": """
        country | country code | country/region | country region | cc | nation
        | default address country code | billing country | country code billing
        | billing country code | shipping country | 国家 | 国家/地区 | 國家
        | 國家/地區 | מדינה | ארץ | ארץ מגורים
    """,
    "postcode": """
        postcode | post code | postal code | postalcode | zip | zip code | zipcode
        | zip/postal code | default address zip | billing postcode | billing zip
        | billing postal code | postcode billing | shipping postcode | shipping zip
        | shipping postal code | 邮编 | 邮政编码 | 郵遞區號 | 郵編 | 郵政編碼 | מיקוד
    """,
    "recipient": """
        recipient | addressee | recipient name | ship to name | attention | attn
        | 收件人 | 收货人 | 收貨人 | נמען | שם הנמען | לידי
    """,
    "street": """
        street | street address | address | address 1 | address line 1 | line 1
        | address1 | street 1 | postal address | mailing address | home address
        | default address address1 | billing address 1 | address 1 billing
        | billing address | billing street | shipping address 1 | address 1 shipping
        | shipping address | shipping street | 地址 | 街道 | 街道地址 | 详细地址
        | 联系地址 | 通讯地址 | 收货地址 | 邮寄地址 | 詳細地址 | 聯絡地址 | 通訊地址
        | 收件地址 | 郵寄地址 | רחוב | כתובת | רחוב ומספר | כתובת למשלוח
        | כתובת מגורים | כתובת דואר
    """,
    "street_extra": """
        street_extra | address 2 | address line 2 | line 2 | street 2 | street address 2
        | apartment | apt | suite | unit | flat | floor | building
        | default address address2 | billing address 2 | address 2 billing
        | shipping address 2 | address 2 shipping | 地址2 | 门牌 | 楼层 | 單位樓層
        | 樓層 | 大樓 | דירה | קומה | כניסה | כתובת 2
    """,
    "city": """
        city | town | town or city | town/city | city/town | locality | suburb
        | default address city | billing city | city billing | shipping city
        | city shipping | 城市 | 市 | 所在城市 | 市区 | 区县 | 鄉鎮市區 | 市區 | 行政區
        | עיר | יישוב | ישוב | עיר מגורים
    """,
    "region": """
        region | state | province | county | state/region | state/province
        | state province or county | prefecture | province code | state code
        | default address province code | default address province | billing state
        | state code billing | billing province | billing region | shipping state
        | shipping province | 省 | 省份 | 省市 | 州 | 州/省 | 地区 | 縣市 | 縣 | 地區
        | מחוז | אזור | נפה
    """,
    "birthday": """
        birthday | birth date | birthdate | date of birth | dob | born | bday | 生日
        | 出生日期 | 出生年月 | יום הולדת | תאריך לידה
    """,
    "customer_since": """
        customer_since | since | member since | joined | joined at | joined on
        | join date | date joined | signup date | sign up | sign up date
        | date registered | registered | registered at | registration date
        | registered on | created | created at | create date | date created
        | date added | first seen | first visit | customer from | 注册日期 | 注册时间
        | 加入日期 | 入会日期 | 创建时间 | 開始日期 | 註冊日期 | 註冊時間 | 加入時間
        | 入會日期 | 建立時間 | לקוח מאז | תאריך הצטרפות | תאריך הרשמה | הצטרף
        | הצטרפות | נוצר בתאריך
    """,
    "heard_from": """
        heard_from | heard of us | how did you hear about us | referral source
        | lead source | original source | 来源 | 來源 | מקור | מקור הגעה
        | איך שמעת עלינו
    """,
    "company": """
        company | company name | organisation | organization | business
        | business name | default address company | billing company | company billing
        | associated company | primary associated company | 公司 | 公司名称 | 单位
        | 公司名稱 | 單位 | חברה | שם חברה | עסק | ארגון
    """,
    "tags": """
        tags | tag | labels | label | groups | group | segments | 标签 | 標籤 | 分组
        | 分組 | תגיות | תגים | קבוצה
    """,
}
_ORDERS = {
    "order_id": """
        order_id | order number | order no | order | order # | order name | order ref
        | order reference | invoice | invoice no | invoice number | invoice id
        | receipt | receipt number | transaction id | sale id | reference | name
        | 订单号 | 订单编号 | 订单 | 发票号 | 交易号 | 單號 | 訂單號 | 訂單編號
        | 訂單號碼 | 訂單 | 發票號碼 | מספר הזמנה | מס הזמנה | הזמנה | מספר חשבונית
        | חשבונית
    """,
    "customer_id": """
        customer_id | customer no | customer number | client id | member id | user id
        | buyer id | customer code | customer email | email | email address
        | billing email | email billing | e-mail | buyer email | customer | 客户编号
        | 客户号 | 客户id | 会员编号 | 会员号 | 邮箱 | 电子邮箱 | 客戶編號 | 顧客編號
        | 會員編號 | 電子郵件 | 信箱 | מספר לקוח | מזהה לקוח | קוד לקוח | אימייל
        | דואר אלקטרוני | מייל | לקוח
    """,
    "ordered_at": """
        ordered_at | order date | ordered on | date ordered | order time
        | purchase date | purchased at | invoice date | sale date | transaction date
        | created at | date created | created | placed at | date | time | 下单时间
        | 订单日期 | 订单时间 | 购买日期 | 成交时间 | 日期 | 下單時間 | 訂單日期
        | 訂購日期 | 購買日期 | תאריך הזמנה | תאריך רכישה | תאריך
    """,
    "sku": """
        sku | product code | item code | article | article number | product id
        | product sku | item sku | lineitem sku | stock code | barcode | ean
        | variant sku | 商品编码 | 商品编号 | 货号 | 产品编号 | 条码 | 商品編號 | 貨號
        | 產品編號 | 條碼 | 品號 | מקט | מק״ט | קוד מוצר | ברקוד
    """,
    "product": """
        product | product name | item | item name | lineitem name | line item name
        | article name | description | title | 商品 | 商品名称 | 产品 | 产品名称
        | 品名 | 商品名稱 | 產品 | 產品名稱 | מוצר | שם מוצר | תיאור | פריט
    """,
    "quantity": """
        quantity | qty | lineitem quantity | item quantity | units | pieces | count
        | amount ordered | 数量 | 件数 | 數量 | 件數 | כמות | יחידות
    """,
    "unit_price": """
        unit_price | price | item price | lineitem price | item cost | price each
        | unit cost | 单价 | 价格 | 售价 | 單價 | 價格 | 售價 | מחיר | מחיר יחידה
        | מחיר ליחידה
    """,
    "line_total": """
        line_total | item total | order line total | order line subtotal | subtotal
        | line amount | amount | 小计 | 行金额 | 金额 | 小計 | 金額 | סכום שורה
        | סהכ שורה | סה״כ שורה | סכום
    """,
    "currency": """
        currency | currency code | order currency | 币种 | 货币 | 幣別 | 幣種 | 貨幣
        | מטבע
    """,
    "delivered_at": """
        delivered_at | delivered | delivered on | delivery date | fulfilled at
        | shipped at | ship date | completed date | 送达日期 | 发货时间 | 签收时间
        | 送達日期 | 出貨日期 | 簽收時間 | תאריך אספקה | תאריך משלוח | נמסר בתאריך
    """,
    "status": """
        status | order status | state | order state | financial status
        | fulfillment status | 状态 | 订单状态 | 狀態 | 訂單狀態 | סטטוס | סטטוס הזמנה
        | מצב
    """,
    "category": """
        category | product category | product type | type | department | 类别 | 分类
        | 商品分类 | 類別 | 分類 | 商品分類 | קטגוריה | סוג | מחלקה
    """,
    "country": _PEOPLE["country"],
    "line_id": """
        line_id | line item id | lineitem id | item id | line no | line number
        | item # | 行号 | 行號 | מספר שורה
    """,
    "returns_order": """
        returns_order | returned order | return of order | refund of order
        | refunded order | original order | original order number | original order id
        | original invoice | original invoice number | credit of invoice | parent order
        | parent order number | parent order id | 原订单号 | 原订单 | 原始订单号
        | 退货订单号 | 原訂單號 | 原訂單 | 原始訂單號 | 退貨訂單號 | הזמנה מקורית
        | מספר הזמנה מקורית | זיכוי להזמנה
    """,
    "line_tax": """
        line_tax | tax in price | included tax | 含税税额 | 內含稅額 | מס כלול
    """,
    "line_tax_added": """
        line_tax_added | added tax | tax added | tax on top | line tax added | 价外税额
        | 外加稅額 | מס נוסף
    """,
    "returns_line": """
        returns_line | returned line | original line | original line id
        | original line number | refunded item id | 原行号 | 原行號 | שורה מקורית
    """,
}


def fold(name: str) -> str:
    """The letters and digits of a column's name, without case and width; `#` counts,
    because "Item" and "Item #" are two columns."""
    wide = unicodedata.normalize("NFKC", name).casefold()
    return "".join(sign for sign in wide if sign.isalnum() or sign == "#")


def _folded(table: dict[str, str]) -> dict[str, dict[str, int]]:
    """Field → its names, folded, with the place of each in the list."""
    return {
        field: {
            fold(name): place
            for place, name in reversed([*enumerate(names.split("|"))])
        }
        for field, names in table.items()
    }


NAMES = {CUSTOMERS: _folded(_PEOPLE), ORDERS: _folded(_ORDERS)}
