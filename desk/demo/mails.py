"""What customers of the demo wrote by mail, and what the team did with it."""

from dataclasses import dataclass, field

NOA, MEI, TOM = range(3)
ADDRESS = "hello@kettle-and-leaf.example"
SIGNATURES = (
    "Noa\nKettle & Leaf · 4 Mill Lane, Leeds",
    "Mei Lin\nKettle & Leaf",
    "Tom\nKettle & Leaf",
)


@dataclass(frozen=True)
class Step:
    """So many days ago, at this hour of UTC, they wrote (`by` None), or a colleague did
    something: `did` is reply, note, close, snooze or spam."""

    days: int
    clock: str
    text: str
    by: int | None = None
    did: str = "reply"


@dataclass(frozen=True)
class Thread:
    """A conversation. `who`: a customer of the demo, or the name and address of
    somebody who is none."""

    who: str | tuple[str, str]
    subject: str
    steps: tuple[Step, ...]
    assignee: int | None = None
    kind: str = ""
    tags: tuple[str, ...] = field(default=())


THREADS = (
    Thread(
        "KL-00001",
        "הקופסה הגיעה שרוטה",
        (
            Step(
                4,
                "14:10",
                "שלום,\n\nהקופסה של התה הגיעה עם שריטה גדולה במכסה, והשקית שבפנים"
                " הייתה חצי פתוחה. רציתי לתת אותה במתנה.\n\nאפשר לשלוח אחרת?\n\nדנה",
            ),
            Step(
                4,
                "16:40",
                "Second damaged parcel for her this autumn. @Noa Ben-Ami, please answer"
                " yourself: she has been with us for six years.",
                MEI,
                "note",
            ),
            Step(
                4,
                "17:05",
                "שלום דנה,\n\nאני מצטערת על הקופסה, ועוד במתנה. שלחתי היום קופסה"
                " חדשה עם שליח, בלי תשלום, והיא אמורה להגיע ביום חמישי.\n\nאת הקופסה"
                " השרוטה אין צורך להחזיר.",
                NOA,
            ),
            Step(
                1,
                "18:20",
                "היי נועה,\n\nתודה רבה על המהירות! עוד שאלה קטנה: אפשר לצרף כרטיס ברכה"
                " למשלוח הבא?\n\nדנה",
            ),
        ),
        NOA,
        "complaint",
        ("damaged parcel",),
    ),
    Thread(
        "KL-00002",
        "Grinder setting for the Ethiopia",
        (
            Step(
                7,
                "19:02",
                "Hello,\n\nthe new Ethiopia runs through in twenty seconds on my"
                " machine and tastes thin. Finer, or more of it?\n\nBest regards\n"
                "Johann Weiß",
            ),
            Step(
                6,
                "09:15",
                "Hello Johann,\n\nfiner first: two steps on a Comandante, and leave the"
                " dose at 18 g. If it still runs in under 26 seconds, add half a gram.",
                TOM,
            ),
            Step(
                5,
                "20:31",
                "Two steps it was. Now it tastes of apricot. Thank you!\n\nJohann",
            ),
            Step(4, "09:05", "Two steps finer, 18 g", TOM, "close"),
        ),
        TOM,
        "question",
        ("brewing",),
    ),
    Thread(
        "KL-00003",
        "請問烏龍茶什麼時候到貨？",
        (
            Step(
                2,
                "11:48",
                "您好：\n\n網站上的凍頂烏龍一直顯示缺貨，請問大概什麼時候會再進貨？"
                "我想一次訂兩包，能不能先幫我保留？\n\n謝謝！\n陳怡君",
            ),
        ),
        None,
        "order",
    ),
    Thread(
        "KL-00004",
        "When is the decaf back?",
        (
            Step(
                5,
                "12:20",
                "Hi there,\n\nI am down to my last scoop of the house decaf and it is"
                " still sold out. Any idea when?\n\nPriya",
            ),
            Step(
                5,
                "15:10",
                "Hi Priya,\n\nthe beans have landed and we roast on Thursday. I have"
                " put a bag aside for you and will write as soon as it can be ordered.",
                NOA,
            ),
        ),
        NOA,
        "order",
        ("decaf",),
    ),
    Thread(
        "KL-00005",
        "Our new address",
        (
            Step(
                3,
                "08:25",
                "Good morning,\n\nwe are moving at the weekend. From Monday parcels"
                " should go to 9 Canal Street, Hebden Bridge, HX7 8AB. Could you see"
                " that the next one does?\n\nMarta",
            ),
            Step(
                3,
                "10:02",
                "Good morning Marta,\n\nwith pleasure: I will change it on Monday, so"
                " that what leaves tomorrow still finds you. Good luck with the boxes!",
                MEI,
            ),
            Step(3, "10:03", "", MEI, "snooze"),
        ),
        MEI,
        "other",
        ("address",),
    ),
    Thread(
        "KL-00006",
        "VAT number on our last invoice",
        (
            Step(
                2,
                "10:30",
                "Hello,\n\nour accountant says that the last invoice carries our old"
                " VAT number. The new one is GB 123 4567 89. Can you send a corrected"
                " one this week?\n\nAde\nOduya Catering",
            ),
            Step(
                2,
                "13:20",
                "The number stands on their company's page now. The invoice itself is"
                " in the promises.",
                TOM,
                "note",
            ),
        ),
        NOA,
        "question",
        ("invoice",),
    ),
    Thread(
        "KL-00007",
        "谢谢你们",
        (
            Step(
                6,
                "13:05",
                "你们好：\n\n上次买的龙井特别香，包装也很用心，连快递小哥都说好闻。"
                "妈妈很喜欢，让我一定写信谢谢你们。\n\n晓梅",
            ),
            Step(
                5,
                "10:11",
                "晓梅，您好：\n\n谢谢您专门写信来，我们全店的人都看了，很开心。"
                "请替我们问候您的妈妈。春茶一到，我第一时间告诉您。",
                MEI,
            ),
            Step(5, "10:12", "Tell her when the spring tea is in", MEI, "close"),
        ),
        MEI,
        "praise",
    ),
    Thread(
        ("Lucy Harper", "lucy@blue-door-cafe.example"),
        "Beans for our second café",
        (
            Step(
                1,
                "16:45",
                "Hello Kettle & Leaf,\n\nwe have bought from you for our café in"
                " Otley and open another one in Ilkley in January. Could we talk about"
                " a price for 12 kg a week, and about training for two new"
                " people?\n\nLucy Harper\nBlue Door Café",
            ),
        ),
    ),
    Thread(
        ("Priya Raman", "priya.raman@leeds-library.example"),
        "Order for the reading room",
        (
            Step(
                1,
                "12:06",
                "Hello,\n\nthis time it is for work: could the library order twenty of"
                " the small tea tins on an invoice?\n\nPriya Raman",
            ),
        ),
    ),
    Thread(
        ("Growth Team", "team@first-page.example"),
        "Your shop on page one, guaranteed",
        (
            Step(
                2,
                "06:03",
                "Dear shop owner,\n\nwe reviewed your site and found 37 problems. Reply"
                " YES for a free report.\n\nGrowth Team",
            ),
            Step(2, "09:10", "", TOM, "spam"),
        ),
    ),
)

# name, language, words
SAVED_REPLIES = (
    (
        "Damaged parcel",
        "en",
        "Hello {first_name},\n\nI am sorry about the parcel. Another one leaves today,"
        " at our cost; there is no need to send anything back.",
    ),
    (
        "Damaged parcel",
        "he",
        "שלום {first_name},\n\nאנחנו מצטערים על החבילה. אנחנו שולחים היום אחת חדשה על"
        " חשבוננו, ואין צורך להחזיר דבר.",
    ),
    (
        "Damaged parcel",
        "zh-hant",
        "{first_name}，您好：\n\n很抱歉包裹在途中受損。我們今天就免費補寄一份，"
        "原來的不必寄回。",
    ),
    (
        "How long beans keep",
        "en",
        "Hello {first_name},\n\nthe bag keeps them at their best for six weeks. Open,"
        " use them within two, and leave the fridge to the milk.",
    ),
)
