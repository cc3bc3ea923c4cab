"""Pictures in the mails of automations: what is kept, shown, refused and forgotten."""

import struct
from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from crm.models import Business, Customer
from crm.services import files
from messaging.models import Automation, MailPicture, Message, Wording
from messaging.rules.pictures import NoPicture, read, sides
from messaging.services import automation_rows, automations, planning, wordings
from messaging.services import pictures as services
from tests.factories import CustomerFactory, UserFactory
from tests.messaging.delivering import deliver
from tests.messaging.pictures import SECRET, chunk, gif, jpeg, png
from web.errors import InvalidValue

NOW = datetime(2026, 5, 11, 12, tzinfo=UTC)
DAY = timedelta(days=1)
NOTE = chunk(b"tEXt", b"Comment\0" + SECRET)


@pytest.fixture(autouse=True)
def at_noon(settings, tmp_path):
    settings.MAIL_TRANSPORT = "outbox"
    settings.JOURNAL_FOLDER = tmp_path
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def row(db):
    automations.ensure_automations()
    Customer.objects.all().delete()
    return Automation.objects.get(kind="anniversary")


@pytest.fixture
def manager(client, db):
    user = UserFactory(role="manager")
    client.force_login(user)
    return user


def put_up(content=None, *, now=NOW):
    return services.put_up(content or png(), by=None, now=now)


def words_url(row, name="words", language="en"):
    return reverse(f"messaging:automation-{name}", args=[row.pk, 1, language])


# --- What a file is ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "kind"),
    [(png(more=NOTE, behind=b"PK\3\4" + SECRET), "png"), (jpeg(), "jpeg"),
     (gif(), "gif")],
    ids=["png", "jpeg", "gif"],
)  # fmt: skip
def test_what_is_kept_draws_the_same_and_says_nothing_else(content, kind):
    assert content.count(SECRET) >= 2

    found = read(content)

    assert found.content_type == f"image/{kind}"
    assert SECRET not in found.content
    assert read(found.content).content == found.content
    assert found.width in (60, 600)
    assert found.height == 20


def test_of_a_jpeg_the_colours_and_the_coded_data_stay():
    found = read(jpeg()).content

    assert b"ICC_PROFILE\0\1\1colours" in found
    assert b"coded \xff\x00 and \xff\xd3 more\xff\xc4" in found
    assert b"Exif" not in found
    assert found.endswith(b"the rest\xff\xd9")


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("turned", [3, 6, 8])
def test_a_photo_that_was_turned_stays_so(order, turned):
    found = read(jpeg(600, 20, orientation=turned, order=order))

    assert (found.width, found.height) == ((600, 20) if turned == 3 else (20, 600))
    said = struct.pack(">HHIHH", 0x0112, 3, 1, turned, 0)
    assert said in found.content
    assert SECRET not in found.content


def test_a_gif_goes_on_moving():
    found = read(gif()).content

    assert found.count(b"\x21\xf9\4") == 2
    assert b"NETSCAPE2.0" in found


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "not_a_picture"),
        (b"<svg onload='alert(1)'/>", "not_a_picture"),
        (b"GIF89a=1;alert(1)//<script>", "not_a_picture"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "not_a_picture"),
        (png().replace(b"IDAT", b"IDAX"), "not_a_picture"),
        (png(0, 20), "not_a_picture"),
        (png(4001, 1), "picture_too_wide"),
        (jpeg(10, 4001), "picture_too_wide"),
        (png(behind=bytes(700_000)), "picture_too_big"),
    ],
)  # fmt: skip
def test_anything_else_is_refused(content, code):
    with pytest.raises(NoPicture) as refused:
        read(content)
    assert refused.value.code == code


