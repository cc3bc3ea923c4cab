"""What happens to contracts, as other programs write it."""

import re

from crm.rules.choices import SubscriptionMove

_MARKS = re.compile(r"[\W_]+")
_WORDS = {
    SubscriptionMove.STARTED: """
        started start new created signed signup activated begun activation
        התחיל התחלה חדש נחתם 开始 新签 签约 開始 新簽 簽約
    """,
    SubscriptionMove.RENEWED: """
        renewed renewal renew extended extension חודש חידוש הוארך 续约 续订 續約 續訂
    """,
    SubscriptionMove.CHANGED: """
        changed change upgrade upgraded downgrade downgraded expansion contraction
        amended amendment updated pricechange שונה שינוי שדרוג 变更 升级 降级 變更 升級
        降級
    """,
    SubscriptionMove.PAUSED: """
        paused pause suspended suspension onhold frozen הושהה השהיה הוקפא הקפאה 暂停
        冻结 暫停 凍結
    """,
    SubscriptionMove.RESUMED: """
        resumed resume reactivated reactivation unpaused reinstated winback חזר חודשה
        הופעל 恢复 重新激活 恢復 重新啟用
    """,
    SubscriptionMove.CANCELLED: """
        cancelled canceled cancellation ended end terminated termination expired churn
        churned closed בוטל ביטול הסתיים סיום 取消 终止 结束 到期 終止 結束
    """,
}


def _folded(word: str) -> str:
    return _MARKS.sub("", word.casefold())


_MOVES = {_folded(w): move for move, words in _WORDS.items() for w in words.split()}


def move(word: str) -> SubscriptionMove | None:
    """What the word says that happened; None for an unknown word and for none."""
    return _MOVES.get(_folded(word))
