"""Files as programs of the world write them, made by a seed; and what they say.

The text is written by hand here, not by a library that the import uses as well.
"""

import random
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

# What is in the file → its columns.
COLUMNS = {
    "customers": "external_id given_name family_name company customer_since heard_from",
    "orders": "order_id customer_id product category ordered_at sku quantity"
    " unit_price",
    "history": "contact_id customer_id subject body happened_at channel outcome",
}
KINDS = ("customers", "history", "orders", "customers")
# Whoever is written about in the files of contacts.
WHOM = "C1"
# Amounts as they are written → what they are; by the mark that begins the fraction.
PRICES = {
    "point": {
        "12.50": "12.5", "1,299.50": "1299.5", ".50": "0.5", "7": "7",
        "1.299": "1.299", "12,345,678.00": "12345678", "-3.20": "-3.2",
    },
    "comma": {
        "12,50": "12.5", "1.299,50": "1299.5", ",50": "0.5", "7": "7",
        "1.299": "1299", "1 299,05": "1299.05", "-3,20": "-3.2",
    },
}  # fmt: skip
# Encoding → words of people who use it.
WORDS = {
    "utf-8": "Zoë 王小明 נועה Иван Ana",
    "utf-8-sig": "Jürgen 山田 משה Ольга Bea",
    "utf-16": "陳大文 Søren דנה Пётр Cy",
    "utf-16-le": "Noa Ana Bea Søren Zoë Jürgen",
    "utf-16-be": "Noa Ana Bea Søren Zoë Jürgen",
    "utf-32": "金秀 Søren דנה Пётр Di",
    "ascii": "Ana Ben Cyril Diana Emma",
    "cp1252": "Jürgen Müller Zoë Søren François Weiß Åse Groß Schröder Köhler",
    "cp1250": "Jiří Dvořák Tomáš Černý Šárka Žižková Zdeněk Růžička Květa",
    "cp1251": "Иван Петров Ольга Смирнова Дмитрий Кузнецов Наталья Попова",
    "koi8-r": "Иван Петров Ольга Смирнова Дмитрий Кузнецов Наталья Попова",
    "cp1255": "נועה לוי משה כהן דנה מזרחי יעל פרץ אברהם ביטון שרה דהן",
    "gb18030": "王小明 李静 张伟 刘洋 陈敏 杨丽 赵强 黄秀英 周杰 吴娟",
    "big5": "陳大文 林美麗 黃志明 張雅婷 李家豪 王淑芬 吳俊傑 劉怡君",
    "shift-jis": "山田太郎 鈴木花子 佐藤健 高橋美咲 田中さくら 渡辺ひろし",
    "euc-kr": "김민수 이영희 박지훈 최수진 정현우 강미영 조은정 윤성호",
}
DELIMITERS = ",;\t|"
LINE_ENDS = ("\n", "\r\n", "\r")
ORDERS = {
    "dmy": ("%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y"),
    "mdy": ("%m/%d/%Y",),
    "ymd": ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d"),
}
ABOVE = ([], [], [], ["Customers"], ["Customers", "", "All of them"], ["", ""])


@dataclass
class Generated:
    """A file, how it is written, and what each of its rows says: id → other cells, or
    None where nobody can tell them."""

    data: bytes
    kind: str
    encoding: str
    order: str
    numbers: str
    told: dict[str, tuple[object, ...] | None] = field(default_factory=dict)


def generate(seed: int) -> Generated:
    rnd = random.Random(seed)
    encoding = list(WORDS)[seed % len(WORDS)]
    order = list(ORDERS)[seed % 3]
    delimiter, end = rnd.choice(DELIMITERS), rnd.choice(LINE_ENDS)
    quoting = rnd.choice(["needed", "all", "some"])
    pattern = rnd.choice(ORDERS[order])
    kind = KINDS[(seed // len(WORDS) + seed) % len(KINDS)]
    made = Generated(b"", kind, encoding, order, rnd.choice(list(PRICES)))

    def line(cells: list[str]) -> str:
        return delimiter.join(_quoted(cell, delimiter, quoting, rnd) for cell in cells)

    lines = [line([title]) if title else "" for title in rnd.choice(ABOVE)]
    if not lines and rnd.random() < 0.2:
        lines = [f"sep={delimiter}"]
    lines.append(line(COLUMNS[kind].split()))
    for number in range(rnd.randint(8, 20)):
        key = f"G{number:03}"
        cells, told = _row(key, made, WORDS[encoding].split(), pattern, rnd)
        made.told[cells[0]] = told
        lines.append(line(cells))
        if rnd.random() < 0.1:
            lines.append("")
    text = end.join(lines) + (end if rnd.random() < 0.7 else "")
    made.data = text.encode(encoding)
    return made


def _row(key, made, words, pattern, rnd):
    given, family = rnd.choice(words), rnd.choice(words)
    company = rnd.choice(
        ["", rnd.choice(words), f'{rnd.choice(words)} "Best", Ltd; & Co | x',
         f"{given}, {family}"]
    )  # fmt: skip
    on = date(2015, 1, 1) + timedelta(days=rnd.randrange(3000))
    day, last = on.strftime(pattern), rnd.choice(["", "", "web", rnd.choice(words)])
    if made.kind == "customers":
        cells = [key, given, family, company, day, last]
        told = (given, family, company, on, last)
    elif made.kind == "orders":
        last, amount = rnd.choice(list(PRICES[made.numbers].items()))
        name, buyer, count = (
            f"{given} {family}",
            f"B{rnd.randrange(3)}",
            rnd.randint(1, 9),
        )
        cells = [key, buyer, name, company, day, f"S{key}", str(count), last]
        told = (buyer, name, company, on, count, Decimal(amount))
    else:
        channel = rnd.choice(["call", "note", "visit"])
        cells = [key, WHOM, f"{given} {key}", company or family, day, channel, last]
        told = (f"{given} {key}", company or family, on, channel, last)
    shape = rnd.random()
    if shape < 0.15 and not last:
        cells.pop()
    elif shape < 0.3:
        cells += [""] * rnd.randint(1, 3)
    elif shape < 0.36:
        cells += ["", "surplus"]
        told = None
    return cells, told


def _quoted(cell, delimiter, quoting, rnd):
    must = any(sign in cell for sign in (delimiter, '"', "\r", "\n"))
    if must or quoting == "all" or (quoting == "some" and rnd.random() < 0.3):
        return '"' + cell.replace('"', '""') + '"'
    return cell
