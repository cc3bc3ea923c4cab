"""Names as they come: split, written beside an address, greeted; or none at all."""

import pytest

from crm.models import Customer
from crm.rules.names import (
    full_name,
    greeting_name,
    mail_name,
    readable,
    split_name,
)
from crm.services import customers
from tests.crm.importing import NOW, file_of, take_customers
from tests.factories import UserFactory

NAMES = [
    # As it stands in a file, its language; how it is written to, and greeted.
    ("王小明", "", "王小明", "王小明"),
    ("山田 太郎", "", "山田太郎", "山田太郎"),
    ("김민수", "", "김민수", "김민수"),
    ("Cher", "", "Cher", "Cher"),
    ("O'Brien, Seán", "", "Seán O'Brien", "Seán"),
    ("Dr. Ana Berg PhD", "", "Dr. Ana Berg PhD", "Ana"),
    ("Berg, Ana, MD", "", "Ana Berg, MD", "Ana"),
    ("John Smith, Jr.", "", "John Smith, Jr.", "John"),
    ("Ana & Ben Berg", "", "Ana & Ben Berg", "Ana & Ben"),
    ("Mr. & Mrs. Smith", "", "Mr. & Mrs. Smith", "Mr. & Mrs. Smith"),
    ("Ana 🌸 Berg", "", "Ana 🌸 Berg", "Ana"),
    ("Al Gore", "", "Al Gore", "Al"),
    ("Don Draper", "", "Don Draper", "Don"),
    # Titles are not given names.
    ("Herr Dr. Jürgen Groß", "", "Herr Dr. Jürgen Groß", "Jürgen"),
    ("Frau Berg", "", "Frau Berg", "Frau Berg"),
    ("Mme Chloé Dubois", "", "Mme Chloé Dubois", "Chloé"),
    ("Sra. María Núñez", "", "Sra. María Núñez", "María"),
    ("Sig.ra Lucia Rossi", "", "Sig.ra Lucia Rossi", "Lucia"),
    ("г-жа Анна Петрова", "", "г-жа Анна Петрова", "Анна"),
    ('ד"ר נועה לוי', "", 'ד"ר נועה לוי', "נועה"),
    ("גב׳ שרה כהן", "", "גב׳ שרה כהן", "שרה"),
    ("מר לוי", "", "מר לוי", "מר לוי"),
    ("السيد أحمد حسن", "", "السيد أحمد حسن", "أحمد"),
    ("د. عبد الله المصري", "", "د. عبد الله المصري", "عبد الله"),
    ("محمد بن سلمان", "", "محمد بن سلمان", "محمد"),
    ("κ. Γιώργος Παπάς", "", "κ. Γιώργος Παπάς", "Γιώργος"),
    ("pan Jan Novák", "", "pan Jan Novák", "Jan"),
    # The family first.
    ("Nguyễn Thị Minh Khai", "", "Nguyễn Thị Minh Khai", "Khai"),
    ("Nguyen Thi Minh Khai", "vi", "Nguyen Thi Minh Khai", "Khai"),
    ("Minh Nguyễn", "", "Minh Nguyễn", "Minh"),
    ("Nagy Anna", "hu", "Anna Nagy", "Anna"),
    ("Dr. Nagy Anna", "hu-HU", "Dr. Anna Nagy", "Anna"),
    ("Yamada Taro", "ja_JP", "Taro Yamada", "Taro"),
    ("Wang Xiaoming", "zh-CN", "Xiaoming Wang", "Xiaoming"),
    ("Anna Berg", "zh-CN", "Anna Berg", "Anna"),
    ("Kim Minsu", "ko", "Minsu Kim", "Minsu"),
    ("Петров Иван Сергеевич", "", "Иван Сергеевич Петров", "Иван"),
    ("Иван Сергеевич Петров", "", "Иван Сергеевич Петров", "Иван"),
    ("Роман Аркадьевич Абрамович", "", "Роман Аркадьевич Абрамович", "Роман"),
    ("Иванова Анна", "", "Анна Иванова", "Анна"),
    ("Лев Толстой", "", "Лев Толстой", "Лев"),
    # Companies have a name and no greeting.
    ("Acme, Inc.", "", "Acme, Inc.", ""),
    ("Acme, Inc., Berlin", "", "Acme, Inc., Berlin", ""),
    ("Nestlé SA", "", "Nestlé SA", ""),
    ("Müller GmbH & Co. KG", "", "Müller GmbH & Co. KG", ""),
    ("ООО Ромашка", "", "ООО Ромашка", ""),
    ("华为有限公司", "", "华为有限公司", ""),
    ('תה טוב בע"מ', "", 'תה טוב בע"מ', ""),
    # No name at all.
    ("NULL", "", "", ""),
    ("#N/A", "", "", ""),
    ("n/a N/A", "", "", ""),
    ("-", "", "", ""),
    ("unknown", "", "", ""),
    ("🌸", "", "", ""),
    ("=1+1", "", "", ""),
    ("ana.berg@example.org", "", "", ""),
    ("{{ shop }} {name}", "", "", ""),
    ("*|FNAME|*", "", "", ""),
]


