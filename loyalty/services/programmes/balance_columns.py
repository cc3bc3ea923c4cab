"""The columns of a file of balances, and the words of what is refused and noted."""

from django.utils.translation import gettext_lazy as _

from crm.services.imports import guessing
from crm.services.imports.columns import Fields, folded

COLUMNS = (
    *("customer_id", "email", "member_code", "units", "unit", "expires_on"),
    *("earned_on", "lot_id", "programme"),
)
_OTHER_NAMES = {
    "customer_id": (
        *("external_id", "member", "member_id", "member_number", "member_no", "id"),
        *("customer", "customer_number", "customer_no", "client_id", "loyalty_id"),
        *("loyalty_number", "card_number", "account_number", "contact_id"),
        *("客户编号", "客户号", "会员编号", "会员号", "会员id", "会员卡号"),
        *("客戶編號", "顧客編號", "會員編號", "會員號", "會員卡號"),
        *("מספר לקוח", "מס לקוח", "מזהה לקוח", "מספר חבר", "מספר כרטיס"),
    ),
    "email": (
        *("email_address", "e-mail", "customer_email", "member_email", "mail"),
        *("邮箱", "电子邮箱", "电子邮件", "電子郵件", "電郵", "信箱"),
        *("אימייל", "דוא״ל", "דואר אלקטרוני", "כתובת מייל"),
    ),
    "member_code": (
        *("code", "member_link", "qr", "qr_code", "会员码", "二维码", "會員碼"),
        *("קוד חבר", "קוד מועדון"),
    ),
    "units": (
        *("amount", "points", "balance", "points_balance", "point_balance", "value"),
        *("available_points", "current_points", "remaining", "remaining_points"),
        *("points_remaining", "credit", "credits", "store_credit", "stamps"),
        *("stars", "coins", "loyalty_points", "reward_points"),
        *("积分", "积分余额", "剩余积分", "可用积分", "余额", "数量"),
        *("點數", "積分", "積分餘額", "點數餘額", "剩餘點數", "餘額"),
        *("נקודות", "יתרה", "יתרת נקודות", "יתרת נקודות נוכחית", "סכום"),
    ),
    "unit": (
        *("currency", "unit_of_measure", "points_type", "单位", "币种", "單位"),
        *("幣別", "יחידה", "מטבע"),
    ),
    "expires_on": (
        *("expires", "expiry", "expiry_date", "expiration", "expiration_date"),
        *("expires_at", "expire_date", "points_expiry", "points_expiry_date"),
        *("points_expiration_date", "valid_until", "valid_to", "use_by"),
        *("到期日", "到期日期", "过期日期", "有效期", "有效期至", "失效日期"),
        *("到期日期", "過期日期", "有效期限", "有效日期", "失效日期"),
        *("תאריך תפוגה", "תוקף", "בתוקף עד", "פג תוקף"),
    ),
    "earned_on": (
        *("earned", "earned_at", "earned_date", "date_earned", "date", "created_at"),
        *("created", "awarded_on", "awarded_at", "issued_on", "issue_date"),
        *("transaction_date", "获得日期", "积分日期", "发放日期", "日期"),
        *("獲得日期", "發放日期", "תאריך צבירה", "נצבר בתאריך", "תאריך"),
    ),
    "lot_id": (
        *("lot", "lot_number", "batch", "batch_id", "transaction_id", "entry_id"),
        *("record_id", "reference", "批次", "批次号", "批次號", "交易号", "交易編號"),
        *("מספר אצווה", "מספר תנועה", "אסמכתא"),
    ),
    "programme": (
        *("program", "programme_name", "program_name", "loyalty_program", "scheme"),
        *("计划", "会员计划", "計畫", "會員計畫", "תוכנית", "מועדון"),
    ),
}
FIELDS = Fields(
    required=frozenset({"units"}),
    known=frozenset(COLUMNS),
    one_of=(frozenset({"customer_id", "email", "member_code"}),),
    synonyms={
        folded(other): name for name, others in _OTHER_NAMES.items() for other in others
    },
    looks={
        "email": guessing.has_address,
        "units": guessing.is_number,
        "expires_on": guessing.is_day,
        "earned_on": guessing.is_day,
    },
    dates=("expires_on", "earned_on"),
    ahead=("expires_on",),
    numbers=("units",),
)
LABELS = {
    "customer_id": _("Customer: number or address"),
    "member_code": _("Code of the member, as the till reads it"),
    "units": _("How much is left"),
    "unit": _("What is counted: points, stamps or a currency"),
    "expires_on": _("Last day on which it can be used"),
    "earned_on": _("Day on which it was earned"),
    "lot_id": _("Number of this part of the balance"),
    "programme": _("Programme"),
}
WORDS = {
    "units": _("The amount"),
    "earned_on": _("The day on which it was earned"),
    "expires_on": _("The last day on which it can be used"),
    "lot_id": _("The number of the part"),
    "unit": _("What is counted"),
    "member_code": _("The code of the member"),
    "programme": _("The programme"),
    "units_negative": _(
        "The amount is below zero. A balance begins at zero here: leave the line out,"
        " or take it off by hand once the member has something."
    ),
    "units_zero": _("The amount is zero: there is nothing to bring over."),
    "units_too_fine": _("The amount has more decimals than the programme counts."),
    "unit_other": _("This is counted in something else than the programme counts."),
    "expires_on_over": _("It ran out before today: nobody could use it any more."),
    "earned_on_in_future": _("It was earned after today."),
    "lot_id_twice": _("The same number of a part stands earlier for this member."),
    "member_code_unknown": _("This is no code of a member."),
    "programme_missing": _(
        "Nothing says to which programme this belongs: choose one for the file, or add"
        " a column."
    ),
    "programme_unknown": _("There is no programme of this name or number."),
    "lots_alike": _(
        "the same as a line before, without a number of their own: each was taken for"
        " a part of its own"
    ),
    "lots_differ": _("there already with another amount: what is here stays"),
}
