"""What they wrote apart from what they quote."""

import pytest

from support.rules import subjects
from support.rules.quoting import folded

OWN = "Thank you, it came.\n\nDana"
QUOTED = [
    "On Tue, 17 Nov 2026 at 10:42, Kettle & Leaf <help@kettle.example> wrote:\n> Hello",
    "On Tue, 17 Nov 2026 at 10:42, Kettle & Leaf\n<help@x.example> wrote:\n> Hello",
    "Am Di., 17. Nov. 2026 um 10:42 Uhr schrieb Kettle <help@x.example>:\n> Hallo",
    "Le mar. 17 nov. 2026 à 10:42, Kettle <help@x.example> a écrit :\n> Bonjour",
    "El mar, 17 nov 2026 a las 10:42, Kettle (<help@x.example>) escribió:\n> Hola",
    "Kettle <help@x.example> 于2026年11月17日周二 写道：\n> 你好",
    "‫בתאריך יום ג׳, 17 בנוב׳ 2026 ב-10:42 מאת Kettle <‪help@x.example‬‏>:‬\n> שלום",
    "-----Original Message-----\nFrom: Kettle\nSent: Tuesday\nTo: Dana\n\nHello",
    "________________________________\nFrom: Kettle\nSent: Tuesday\nTo: Dana\n\nHello",
    "Von: Kettle\nGesendet: Dienstag\nAn: Dana\nBetreff: x\n\nHallo",
    "发件人: Kettle\n发送时间: 2026年\n收件人: Dana\n主题: x\n\n你好",
    "> Hello Dana,\n> here is your parcel.\n>\n> Noa",
]


@pytest.mark.parametrize("quoted", QUOTED, ids=range(len(QUOTED)))
def test_what_is_quoted_below_is_folded(quoted):
    own, rest = folded(f"{OWN}\n\n{quoted}")

    assert own == OWN
    assert rest == quoted


@pytest.mark.parametrize(
    "text",
    [
        "On Monday I wrote:\nplease send it",  # no quotation follows
        "> What colour?\nRed.\n> And the size?\nXL.",  # answers in between
        "> only a quotation",
        "From: my house\nit is far.",
        "On Tue, Noa wrote:\n> What colour?\nRed, please.",
        "--\nDana Levi",
        "",
    ],
)
def test_what_they_say_is_never_folded_away(text):
    own, rest = folded(text)

    assert own.replace("\n", "") in text.replace("\n", "")
    # "On Monday I wrote:" introduces lines without marks: these count as quoted only
    # where something of their own stands above.
    assert own == text, rest


@pytest.mark.parametrize(
    ("subject", "bare"),
    [
        ("Re: My order", "My order"),
        ("RE: re: AW: My order", "My order"),
        ("Re[2]: My order", "My order"),
        ("回复：订单", "订单"),
        ("Res: Reset", "Reset"),
        ("Reset", "Reset"),
        ("Re: Fwd: My order", "Fwd: My order"),
    ],
)
def test_re_is_taken_off_however_often_it_stands_there(subject, bare):
    assert subjects.bare(subject) == bare


@pytest.mark.parametrize("subject", ["Fwd: x", "FW: x", "WG: x", "转发: x", "הועבר: x"])
def test_a_mail_that_was_sent_on_is_known(subject):
    assert subjects.is_forward(subject)
    assert not subjects.is_forward("Re: " + subject)
