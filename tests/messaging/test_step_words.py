"""The words of a step: beside another language, as a real mail, and as a test."""

from datetime import UTC, date, datetime

import pytest
import time_machine
from django.urls import reverse

from crm.models import Customer
from messaging import kinds
from messaging.models import Automation, AutomationVersion, Message, Wording
from messaging.rules.offers import offer_in
from messaging.services import (
    automation_rows,
    automations,
    steps,
    trial_mails,
    wordings,
)
from tests.factories import CustomerFactory, UserFactory
from tests.messaging.delivering import deliver
from tests.pages import read

NOW = datetime(2026, 5, 11, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def at_noon(settings, tmp_path):
    settings.MAIL_TRANSPORT = "outbox"
    settings.JOURNAL_FOLDER = tmp_path
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def manager(client, db):
    user = UserFactory(name="Noa", role="manager")
    client.force_login(user)
    return user


@pytest.fixture
def row(db):
    automations.ensure_automations()
    Customer.objects.all().delete()
    return Automation.objects.get(kind="anniversary")


def url(row, name="words", *args):
    more = [one for one in args or (1, "he") if one]
    return reverse(f"messaging:automation-{name}", args=[row.pk, *more])


def test_words_are_saved_in_one_language_beside_another(client, manager, row):
    wordings.save_wording(row, language="en", fields={"subject": "Hooray"}, now=NOW)

    page = client.get(url(row)).content.decode()
    client.post(url(row), {"subject": "{years} יחד", "do": "save"})
    refused = client.post(url(row), {"subject": "{nickname}", "thanks": "Kept"})

    assert "Hooray" in page
    # Those whose readers get ours are named.
    assert page.count("not in your words yet") == 3
    wording = Wording.objects.get(step__automation=row, language="he")
    assert wording.fields == {"subject": "{years} יחד"}
    assert refused.status_code == 422
    text = refused.content.decode()
    assert "Use only the words in braces that belong to this field" in text
    assert 'value="{nickname}"' in text
    assert "Kept" in text


def test_the_preview_is_the_mail_of_a_real_customer_and_changes_nothing(
    client, manager, row
):
    dana = CustomerFactory(given_name="Dana", since_on=date(2016, 5, 20), language="he")
    far = CustomerFactory(given_name="Ben", since_on=None)
    typed = {"subject": "x", "thanks": "{first_name}, {years} of {shop}!"}
    before = list(Message.objects.values()), list(Wording.objects.values())

    asked = {**typed, "person": dana.pk}
    real = client.post(url(row, "words-preview", 1, "en"), asked).content.decode()
    page = client.get(f"{url(row, 'words', 1, 'en')}?person={dana.pk}")
    not_due = client.get(f"{url(row, 'words', 1, 'en')}?person={far.pk}")
    unknown = client.post(url(row, "words-preview", 1, "en"), {"subject": "{no}"})

    assert "Dana" in real
    assert "10 years" in real
    assert (
        "script-src 'none'"
        in client.get(url(row, "words-preview"))["Content-Security-Policy"]
    )
    assert [one.customer for one in page.context["next_people"]] == [dana]
    chips = {chip for one in page.context["rows"] for chip in one.chips}
    assert ("{years}", "10 years") in chips
    assert (page.context["is_due"], not_due.context["is_due"]) == (True, False)
    assert unknown.status_code == 422
    assert "{no}" in unknown.content.decode()
    assert before == (list(Message.objects.values()), list(Wording.objects.values()))


def test_somebody_is_found_by_name_without_losing_what_is_typed(client, manager, row):
    levi = CustomerFactory(given_name="Dana", family_name="Levi")

    answer = client.post(url(row), {"thanks": "Half a", "find": "levi", "do": "find"})

    assert answer.status_code == 200
    assert answer.context["people"] == [levi]
    assert "Half a" in answer.content.decode()
    assert not Wording.objects.exists()


def test_customers_are_shown_to_whom_may_see_them_alone(client, row):
    client.force_login(UserFactory(role="analyst"))
    dana = CustomerFactory(since_on=date(2016, 5, 20))
    page = url(row, "words-preview", 1, "en")

    assert client.get(page).status_code == 200
    assert client.get(f"{page}?person={dana.pk}").status_code == 403


def test_a_test_goes_to_whom_asks_in_each_language_and_counts_nowhere(
    client, manager, row
):
    wordings.save_wording(row, language="en", fields={"thanks": "Our own"}, now=NOW)
    dana = CustomerFactory(given_name="Dana", since_on=date(2016, 5, 20))

    client.post(url(row, "test", 1), {"person": dana.pk})
    deliver(now=NOW)

    rows = Message.objects.select_related("body")
    assert {(one.user, one.customer, one.state) for one in rows} == {
        (manager, None, "sent")
    }
    assert {one.language for one in rows} == {"en", "he", "zh-hans", "zh-hant"}
    assert {one.automation for one in rows} == {None}


def test_the_letter_of_a_test_is_marked_and_has_the_facts_of_its_customer(manager, row):
    dana = CustomerFactory(given_name="Dana", since_on=date(2016, 5, 20))
    step = row.steps.get()

    sent = trial_mails.send(step, to=manager, languages=["en"], customer=dana, now=NOW)
    (letter,) = trial_mails.letters(sent, now=NOW).values()

    assert letter.subject.startswith("[Test] ")
    assert "10 years" in letter.text
    assert "Dana" in letter.html
    assert letter.to == ((manager.name, manager.email),)
    assert trial_mails.letters(sent, now=NOW).keys() == {sent[0].pk}


def test_versions_say_what_changed_and_words_come_back(client, manager, row):
    wordings.save_wording(row, language="en", fields={"thanks": "Old"}, now=NOW)
    old = AutomationVersion.objects.filter(automation=row).latest("number")
    wordings.save_wording(row, language="en", fields={"thanks": "New"}, now=NOW)

    page = client.get(reverse("messaging:automation-versions", args=[row.pk]))
    newest = page.context["versions"][0]
    changes = [(one.before, one.after, one.language) for one in newest.changes]
    client.post(
        reverse("messaging:automation-version-restore", args=[row.pk, old.number]),
        {"step": "1", "language": "en"},
    )

    assert changes == [("Old", "New", "en")]
    assert Wording.objects.get(step__automation=row).fields == {"thanks": "Old"}
    assert AutomationVersion.objects.filter(automation=row).count() > old.number


def test_steps_are_added_changed_moved_and_removed_on_the_page(client, manager, row):
    def post(name, *args, **data):
        row.refresh_from_db()
        sent = {"version": row.version, **data}
        path = reverse(f"messaging:automation-step{name}", args=[row.pk, *args])
        return client.post(path, sent, follow=True)

    post("-add", wait_days=7, stop_on=["bought"])
    post("-add", wait_days=3)
    post("", 2, wait_days=9, stop_on=["bought", "wrote"], has_offer="on")
    post("-move", 2, to=3)
    page = post("", 1, has_offer="on").content.decode()
    refused = post("", 2, wait_days=0)
    post("-remove", 2)

    assert "9 days after the one before, unless they bought or they wrote to us" in page
    assert refused.status_code == 422
    kept = [(one.wait_days, one.has_offer) for one in row.steps.all()]
    assert kept == [(0, True), (9, True)]


def test_words_that_look_like_an_offer_warn_until_the_step_says_so(
    client, manager, row
):
    wordings.save_wording(row, language="en", fields={"thanks": "Take 10 %"}, now=NOW)
    page = reverse("messaging:automation", args=[row.pk])

    assert "“%” in its words looks like an offer" in client.get(page).content.decode()
    row.refresh_from_db()
    steps.change(
        row, version=row.version, position=1, wait_days=0, stop_on=(),
        has_offer=True, without_offer_allowed=False, now=NOW,
    )  # fmt: skip
    assert "looks like an offer" not in read(client.get(page))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("10% off", "%"),
        ("only € 5", "€ 5"),
        ("5₪ less", "5₪"),
        ("Use SUMMER10 today", "SUMMER10"),
        ("现在 20 元", "20 元"),
        ("Thank you for 6 years, NASA", ""),
    ],
)
def test_what_looks_like_an_offer(text, found):
    assert offer_in(text) == found