@pytest.mark.parametrize(("full", "language", "written", "greeting"), NAMES)
def test_a_name_is_written_and_greeted_as_its_people_do(
    full, language, written, greeting
):
    parts = split_name(full, language)

    assert mail_name(*parts) == written
    assert greeting_name(*parts) == greeting


@pytest.mark.parametrize(
    ("given", "family", "greeting"),
    [
        ("Inc.", "Acme", ""),
        ("Ana, MD", "Berg", "Ana"),
        ("Ana,", "", "Ana"),
        ("NULL", "", ""),
        ("Jennifer", "Null", "Jennifer"),
        ("ana.berg@example.org", "", ""),
        ("Nguyễn Thị Minh", "Khai", "Khai"),
        ("Петров Иван", "Сергеевич", "Иван"),
        ("السيد", "أحمد", "السيد أحمد"),
        ("Herr", "Schmidt", "Herr Schmidt"),
        ("伟", "", "伟"),
        ("\u202eAna", "Berg", "Ana"),
    ],
)
def test_columns_and_rows_of_older_imports_are_greeted_as_well(given, family, greeting):
    assert greeting_name(given, family) == greeting


def test_a_company_that_was_taken_apart_reads_as_one():
    assert full_name("Inc.", "Acme") == "Acme, Inc."


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("O&#39;Brien", "O'Brien"),
        ("O&#x27;Brien", "O'Brien"),
        ("M&uuml;ller", "Müller"),
        ("M&amp;uuml;ller", "Müller"),
        ("Tom&nbsp;Berg", "Tom Berg"),
        ("AT&T", "AT&T"),
        ("Berg & Co; Söhne", "Berg & Co; Söhne"),
        ("R&copy D", "R&copy D"),
    ],
)
def test_entities_of_web_pages_are_read(text, read):
    assert readable(text) == read


@pytest.mark.django_db
def test_entities_are_decoded_everywhere_and_escaped_on_the_page(tmp_path, client):
    made = customers.create_customer(
        now=NOW, given_name="Se&aacute;n", family_name="O&#39;Brien &lt;b&gt;"
    )
    take_customers(
        file_of(tmp_path, "external_id,name,company\nC1,Zo&euml; M&uuml;ller,A&amp;B\n")
    )

    imported = Customer.objects.get(external_id="C1")
    assert (made.given_name, made.family_name) == ("Seán", "O'Brien <b>")
    assert (imported.full_name, imported.organisation) == ("Zoë Müller", "A&B")
    client.force_login(UserFactory(role="owner"))
    page = client.get(f"/customers/{made.pk}/").content.decode()
    assert "O&#x27;Brien &lt;b&gt;" in page


@pytest.mark.django_db
def test_a_word_for_no_name_is_an_empty_cell_of_a_file(tmp_path):
    customers.create_customer(now=NOW, external_id="C1", given_name="Dana")
    report = take_customers(
        file_of(tmp_path, "external_id,name\nC1,NULL\nC2,#N/A\nC3,Dana Null\n")
    )

    found = Customer.objects.order_by("external_id")
    assert [one.full_name for one in found] == ["Dana", "", "Dana Null"]
    assert report.notes == {"name_is_none": 2}
    assert report.notes.examples == {"name_is_none": ["NULL", "#N/A"]}


@pytest.mark.django_db
def test_the_language_of_the_file_decides_the_order(tmp_path):
    take_customers(
        file_of(
            tmp_path, "external_id,name,language\nC1,Nagy Anna,hu\nC2,Anna Nagy,en\n"
        )
    )

    for customer in Customer.objects.all():
        assert (customer.given_name, customer.greeting_name) == ("Anna", "Anna")


@pytest.mark.django_db
def test_a_greeting_follows_the_name_unless_it_is_somebodys_own():
    row = customers.create_customer(now=NOW, given_name="小明", family_name="王")
    row = customers.update_customer(row, changes={"family_name": "李"}, now=NOW)
    assert row.greeting_name == "李小明"

    row = customers.update_customer(row, changes={"greeting_name": "小李"}, now=NOW)
    row = customers.update_customer(row, changes={"family_name": "王"}, now=NOW)
    assert row.greeting_name == "小李"
