"""Files as programs of the world write them, made by a seed; and what they say.

The text is written by hand here, not by a library that the import uses as well.
"""

import random
from dataclasses import dataclass, field
from datetime import date, timedelta

COLUMNS = ("external_id", "given_name", "family_name", "company", "customer_since",
           "heard_from")  # fmt: skip
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
    encoding: str
    order: str
    told: dict[str, tuple[str, str, str, date, str] | None] = field(
        default_factory=dict
    )


def generate(seed: int) -> Generated:
    rnd = random.Random(seed)
    encoding = list(WORDS)[seed % len(WORDS)]
    order = list(ORDERS)[seed % 3]
    delimiter, end = rnd.choice(DELIMITERS), rnd.choice(LINE_ENDS)
    quoting = rnd.choice(["needed", "all", "some"])
    pattern = rnd.choice(ORDERS[order])
    made = Generated(b"", encoding, order)

    def line(cells: list[str]) -> str:
        return delimiter.join(_quoted(cell, delimiter, quoting, rnd) for cell in cells)

    lines = [line([title]) if title else "" for title in rnd.choice(ABOVE)]
    if not lines and rnd.random() < 0.2:
        lines = [f"sep={delimiter}"]
    lines.append(line(list(COLUMNS)))
    for number in range(rnd.randint(8, 20)):
        cells, told = _row(f"G{number:03}", WORDS[encoding].split(), pattern, rnd)
        made.told[cells[0]] = told
        lines.append(line(cells))
        if rnd.random() < 0.1:
            lines.append("")
    text = end.join(lines) + (end if rnd.random() < 0.7 else "")
    made.data = text.encode(encoding)
    return made


def _row(key, words, pattern, rnd):
    given, family = rnd.choice(words), rnd.choice(words)
    company = rnd.choice(
        ["", rnd.choice(words), f'{rnd.choice(words)} "Best", Ltd; & Co | x',
         f"{given}, {family}"]
    )  # fmt: skip
    since = date(2015, 1, 1) + timedelta(days=rnd.randrange(3000))
    heard = rnd.choice(["", "", "web", rnd.choice(words)])
    cells = [key, given, family, company, since.strftime(pattern), heard]
    told = (given, family, company, since, heard)
    shape = rnd.random()
    if shape < 0.15 and not heard:
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