def test_a_test_of_all_steps_comes_in_each_language(client, manager):
    series = automation_rows.create(kinds.get("welcome"), now=NOW)

    page = client.post(url(series, "test-all", None), follow=True)
    sent = list(Message.objects.filter(kind="automation_test"))
    assert {(one.why["step"], one.language) for one in sent} == {
        (step, language)
        for step in (1, 2, 3)
        for language in ("en", "he", "zh-hans", "zh-hant")
    }
    assert "12 tests are on their way" in page.content.decode()
    # Forty an hour: three dozen go, and of a fourth no part.
    for _again in range(3):
        client.post(url(series, "test-all", None))
    assert Message.objects.filter(kind="automation_test").count() == 36
    letters = trial_mails.letters(sent, now=NOW).values()
    assert any(one.subject.startswith("[Test, mail 3] ") for one in letters)


def test_settings_of_a_version_come_back_after_a_look_at_what_changes(client, manager):
    row = automation_rows.create(kinds.get("welcome"), now=NOW)
    change = {"send_hour": 17, "weekdays": [1, 2], "name": "Hello"}
    automations.edit(row, version=1, now=NOW, **change)
    row.refresh_from_db()
    steps.change(
        row, version=row.version, position=2, wait_days=9, stop_on=["bought"],
        has_offer=False, without_offer_allowed=False, now=NOW,
    )  # fmt: skip
    row.refresh_from_db()
    path = url(row, "version-settings", 1)

    page = client.get(path)
    stale = client.post(path, {"version": row.version - 1})
    unchanged = Automation.objects.get(pk=row.pk).send_hour
    client.post(path, {"version": row.version})

    shown = [(one.label, one.before, one.after) for one in page.context["changes"]]
    assert shown == [
        ("Name", "Hello", "Welcome series"),
        ("Hour", "17", "9"),
        ("Days of the week", "Mon, Tue", "Mon, Tue, Wed, Thu, Fri, Sat, Sun"),
        ("Step 2: Days after the step before has left", "9", "4"),
        ("Step 2: What ends a run before it", "they bought", "they wrote to us"),
    ]
    assert (stale.status_code, unchanged) == (303, 17)
    row.refresh_from_db()
    assert (row.name, row.send_hour, row.weekdays) == (
        "Welcome series", 9, [1, 2, 3, 4, 5, 6, 7],
    )  # fmt: skip
    second = row.steps.get(position=2)
    assert (second.wait_days, second.stop_on) == (4, ["wrote"])
    assert "They are as they were then" in client.get(path).content.decode()
