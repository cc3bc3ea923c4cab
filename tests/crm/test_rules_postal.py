"""Labels as the post of each country wants them."""

import pytest

from crm.rules.postal import Address, label

PARTS = "name company street street_extra postcode city region country".split()
# Country -> the parts, with "/" between them, and the lines of a letter at home.
AT_HOME = {
    "US": (
        "Jane Doe/Acme Inc/1 Main St/Apt 4/02101/Boston/MA/US",
        ["Jane Doe", "Acme Inc", "1 Main St", "Apt 4", "BOSTON, MA 02101"],
    ),
    "US without a state": (
        "Jane Doe//1 Main St//02101/Boston//US",
        ["Jane Doe", "1 Main St", "BOSTON 02101"],
    ),
    "US without a city": ("Jane//1 Main St//02101//MA/US",
                          ["Jane", "1 Main St", "MA 02101"]),
    "GB": (
        "Rosa Diaz//10 Downing Street//sw1a 2aa/London/Greater London/GB",
        ["Rosa Diaz", "10 Downing Street", "LONDON", "SW1A 2AA"],
    ),
    "DE": (
        "Uwe Groß/Groß GmbH/Hauptstr. 5//35390/Gießen/Hessen/DE",
        ["Uwe Groß", "Groß GmbH", "Hauptstr. 5", "35390 Gießen"],
    ),
    "FR": (
        "Anne Petit/Petit SARL/12 rue de la Paix//75002/Paris//FR",
        ["Petit SARL", "Anne Petit", "12 rue de la Paix", "75002 PARIS"],
    ),
    "JP": (
        "山田 太郎//神宮前1-2-3/青山ビル5階/150-0001/渋谷区/東京都/JP",
        ["〒150-0001", "東京都", "渋谷区神宮前1-2-3", "青山ビル5階", "山田 太郎"],
    ),
    "JP, its sign typed": (
        "山田 太郎//神宮前1-2-3//〒150-0001/渋谷区/東京都/JP",
        ["〒150-0001", "東京都", "渋谷区神宮前1-2-3", "山田 太郎"],
    ),
    "JP in Latin letters": (
        "Taro Yamada//1-2-3 Jingumae//150-0001/Shibuya-ku/Tokyo/JP",
        ["Taro Yamada", "1-2-3 Jingumae", "Shibuya-ku, TOKYO", "150-0001"],
    ),
    "CN": (
        "王小明//天河路88号//510620/广州市/广东省/CN",
        ["510620", "广东省广州市", "天河路88号", "王小明"],
    ),
    "CN, a city that is a province": (
        "王小明//建国路88号//100022/北京市/北京市/CN",
        ["100022", "北京市", "建国路88号", "王小明"],
    ),
    "CN in Latin letters": (
        "Wang Xiaoming//88 Jianguo Lu//100022/Chaoyang/Beijing/CN",
        ["Wang Xiaoming", "88 Jianguo Lu", "Chaoyang", "BEIJING, 100022"],
    ),
    "TW": (
        "陳怡君//信義路五段7號//110/信義區/台北市/TW",
        ["110", "台北市信義區", "信義路五段7號", "陳怡君"],
    ),
    "IL": (
        "דוד כהן//רחוב הרצל 5/דירה 3/6100000/תל אביב//IL",
        ["דוד כהן", "רחוב הרצל 5", "דירה 3", "תל אביב 6100000"],
    ),
    "LV": (
        "Jānis Bērziņš//Brīvības iela 5-2//LV-1010/Rīga//LV",
        ["Jānis Bērziņš", "Brīvības iela 5-2", "Rīga, LV-1010"],
    ),
    "SE, its letters typed": (
        "Åsa Ek//Storgatan 1//SE-111 22/Stockholm//SE",
        ["Åsa Ek", "Storgatan 1", "SE-111 22 Stockholm"],
    ),
    "SG": ("Li Wei//1 Orchard Rd//238801/Singapore//SG",
           ["Li Wei", "1 Orchard Rd", "SINGAPORE 238801"]),
    "SG without a postcode": ("Li Wei//1 Orchard Rd///Singapore//SG",
                              ["Li Wei", "1 Orchard Rd", "SINGAPORE"]),
    "AE, which has no place for a city": (
        "Omar Said//Marina Walk 1///Jumeirah/Dubai/AE",
        ["Omar Said", "Marina Walk 1", "Jumeirah", "Dubai"],
    ),
    "no format, and a postcode": ("Ama Owusu//1 High St//GA184/Accra//GH",
                                  ["Ama Owusu", "1 High St", "GA184 Accra"]),
    "nothing of the country": ("Ann//1 Long Rd//99/Town//IC",
                               ["Ann", "1 Long Rd", "99 Town"]),
}  # fmt: skip


def address(parts):
    return Address(**dict(zip(PARTS, parts.split("/"), strict=True)))


@pytest.mark.parametrize(("parts", "lines"), AT_HOME.values(), ids=AT_HOME)
def test_a_letter_at_home(parts, lines):
    one = address(parts)

    assert list(label(one, home=one.country, country_name="Not said").lines) == lines


def test_without_a_country_it_is_that_of_the_sender():
    one = address("Uwe Ott//Hauptstr. 5//35390/Gießen//")

    assert label(one, home="DE", country_name="").lines[-1] == "35390 Gießen"
    assert label(one, home="", country_name="").lines[-1] == "35390 Gießen"


@pytest.mark.parametrize(
    ("case", "end"),
    [
        ("DE", ("35390 GIESSEN", "LAND")),
        ("GB", ("SW1A 2AA", "LAND")),
        ("IL", ("תל אביב 6100000", "LAND")),
        ("JP", ("山田 太郎", "LAND")),
    ],
)
def test_abroad_the_city_is_in_capitals_and_the_country_comes_last(case, end):
    found = label(address(AT_HOME[case][0]), home="LV", country_name="Land")

    assert found.lines[-2:] == end


@pytest.mark.parametrize(
    ("parts", "is_rtl"),
    [
        (AT_HOME["IL"][0], True),
        ("דוד כהן/Wix Ltd/5 רחוב הרצל//6100000/תל אביב//IL", True),
        ("דוד כהן//1 Main St//02101/Boston/MA/US", False),
        ("أحمد سعيد//شارع الشيخ زايد 1///دبي/دبي/AE", True),
        ("דוד כהן////6100000///IL", True),
        (AT_HOME["CN"][0], False),
    ],
)
def test_a_label_runs_as_its_street_does(parts, is_rtl):
    assert label(address(parts)).is_rtl is is_rtl


@pytest.mark.parametrize(
    ("parts", "missing"),
    [
        (AT_HOME["US"][0], ()),
        ("Jane//1 Main St///Boston//US", ("region", "postcode")),
        ("Uwe////35390//Hessen/DE", ("street", "city")),
        ("Ama//1 High St////Accra/GH", ("city",)),
        ("Li//1 Queen Rd///Central/Kowloon/HK", ()),
    ],
)
def test_what_the_post_of_the_country_needs_besides(parts, missing):
    assert label(address(parts)).missing == missing


def test_a_name_and_a_country_are_no_address():
    assert not Address(name="Jane", company="Acme", country="US").is_known
    assert Address(postcode="02101").is_known
