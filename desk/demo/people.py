"""Who buys there: made-up people of eight countries, in four languages."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta


@dataclass(frozen=True)
class Place:
    """A country as the shop knows it. `family_first`: 陳怡君, not 怡君 陳."""

    country: str
    language: str
    zones: tuple[str, ...]
    weight: int
    given: tuple[str, ...]
    family: tuple[str, ...]
    latin: bool = True


@dataclass(frozen=True)
class Person:
    """One customer of the demo before it is stored."""

    external_id: str
    given: str
    family: str
    email: str
    phone: str
    place: Place
    zone: str
    since: date
    birthday: str
    heard_from: str
    company: str
    tags: tuple[str, ...] = field(default=())


def _w(words: str) -> tuple[str, ...]:
    return tuple(words.split())


_ENGLISH_GIVEN = _w(
    "Amelia Arthur Beatrix Callum Daisy Edith Felix Grace Harriet Isaac Jasmine Kieran"
    " Lydia Marcus Niamh Oscar Priya Quentin Rosa Samuel Tessa Umar Violet William"
    " Yasmin Zachary Chidi Freya Gareth Imogen"
)
_ENGLISH_FAMILY = _w(
    "Adeyemi Barnes Clarke Doyle Ellison Fletcher Gallagher Hughes Iqbal Jennings"
    " Kendrick Lowe Mbeki Nolan Osborne Patel Quinn Raman Shaw Thornton Underhill"
    " Vaughan Whitaker Yates O’Brien MacLeod Oduya Pritchard Sinclair Baptiste"
)
PLACES = (
    Place("GB", "en", ("Europe/London",), 30, _ENGLISH_GIVEN, _ENGLISH_FAMILY),
    Place("IE", "en", ("Europe/Dublin",), 8, _ENGLISH_GIVEN, _ENGLISH_FAMILY),
    Place(
        "US",
        "en",
        ("America/New_York", "America/Chicago", "America/Los_Angeles"),
        14,
        _ENGLISH_GIVEN,
        _ENGLISH_FAMILY,
    ),
    Place(
        "DE",
        "en",
        ("Europe/Berlin",),
        10,
        _w("Annika Bernd Claudia Dieter Elke Florian Greta Henrik Ilse Jürgen Käthe"),
        _w("Weiß Müller Schröder Köhler Jäger Böhm Lindner Vogt Krüger Hartmann Groß"),
    ),
    Place(
        "IL",
        "he",
        ("Asia/Jerusalem",),
        14,
        _w("דנה נועם תמר איתי מאיה יונתן שירה עומר רוני אלון הדס גיא ליאת אורי נטע"),
        _w("לוי כהן מזרחי פרץ ביטון אברהם פרידמן שפירא אוחיון ברק גולן דיין רוזן"),
        latin=False,
    ),
    Place(
        "TW",
        "zh-hant",
        ("Asia/Taipei",),
        10,
        _w("怡君 家豪 淑芬 志明 雅婷 俊傑 美玲 宗翰 佩珊 建宏 欣怡 冠宇 詩涵"),
        _w("陳 林 黃 張 李 王 吳 劉 蔡 楊 許 鄭 謝"),
        latin=False,
    ),
    Place(
        "CN",
        "zh-hans",
        ("Asia/Shanghai",),
        8,
        _w("小明 丽华 伟 芳 建国 晓梅 志强 静怡 海燕 鹏飞 雪莹 国栋 佳琪"),
        _w("王 李 张 刘 陈 杨 赵 黄 周 吴 徐 孙 马"),
        latin=False,
    ),
    Place(
        "SG",
        "en",
        ("Asia/Singapore",),
        6,
        _w("Wei Ling Siti Arjun Mei Hafiz Xin Kavitha Jun Nadia Rajesh Hui Aisyah"),
        _w("Tan Lim Rahman Krishnan Ng Goh Ibrahim Pillai Teo Chua Menon Koh Yusof"),
    ),
)
_AREAS = _w("202 303 312 404 415 503 617 713 808 919")
_HEARD = ("friend", "search", "market", "newspaper", "social", "")
# Names and domains.
COMPANIES = {
    "Studio North": "studio-north.example",
    "Harbour Books": "harbour-books.example",
    "Rosen Architects": "rosen-architects.example",
    "Blue Door Café": "blue-door-cafe.example",
}


def people(count: int, *, today: date, dice: random.Random) -> Iterator[Person]:
    """`count` customers; the first few have a story of their own."""
    for number, person in enumerate(_stories(today)):
        if number < count:
            yield person
    weights = [place.weight for place in PLACES]
    for number in range(len(_STORIES), count):
        place = dice.choices(PLACES, weights)[0]
        yield _somebody(number + 1, place, today, dice)


def _somebody(number: int, place: Place, today: date, dice: random.Random) -> Person:
    given, family = dice.choice(place.given), dice.choice(place.family)
    in_trade = dice.random() < 0.08
    return Person(
        external_id=f"KL-{number:05}",
        given=given,
        family=family,
        email=_address(number, given, family, place),
        phone=_phone(number, place),
        place=place,
        zone=dice.choice(place.zones),
        since=today - timedelta(days=int(dice.triangular(5, 2900, 500))),
        birthday=_birthday(dice),
        heard_from=dice.choice(_HEARD),
        company=dice.choice(tuple(COMPANIES)) if in_trade else "",
        tags=("office",) if in_trade else (),
    )


def _address(number: int, given: str, family: str, place: Place) -> str:
    local = f"{given}.{family}".lower() if place.latin else f"customer{number}"
    plain = "".join(sign for sign in local if sign.isascii())
    return f"{plain}.{number}@example.{'org' if number % 2 else 'com'}"


def _phone(number: int, place: Place) -> str:
    """Only numbers that are set aside for fiction."""
    if place.country == "GB":
        return f"+44 7700 900{number % 1000:03}"
    if place.country == "US":
        area = _AREAS[number // 100 % len(_AREAS)]
        return f"+1 {area}-555-01{number % 100:02}"
    return ""


def _birthday(dice: random.Random) -> str:
    """Few customers give one, and most of those without the year."""
    if dice.random() > 0.25:
        return ""
    day = date(2000, 1, 1) + timedelta(days=dice.randrange(366))
    return f"{day:%m-%d}"


# given, family, country, language, zone, years and days as a customer, heard, company
_STORIES = (
    ("Dana", "Levi", "IL", "he", "Asia/Jerusalem", 6, 193, "friend", ""),
    ("Johann", "Weiß", "DE", "en", "Europe/Berlin", 9, 364, "market", ""),
    ("怡君", "陳", "TW", "zh-hant", "Asia/Taipei", 3, 40, "search", ""),
    ("Priya", "Raman", "GB", "en", "Europe/London", 2, 12, "newspaper", ""),
    ("Marta", "Kowalczyk-Wiśniewska", "GB", "en", "Europe/London", 4, 0, "friend", ""),
    ("Ade", "Oduya", "GB", "en", "Europe/London", 5, 77, "market", "Oduya Catering"),
    ("晓梅", "赵", "CN", "zh-hans", "Asia/Shanghai", 1, 3, "social", ""),
)


def _stories(today: date) -> Iterator[Person]:
    places = {place.country: place for place in PLACES}
    for number, story in enumerate(_STORIES, start=1):
        given, family, country, language, zone, years, days, heard, company = story
        local = "".join(s for s in f"{given}.{family}".lower() if s.isascii())
        yield Person(
            external_id=f"KL-{number:05}",
            given=given,
            family=family,
            email=f"{local.strip('.') or 'customer'}{number}@example.org",
            phone=_phone(number, places[country]),
            place=Place(country, language, (zone,), 0, (), (), latin=given.isascii()),
            zone=zone,
            since=today - timedelta(days=int(years * 365.25) + days),
            birthday="",
            heard_from=heard,
            company=company,
            tags=("core",),
        )