@pytest.mark.parametrize(
    "whole", [png(60, 3), jpeg(), gif()], ids=["png", "jpeg", "gif"]
)
def test_what_is_cut_or_broken_is_refused_or_read_and_never_fails(whole):
    end = whole.rindex(SECRET) if SECRET in whole else len(whole)
    for cut in range(end):
        with pytest.raises(NoPicture):
            read(whole[:cut])
    lot = Random(1)
    for _ in range(2_000):
        broken = bytearray(whole)
        for _ in range(3):
            broken[lot.randrange(len(broken))] = lot.randrange(256)
        try:
            found = read(bytes(broken))
        except NoPicture:
            continue
        assert read(found.content).content == found.content


# --- In a mail -----------------------------------------------------------------------


def test_it_stands_in_the_mail_with_its_words(row):
    Business.objects.update(public_url="https://shop.example", country="GB")
    picture = put_up(jpeg(1104, 400))
    words = {"picture": picture.name, "picture_alt": 'Cake, with "ten" candles'}
    wordings.save_wording(row, language="he", fields=words, now=NOW)
    CustomerFactory(language="he", since_on=date(2016, 5, 12), time_zone="UTC")
    CustomerFactory(language="en", since_on=date(2016, 5, 12), time_zone="UTC")
    automations.switch_on(row, now=NOW)

    planning.sweep(now=NOW)
    deliver(now=NOW.replace(day=12))

    theirs, others = (
        Message.objects.get(language=code, state="sent").body for code in ("he", "en")
    )
    address = f"https://shop.example/pictures/{picture.name}"
    assert f'src="{address}"' in theirs.html
    assert "Cake, with &quot;ten&quot; candles" in theirs.html
    assert 'width="552"' in theirs.html
    assert theirs.text.startswith('[Cake, with "ten" candles]\n')
    assert "/pictures/" not in others.html
    assert "[" not in others.text


def test_a_small_one_is_not_blown_up(client, manager, row):
    words = {"picture": put_up(png(200, 90)).name, "picture_alt": "Our sign"}
    wordings.save_wording(row, language="en", fields=words, now=NOW)

    shown = client.get(words_url(row, "words-preview")).content.decode()

    assert 'width="200"' in shown
    # Under whatever address the page is open.
    assert f'src="/pictures/{words["picture"]}"' in shown


