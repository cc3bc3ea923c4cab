"""What people of the demo write and say, in their own languages."""

COMMENTS: dict[str, dict[str, tuple[str, ...]]] = {
    "en": {
        "high": (
            "The Ethiopia is the best I have had at home.",
            "Always here in three days, and always fresh.",
            "Noa remembered that I drink decaf. That is rare.",
            "My whole office has switched to your house espresso.",
        ),
        "middle": (
            "Good coffee. Delivery took a little longer this time.",
            "Fine, though I would like smaller bags.",
            "I like the tea; the tin is hard to open.",
        ),
        "low": (
            "The bag arrived open and half of it was in the box.",
            "It took nine days and nobody told me why.",
            "You changed the roast and did not say so.",
        ),
    },
    "he": {
        "high": (
            "הקפה הכי טוב שהיה לנו בבית.",
            "מגיע תמיד בזמן, ותמיד טרי.",
            "שירות אישי ונעים.",
        ),
        "middle": (
            "הקפה טוב, המשלוח התעכב קצת.",
            "נחמד, הייתי שמחה לשקיות קטנות יותר.",
        ),
        "low": ("השקית הגיעה פתוחה והקפה נשפך.", "חיכיתי תשעה ימים ואף אחד לא עדכן."),
    },
    "zh-hant": {
        "high": ("烏龍茶香氣很好，回購很多次了。", "包裝仔細，送得也快。"),
        "middle": ("咖啡不錯，只是這次送得有點慢。", "茶很好，罐子不太好開。"),
        "low": ("收到時袋子破了，豆子灑了一半。",),
    },
    "zh-hans": {
        "high": ("咖啡豆很新鲜，家里人都喜欢。", "客服很耐心，下次还会买。"),
        "middle": ("味道可以，就是物流慢了几天。",),
        "low": ("包装破了，少了一半，很失望。",),
    },
}

REVIEWS: dict[str, dict[str, tuple[str, ...]]] = {
    "en": {
        "high": (
            "Bright and clean, with a lot of apricot. I grind it coarse for the press.",
            "Arrived two days after roasting. You can taste that.",
            "A calm, honest breakfast tea. We go through a bag a month.",
        ),
        "middle": ("Decent, but I expected more body for the price.",),
        "low": (
            "Stale when it came: roasted five weeks before. Write to me on 020 7946 0123.",
        ),
    },
    "he": {
        "high": ("פירותי ועדין, מושלם לפילטר.", "תה מצוין, קונים כל חודש."),
        "middle": ("בסדר, ציפיתי ליותר גוף במחיר הזה.",),
        "low": ("הגיע לא טרי, קלוי לפני חמישה שבועות.",),
    },
    "zh-hant": {
        "high": ("花香明顯，回甘很長。", "新鮮，手沖很適合。"),
        "middle": ("還可以，以這個價格期待更多。",),
        "low": ("不夠新鮮，烘焙日期是五週前。",),
    },
    "zh-hans": {
        "high": ("果香很足，手冲很好喝。",),
        "middle": ("还行，性价比一般。",),
        "low": ("不新鲜，烘焙日期是五周前。",),
    },
}

# channel, direction, text
TALKS: tuple[tuple[str, str, str], ...] = (
    ("call", "inbound", "Asked whether we ship decaf. Told them from December."),
    ("call", "outbound", "Called about the open bag. A new one goes out tomorrow."),
    ("email", "inbound", "Wants the invoice in the company’s name from now on."),
    ("chat", "inbound", "Which grind for a moka pot? Suggested medium fine."),
    ("call", "inbound", "Moving house in spring; will send the new address."),
    ("visit", "inbound", "Came by the roastery, tasted the new Guatemala."),
    ("note", "internal", "Prefers to be written to, not called."),
    ("email", "outbound", "Sent the brewing guide for the pour-over cone."),
    ("call", "outbound", "Quarterly check-in. Happy; asked about tea subscriptions."),
    ("chat", "inbound", "Asked when the first flush arrives. Early May."),
)

OUTCOMES = (
    "Called, apologised, sent a new bag.",
    "Wrote back; they are happy with the answer.",
    "Refunded the postage.",
)

DANA_SAID = "השקית הגיעה פתוחה והקפה נשפך."
