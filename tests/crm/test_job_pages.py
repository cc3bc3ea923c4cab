"""The pages of exports and jobs: ask, watch, cancel, fetch."""

import re

import pytest
from django.test import Client
from django.utils import timezone

from crm.datasets import all_datasets
from crm.models import Job, StoredFile
from crm.services import files, jobs
from crm.services.exports import asking
from tests.crm.exporting import ask, content, exported, lines_of
from tests.factories import (
    NOW,
    CustomerFactory,
    MessageFactory,
    ResponseFactory,
    ReviewFactory,
    UserFactory,
)
from tests.pages import read

pytestmark = pytest.mark.django_db


def browser(role="owner"):
    client = Client()
    client.user = UserFactory(role=role)
    client.force_login(client.user)
    return client


@pytest.fixture
def desk():
    return browser()


def work():
    while jobs.work(now=NOW, seconds=60).is_unfinished:
        pass


def file_of(client, url, **more):
    """What a button on a page leads to, pressed to the end."""
    page = client.get(url)
    link = read(page).split("/exports/new/?")[1].split('"')[0].replace("&amp;", "&")
    form = client.get(f"/exports/new/?{link}")
    hidden = dict(
        part.split('" value="')
        for part in [
            one.split('"', 1)[1].split('">')[0].replace('name="', "")
            for one in read(form).split('<input type="hidden" ')[2:]
        ]
        if '" value="' in part
    )
    sent = client.post("/exports/new/", {**hidden, "format": "csv", **more})
    assert sent.status_code == 303
    work()
    return lines_of(content(Job.objects.latest("pk").result))


# --- From each list ------------------------------------------------------------------


def test_the_customer_list_is_exported_with_its_filters(desk):
    CustomerFactory(external_id="mine", owner=desk.user)
    CustomerFactory(external_id="nobody's")

    found = file_of(desk, "/customers/?owner=me")

    assert [line["external_id"] for line in found] == ["mine"]


def test_the_outbox_is_exported_as_the_tab_shows_it(desk):
    MessageFactory(kind="a")
    MessageFactory(kind="b", state="sent", final_at=NOW)

    assert [line["kind"] for line in file_of(desk, "/outbox/")] == ["a"]
    assert [line["kind"] for line in file_of(desk, "/outbox/?tab=sent")] == ["b"]


def test_answers_are_exported_as_their_page_shows_them(desk):
    low = ResponseFactory(score=2)
    ResponseFactory(score=9)

    found = file_of(desk, f"/surveys/{low.survey_id}/answers/?score=1&score=2")

    assert [line["score"] for line in found] == ["2"]


def test_reviews_are_exported_as_their_tab_shows_them(desk):
    ReviewFactory(stars=1)
    ReviewFactory(stars=5, state="published", published_at=NOW)

    found = file_of(desk, "/reviews/?state=published")

    assert [line["stars"] for line in found] == ["5"]


def test_whoever_may_not_export_sees_no_button():
    agent = browser("agent")

    assert "/exports/new/" not in read(agent.get("/customers/"))
    assert "/exports/new/" not in read(agent.get("/settings/"))
    assert "/exports/new/" in read(browser().get("/settings/"))


def test_everything_is_offered_where_no_list_led_here(desk):
    html = read(desk.get("/exports/new/"), "Export everything")

    offered = re.findall('<input[^>]*name="datasets"[^>]*>', html)
    # All but those of a list, which are nothing without its filters.
    assert len(offered) == sum(not one.is_of_a_list for one in all_datasets())
    assert all("checked" in box for box in offered)


# --- The form ------------------------------------------------------------------------


def test_a_form_without_a_choice_is_shown_again(desk):
    answer = desk.post("/exports/new/", {"format": "paper"})

    read(answer, "There is a problem", status=422)
    assert not Job.objects.exists()


def test_a_manager_states_what_it_is_for():
    manager = browser("manager")

    refused = manager.post("/exports/new/", {"of": "orders", "format": "csv"})
    sent = manager.post(
        "/exports/new/", {"of": "orders", "format": "csv", "reason": "The audit"}
    )

    read(refused, "Say what the export is for", status=422)
    assert sent.status_code == 303
    assert Job.objects.get().reason == "The audit"


# --- The job -------------------------------------------------------------------------


def test_a_job_is_watched_until_it_has_ended(desk):
    CustomerFactory()
    job = ask("customers")

    waiting = read(desk.get(f"/jobs/{job.pk}/"), 'hx-trigger="every 2s"', "Cancel it")
    jobs.work(now=NOW, seconds=0)
    begun = read(desk.get(f"/jobs/{job.pk}/"), "Done: 0 of 1")
    work()
    done = read(desk.get(f"/jobs/{job.pk}/"), "Download")

    assert "Look again" in waiting
    assert "Look again" in begun
    assert "every 2s" not in done
    assert "Look again" not in done


