"""Words of other programs for the state of an order, in the four languages. Pure."""

from crm.rules.choices import OrderState
from crm.services.imports.column_names import fold

_WORDS = {
    OrderState.PLACED: """
        placed | open | new | pending | processing | paid | unpaid | on hold
        | authorized | partially paid | partially refunded | awaiting payment
        | pending payment | unfulfilled | partial | partially fulfilled | confirmed
        | scheduled | in progress | packed | shipped | in transit | sent | draft
        | 已下单 | 待付款
        | 已付款 | 待发货 | 已发货 | 处理中 | 待處理 | 待出貨 | 已出貨 | 處理中
        | הוזמן | ממתין | בטיפול | שולם | נשלח | חדש
    """,
    OrderState.DELIVERED: """
        delivered | completed | complete | fulfilled | done | closed | received
        | picked up | finished | 已完成 | 已签收 | 已送达 | 完成 | 已簽收 | 已送達
        | הושלם | נמסר | סופק | הסתיים
    """,
    OrderState.CANCELLED: """
        cancelled | canceled | refunded | voided | void | failed | returned | rejected
        | expired | restocked | checkout draft | deleted | trash | declined
        | 已取消 | 已退款 | 已关闭 | 失败
        | 取消 | 已關閉 | 失敗 | 退款 | בוטל | זוכה | הוחזר | נכשל | מבוטל
    """,
}
_STATES = {
    fold(word): state for state, words in _WORDS.items() for word in words.split("|")
}


def guess_state(word: str) -> OrderState | None:
    """What the word most likely means; None for an unknown one."""
    name = fold(word)
    return _STATES.get(name) or _STATES.get(name.removeprefix("wc"))
