"""Who wrote first what somebody sends on to us."""

import pytest

from support.rules.forwards import original

GMAIL = """Please look.

---------- Forwarded message ---------
{f} Dana Levi <dana@example.org>
{d} Mon, Nov 16, 2026 at 2:05 PM
{s} My order
{t} <noa@kettle.example>


Where is my parcel?

Dana"""
OUTLOOK = """Please look.

________________________________
{f} Dana Levi <dana@example.org>
{d} Monday, November 16, 2026 2:05 PM
{t} Noa Katz <noa@kettle.example>
{s} My order

Where is my parcel?

Dana"""
APPLE = """Please look.

{intro}

> {f} Dana Levi <dana@example.org>
> {s} My order
> {d} 16 November 2026 at 14:05:00 GMT+2
> {t} noa@kettle.example
>
> Where is my parcel?
>
> Dana"""
ENGLISH = {"f": "From:", "d": "Date:", "s": "Subject:", "t": "To:"}
WORDS = {
    "en": ENGLISH,
    "he": {"f": "\u202bמאת:\u202c", "d": "תאריך:", "s": "נושא:", "t": "אל:"},
    "zh-hans": {"f": "发件人：", "d": "日期：", "s": "主题：", "t": "收件人："},
    "zh-hant": {"f": "寄件人：", "d": "日期：", "s": "主旨：", "t": "收件人："},
}
OUTLOOKS = {
    "en": ENGLISH | {"d": "Sent:"},
    "he": {"f": "מאת:", "d": "נשלח:", "s": "נושא:", "t": "אל:"},
    "zh-hans": {"f": "发件人:", "d": "发送时间:", "s": "主题:", "t": "收件人:"},
    "zh-hant": {"f": "寄件者:", "d": "寄件日期:", "s": "主旨:", "t": "收件者:"},
}
INTROS = {
    "en": "Begin forwarded message:",
    "he": "תחילת ההודעה שהועברה:",
    "zh-hans": "开始转发的邮件：",
    "zh-hant": "開始轉寄郵件：",
}


@pytest.mark.parametrize("language", WORDS)
@pytest.mark.parametrize("program", ["gmail", "outlook", "apple", "apple unmarked"])
def test_the_first_writer_is_found(program, language):
    text = {
        "gmail": GMAIL.format(**WORDS[language]),
        "outlook": OUTLOOK.format(**OUTLOOKS[language]),
        "apple": APPLE.format(**WORDS[language], intro=INTROS[language]),
    }[program.split()[0]]
    if program.endswith("unmarked"):
        text = text.replace("\n> ", "\n").replace("\n>", "\n")

    found = original(text)

    assert (found.name, found.address) == ("Dana Levi", "dana@example.org")
    assert found.subject == "My order"
    assert found.text == "Where is my parcel?\n\nDana"
    assert found.above == "Please look."


def test_of_a_mail_sent_on_twice_the_nearer_writer_is_meant():
    inner = GMAIL.format(**ENGLISH).replace("Please look.", "FYI")
    outer = GMAIL.format(**ENGLISH).replace("Dana Levi <dana@", "Ben <ben@")

    found = original(outer.replace("Where is my parcel?\n\nDana", inner))

    assert found.address == "ben@example.org"
    assert "dana@example.org" in found.text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "From: what I hear you are good at this.\nTo: be honest\nDate: soon",
        "From: dana@example.org\n\nis where it came from",
        "The parcel went\nfrom: Haifa\nto: Berlin\ndate: Monday",
    ],
)
def test_what_only_looks_like_it_is_none(text):
    assert original(text) is None


def test_bold_names_mailto_and_broken_lines_are_read():
    found = original(
        "*From:* Levi, Dana\n[mailto:dana@example.org]\n*Sent:* today\n\n*To:* Noa\n"
        "*Subject:* A question\n\nHello"
    )

    assert (found.name, found.address) == ("Levi, Dana", "dana@example.org")
    assert (found.subject, found.text) == ("A question", "Hello")
