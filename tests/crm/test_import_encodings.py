"""Files in the encodings that shops have: read as they are meant, or not at all."""

import io
import unicodedata

import pytest
from django.core.management import call_command
from faker import Faker

from crm.errors import FileUnusable
from crm.models import Customer
from crm.services.imports import encoding
from crm.services.imports.encoding import detect_encoding
from tests.crm.importing import file_of, take_customers

HEADER = "external_id,name,email\n"
# Names by others than those that the letters were learnt from.
SHOPS = [
    ("he_IL", "cp1255"),
    ("ru_RU", "cp1251"),
    ("uk_UA", "cp1251"),
    ("bg_BG", "cp1251"),
    ("cs_CZ", "cp1250"),
    ("pl_PL", "cp1250"),
    ("hu_HU", "cp1250"),
    ("sk_SK", "cp1250"),
    ("hr_HR", "cp1250"),
    ("fr_FR", "cp1252"),
    ("de_DE", "cp1252"),
    ("es_ES", "cp1252"),
    ("da_DK", "cp1252"),
    ("fr_FR", "iso8859-15"),
    ("fr_FR", "mac_roman"),
    ("es_ES", "mac_roman"),
    ("de_DE", "cp850"),
    ("zh_CN", "gb18030"),
    ("zh_TW", "cp950"),
    ("ja_JP", "cp932"),
    ("ko_KR", "cp949"),
    ("el_GR", "cp1253"),
    ("tr_TR", "cp1254"),
    ("ar_SA", "cp1256"),
    ("th_TH", "cp874"),
    ("lt_LT", "cp1257"),
    ("lv_LV", "cp1257"),
    ("ru_RU", "koi8-r"),
    ("ru_RU", "cp866"),
]
UNICODE = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32",
           "utf-32-le", "utf-32-be"]  # fmt: skip


def names(locale, encoding, count, seed):
    """Names that have letters beyond ASCII and exist in the encoding."""
    maker = Faker(locale)
    maker.seed_instance(seed)
    found = []
    while len(found) < count:
        name = unicodedata.normalize("NFC", maker.name())
        if not name.isascii() and name.encode(encoding, "ignore") == name.encode(
            encoding, "replace"
        ):
            found.append(name)
    return found


def text_of(found):
    rows = (f'C{n},"{name}",c{n}@example.org\n' for n, name in enumerate(found))
    return HEADER + "".join(rows)


def reading_of(folder, text, encoding):
    """The text as it is read, or None where the file is refused."""
    path = file_of(folder, text, encoding=encoding)
    try:
        found = detect_encoding(path)
    except FileUnusable:
        return None
    return unicodedata.normalize("NFC", path.read_bytes().decode(found.encoding))


@pytest.mark.parametrize(("locale", "encoding"), SHOPS)
def test_a_file_is_read_as_it_is_meant_and_a_short_one_never_otherwise(
    tmp_path, locale, encoding
):
    for count in (1, 2, 4):
        for seed in range(3):
            text = text_of(names(locale, encoding, count, seed))
            assert reading_of(tmp_path, text, encoding) in (text, None)

    text = text_of(names(locale, encoding, 40, 9))
    assert reading_of(tmp_path, text, encoding) == text


@pytest.mark.parametrize("encoding", UNICODE)
@pytest.mark.parametrize("locale", ["he_IL", "zh_CN", "ru_RU", "de_DE"])
def test_unicode_needs_no_mark_and_no_length(tmp_path, locale, encoding):
    text = text_of(names(locale, "utf-8", 2, 1))

    path = file_of(tmp_path, text, encoding=encoding)

    assert (
        path.read_bytes().decode(detect_encoding(path).encoding).lstrip("\ufeff")
        == text
    )


def test_a_late_letter_still_counts(tmp_path, monkeypatch):
    monkeypatch.setattr(encoding, "MOST_CELLS", 5)
    rows = [*(f"Gül Öz {n}" for n in range(40)), "Ayşe Şahinoğlu", "Işın Akıncı",
            "Ağaoğlu İpek", "Şükriye Doğan"]  # fmt: skip
    path = file_of(tmp_path, text_of(rows), encoding="cp1254")

    assert detect_encoding(path).name == "windows-1254"


@pytest.mark.django_db
def test_the_result_is_told_with_names_as_they_are_read(tmp_path):
    path = file_of(tmp_path, text_of(names("he_IL", "cp1255", 9, 3)), encoding="cp1255")
    err, out = io.StringIO(), io.StringIO()

    call_command("import_customers", str(path), json=True, stderr=err, stdout=out)

    first = names("he_IL", "cp1255", 9, 3)[0]
    assert f"text read as windows-1255: {first}" in err.getvalue()
    assert '"encoding": "windows-1255"' in out.getvalue()
    assert Customer.objects.count() == 9


@pytest.mark.django_db
def test_where_two_readings_are_likely_both_are_shown_and_nothing_is_written(tmp_path):
    path = file_of(tmp_path, HEADER + "C1,Bączyński,\n", encoding="cp1250")

    with pytest.raises(FileUnusable) as refused:
        take_customers(path)

    assert "windows-1250 (Bączyński)" in refused.value.message
    assert "iso-8859-2 (Bšczyński)" in refused.value.message
    assert "--encoding windows-1250" in refused.value.message
    assert not Customer.objects.exists()

    take_customers(path, encoding="windows-1250")
    assert Customer.objects.get().given_name == "Bączyński"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("named", "codec"),
    [("Windows-1255", "cp1255"), ("windows 1251", "cp1251"), ("GBK", "gbk"),
     ("Big5", "big5"), ("shift-jis", "cp932"), ("latin-1", "cp1252"),
     ("UTF-8", "utf-8"), ("utf-16-le", "utf-16-le"), ("cp775", "cp775")],
)  # fmt: skip
def test_an_operator_says_the_encoding(tmp_path, named, codec):
    name = {"cp1255": "נועה", "cp1251": "Иван", "gbk": "王小明", "big5": "陳大文",
            "cp932": "山田", "cp775": "Žanis"}.get(codec, "Zoë")  # fmt: skip
    path = file_of(tmp_path, f"external_id,given_name\nC1,{name}\n", encoding=codec)

    report = take_customers(path, encoding=named)

    assert Customer.objects.get().given_name == name
    assert report.samples == (name,)


@pytest.mark.parametrize(
    ("named", "encoding", "words"),
    [
        ("klingon", "utf-8", "Unknown encoding 'klingon'. Known: big5, cp850"),
        ("rot13", "utf-8", "Unknown encoding"),
        ("idna", "utf-8", "Unknown encoding"),
        ("cp037", "utf-8", "Unknown encoding"),
        ("utf-8", "utf-16", "begins with the mark of utf-16: it is not utf-8"),
    ],
)
def test_an_encoding_that_cannot_be_is_refused(tmp_path, named, encoding, words):
    path = file_of(tmp_path, HEADER + "C1,Zoë,\n", encoding=encoding)

    with pytest.raises(FileUnusable) as refused:
        detect_encoding(path, named)

    assert words in refused.value.message


def test_noise_is_no_text(tmp_path):
    noise = bytes(range(0x81, 0xFF)) * 3

    with pytest.raises(FileUnusable):
        detect_encoding(file_of(tmp_path, b"external_id,name\nC1," + noise + b"\n"))