def test_a_job_is_cancelled_on_its_page(desk):
    job = ask("customers")

    desk.post(f"/jobs/{job.pk}/cancel/")
    work()

    read(desk.get(f"/jobs/{job.pk}/"), "Cancelled", "Nothing was kept of it")
    assert not StoredFile.objects.exists()


def test_a_second_cancel_is_reported_and_harmless(desk):
    job = ask("customers")

    for _ in range(2):
        answer = desk.post(f"/jobs/{job.pk}/cancel/", follow=True)

    read(answer, "This has ended already")


def test_a_failure_is_shown_in_words(desk):
    job = ask("customers")
    Job.objects.update(state="failed", error="files_unusable", finished_at=NOW)

    read(desk.get(f"/jobs/{job.pk}/"), "its disk is full", "try again")


def test_a_file_that_is_no_longer_kept_is_reported(desk):
    job = ask("customers")
    work()
    files.delete(StoredFile.objects.all())

    read(desk.get(f"/jobs/{job.pk}/"), "no longer kept")


def test_the_list_shows_who_asked_for_what(desk):
    ask("customers")

    read(desk.get("/jobs/"), "Export: Customers", "Waiting")


def test_only_whoever_may_export_sees_the_jobs():
    job = ask("customers")
    agent = browser("agent")

    assert "Export: Customers" not in read(agent.get("/jobs/"))
    assert agent.get(f"/jobs/{job.pk}/").status_code == 403
    assert agent.post(f"/jobs/{job.pk}/cancel/").status_code == 403


@pytest.mark.parametrize("name", ["drafts", "notices", "saved-replies"])
def test_what_is_somebodys_own_is_taken_along_for_them_alone(name):
    """Also where others may export the same of themselves."""
    mine, owner = browser("manager"), browser()
    mine.post(
        "/exports/new/",
        {"of": name, "whose": "me", "format": "csv", "reason": "To keep"},
    )
    work()
    job = Job.objects.get()
    title = asking.EXPORT.title(job)

    for url in (f"/jobs/{job.pk}/", f"/files/{job.result_id}/"):
        assert mine.get(url).status_code == 200
        assert owner.get(url).status_code == 403
    assert title in read(mine.get("/jobs/"))
    assert title not in read(owner.get("/jobs/"))
    # Once the job is no longer kept, its file still tells nobody else.
    job.delete()
    assert mine.get(f"/files/{job.result_id}/").status_code == 200
    assert owner.get(f"/files/{job.result_id}/").status_code == 403


def test_saved_replies_of_everybody_are_seen_by_whoever_may_export(desk):
    job = ask("saved-replies")
    assert desk.get(f"/jobs/{job.pk}/").status_code == 200
    read(desk.get("/jobs/"), "Export: Saved replies")


# --- On Today ------------------------------------------------------------------------


def test_today_shows_whoever_asked_that_it_is_ready_until_they_have_seen_it(desk):
    job = asking.ask(
        names=["customers"],
        format_name="csv",
        filters={},
        by=desk.user,
        now=timezone.now(),
    )
    assert "Export: Customers" not in read(desk.get("/"))
    while jobs.work(now=timezone.now(), seconds=60).is_unfinished:
        pass

    shown = read(
        desk.get("/"), "Export: Customers", "It is ready.", "1 thing needs you"
    )
    others = read(browser().get("/"))
    desk.post(f"/jobs/{job.pk}/seen/")

    assert f'id="job-{job.pk}"' in shown
    assert "Export: Customers" not in others
    assert "Export: Customers" not in read(desk.get("/"))


# --- The file ------------------------------------------------------------------------


def test_a_file_is_only_ever_a_download(desk):
    CustomerFactory(external_id="<script>")
    file = exported("customers")

    answer = desk.get(f"/files/{file.pk}/")

    assert b"".join(answer.streaming_content) == content(file)
    assert answer["Content-Disposition"].startswith("attachment; filename=")
    assert answer["Content-Type"] == "text/csv"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer["Cache-Control"] == "no-store"
    assert answer["Content-Length"] == str(file.size)


@pytest.mark.parametrize("role", ["agent", "marketer", "analyst"])
def test_whoever_lacks_the_right_of_a_file_does_not_get_it(role):
    file = exported("customers")

    assert browser(role).get(f"/files/{file.pk}/").status_code == 403


def test_no_one_gets_a_file_without_signing_in(client):
    file = exported("customers")

    assert client.get(f"/files/{file.pk}/").status_code == 302


def test_a_file_whose_content_is_gone_is_not_found(desk):
    file = exported("customers")
    files.storage().delete(file.key)

    answer = desk.get(f"/files/{file.pk}/")

    read(answer, "There is nothing at this address", status=404)