def test_anybody_may_look_and_no_program_asks_twice(client, db):
    picture = put_up(png(more=NOTE))

    answer = client.get(f"/pictures/{picture.name}")

    assert b"".join(answer) == read(png()).content
    assert answer["Content-Type"] == "image/png"
    assert answer["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]
    assert not answer.cookies
    assert "Cookie" not in answer.get("Vary", "")
    for wrong in (picture.name[1:], "0" * 32 + "-9x9.png", "../files"):
        assert client.get(f"/pictures/{wrong}").status_code == 404
    files.storage().delete(picture.key)
    assert client.get(f"/pictures/{picture.name}").status_code == 404


# --- Put in and taken out ------------------------------------------------------------


def posted(row, file=None, **typed):
    upload = SimpleUploadedFile("cake.exe", file, "text/html") if file else ""
    return {"do": "save", "beside": "he", "picture_file": upload, **typed}


def test_it_is_put_in_taken_out_and_back_again(client, manager, row):
    client.post(words_url(row), posted(row, png(), picture_alt="A cake"))
    name = Wording.objects.get().fields["picture"]
    assert sides(name) == (600, 20)
    assert MailPicture.objects.get().put_up_by == manager
    assert f"/pictures/{name}" in client.get(words_url(row)).content.decode()
    # Other words are typed, and it stays.
    same = {"picture": name, "picture_alt": "A cake"}
    client.post(words_url(row), posted(row, subject="Hooray", **same))
    assert Wording.objects.get().fields == {**same, "subject": "Hooray"}

    client.post(words_url(row), posted(row, picture_from="none", **same))
    assert Wording.objects.get().fields == {}

    services.forget(NOW + 400 * DAY)
    version = row.versions.order_by("-number")[1]
    back = reverse(
        "messaging:automation-version-restore", args=[row.pk, version.number]
    )
    client.post(back, {"step": 1, "language": "en"})
    assert Wording.objects.get().fields["picture"] == name
    assert client.get(f"/pictures/{name}").status_code == 200


def test_without_its_words_nothing_is_saved_and_nothing_is_lost(client, manager, row):
    refused = client.post(words_url(row), posted(row, png(), subject="Typed"))

    assert refused.status_code == 422
    page = refused.content.decode()
    picture = MailPicture.objects.get()
    assert "Say in a few words what the picture shows" in page
    assert 'value="Typed"' in page
    assert f'name="picture" value="{picture.name}"' in page
    assert not Wording.objects.exists()
    client.post(words_url(row), posted(row, picture=picture.name, picture_alt="A cake"))
    assert Wording.objects.get().fields["picture"] == picture.name


@pytest.mark.parametrize(
    ("file", "says"),
    [
        (b"<svg onload='alert(1)'/>", "This is no whole picture"),
        (png(behind=bytes(700_000)), "more than 700 kB"),
        (png(4001, 1), "more than 4,000 pixels"),
    ],
)
def test_a_bad_file_is_refused_in_words(client, manager, row, file, says):
    refused = client.post(words_url(row), posted(row, file, subject="Typed"))

    assert refused.status_code == 422
    assert says in refused.content.decode()
    assert 'value="Typed"' in refused.content.decode()
    assert not MailPicture.objects.exists()


def test_another_language_takes_it_over_with_words_of_its_own(client, manager, row):
    words = {"picture": put_up().name, "picture_alt": "A cake"}
    wordings.save_wording(row, language="en", fields=words, now=NOW)
    typed = {"do": "save", "beside": "en", "picture_from": "beside"}

    page = client.get(words_url(row, language="he") + "?beside=en").content.decode()
    shown = client.post(words_url(row, "words-preview", "he"), typed).content.decode()
    client.post(words_url(row, language="he"), {**typed, "picture_alt": "עוגה"})

    assert "The picture of English" in page
    assert words["picture"] in shown
    assert Wording.objects.get(language="he").fields == {**words, "picture_alt": "עוגה"}


def test_a_name_that_nobody_put_up_is_refused(row):
    fields = {"picture": "0" * 32 + "-9x9.png", "picture_alt": "x"}

    with pytest.raises(InvalidValue):
        wordings.save_wording(row, language="en", fields=fields, now=NOW)


def test_who_may_not_edit_puts_nothing_up(client, row):
    client.force_login(UserFactory(role="agent"))

    answer = client.post(words_url(row), posted(row, png(), picture_alt="A cake"))

    assert answer.status_code == 403
    assert not MailPicture.objects.exists()


# --- Kept and forgotten --------------------------------------------------------------


def test_the_same_file_twice_is_one_picture(db):
    before = set(files.names("pictures/2026-05"))
    first, second = put_up(), put_up(png(more=NOTE), now=NOW + DAY)

    assert first.pk == second.pk
    assert MailPicture.objects.get().put_up_at == NOW + DAY
    assert len(set(files.names("pictures/2026-05")) - before) == 1


def test_what_no_words_ever_named_goes_after_a_day(
    row, django_capture_on_commit_callbacks
):
    named, lost, fresh = put_up(), put_up(jpeg()), put_up(gif(), now=NOW + DAY)
    words = {"picture": named.name, "picture_alt": "A cake"}
    wordings.save_wording(row, language="en", fields=words, now=NOW)
    copied = automation_rows.copy(row, name="Another", now=NOW)
    assert copied.steps.get().wordings.get().fields == words

    with django_capture_on_commit_callbacks(execute=True):
        services.forget(NOW + DAY + timedelta(hours=1))

    assert set(MailPicture.objects.all()) == {named, fresh}
    assert not files.storage().exists(lost.key)
    assert files.storage().exists(named.key)


def test_a_content_without_a_row_goes_too(db):
    key = put_up().key
    MailPicture.objects.all().delete()
    written = files.storage().get_modified_time(key)

    services.forget(written + timedelta(hours=23))
    assert files.storage().exists(key)
    services.forget(written + timedelta(hours=25))
    assert not files.storage().exists(key)
