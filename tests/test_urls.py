"""Every address there is: declared, guarded as declared, and harmless to look at."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from crm.access import Role, needs_no_session
from crm.models import User
from crm.services import account_links
from tests.committed import outbox_in, uncommitted_rows
from tests.journeys.reading import everything_stored
from tests.journeys.support import Shop, small_shop
from tests.permissions import MAY_OPEN
from web import uploads

# Each test goes back to the shop as it was.
pytestmark = pytest.mark.django_db

# Neither ours nor declared by us, and each for a reason.
UNDECLARED = {
    "login/": "anybody may sign in",
    "logout/": "a POST of one's own session",
    "admin/login/": "leads to the sign-in page",
    "admin/password_change/": "leads to one's own page",
    "login/code/": "whoever knows a password may go on",
    "api/schema/": "tells shapes, not data",
}
# Which row of the shop the number in an address means, by the folder before it, or by
# the first one.
ROWS = {
    "customers": "customer",
    "addresses": "address",
    "companies": "company",
    "products": "product",
    "contracts": "subscription",
    "subscriptions": "subscription",
    "interactions": "interaction",
    "follow-ups": "follow_up",
    "outbox": "message",
    "messages": "message",
    "surveys": "survey",
    "themes": "theme",
    "answers": "answer",
    "survey-links": "link",
    "reviews": "review",
    "automations": "automation",
    "campaigns": "campaign",
    "settings": "colleague",
    "jobs": "job",
    "bulk": "bulk_run",
    "views": "saved_view",
    "segments": "segment",
    "snapshots": "snapshot",
    "files": "file",
    "imports": "import_draft",
    "runs": "import_run",
    "inbox": "conversation",
    "changes": "conversation_change",
    "rules": "inbox_rule",
    "mails": "mail",
    "mail-files": "mail_file",
    "raw-mails": "raw_mail",
    "mailboxes": "mailbox",
    "fields": "custom_field",
    "name-days": "name_days",
    "goes-with": "complement",
    "rewards": "reward",
    "grants": "grant",
    "programmes": "programme",
    "earning-rules": "earning_rule",
    "members": "membership",
    "spendings": "spending",
    "entries": "entry",
    "redemptions": "redemption",
    "drafts": "draft",
    "draft-files": "draft_file",
    "replies": "saved_reply",
    "reply-files": "saved_reply_file",
    "merges": "merge",
    "returns": "unmatched_return",
    "choices": "return_choice",
    "exact": "merge_job",
    "marks": "mark",
}
TOKENS = {
    "s": "survey",
    "a": "share",
    "r": "review",
    "b": "reminder",
    "m": "member",
    "u": "stop",
    "p": "preferences",
    "contact": "contact",
}
KEYS = {"reset": account_links.RESET, "invitation": account_links.INVITATION}
WORDS = {
    "rest": "v1/nowhere",
    "name": "email",
    "language": "he",
    "category": "survey",
    "kind": "anniversary",
    "ticket": "none",
    "secret": uploads.webhook_ticket(),
    "path": "postmark/inbound/",
    "action": "reopen",
    "act": "cancel",
    "source": "follow_up",
    "step": "1",
    "at": "score",
    "number": "1",
}
POST_ONLY = [
    "crm:bulk-undo",
    "crm:address-chief",
    "crm:custom-field-index",
    "crm:custom-field-move",
    "crm:custom-field-restore",
    "crm:company-unlink",
    "crm:customer-lookalikes",
    "crm:different-people",
    "crm:merge-undo",
    "crm:return-leave",
    "loyalty:programme-ready",
    "loyalty:programme-switch",
    "loyalty:programme-archive",
    "loyalty:programme-offer",
    "loyalty:rule-end",
    "loyalty:membership-adjust",
    "loyalty:membership-step",
    "loyalty:till-give",
    "loyalty:till-take",
    "loyalty:till-pay",
    "loyalty:till-take-undo",
    "loyalty:till-give-undo",
    "crm:return-undo",
    "crm:follow-up-done",
    "crm:follow-up-drop",
    "crm:follow-up-reopen",
    "crm:follow-up-take",
    "crm:follow-up-assign",
    "crm:follow-up-snooze",
    "crm:import-discard",
    "crm:import-kind",
    "crm:import-start",
    "crm:import-undo",
    "crm:import-upload",
    "crm:job-cancel",
    "crm:job-seen",
    "crm:password",
    "crm:saved-view-create",
    "crm:saved-view-delete",
    "crm:segment-delete",
    "crm:segment-follow",
    "crm:segment-snapshot",
    "crm:snapshot-delete",
    "crm:session-end",
    "crm:sessions-end-others",
    "crm:second-factor-off",
    "crm:recovery-codes",
    "crm:team-role",
    "crm:team-deactivate",
    "crm:team-activate",
    "crm:team-invite-again",
    "feedback:review-publish",
    "surveys:answer-leave-out",
    "surveys:answer-theme",
    "surveys:theme-archive",
    "surveys:theme-start",
    "surveys:digest-choice",
    "surveys:survey-question-preview",
    "surveys:survey-questions-change",
    "surveys:survey-questions-undo",
    "surveys:survey-publish",
    "surveys:survey-test-mail",
    "surveys:survey-drop-draft",
    "surveys:survey-state",
    "surveys:answer-count-again",
    "surveys:link-close",
    "surveys:link-reopen",
    "feedback:review-reject",
    "feedback:withdraw",
    "insights:mark-delete",
    "loyalty:complement-set",
    "loyalty:name-days-delete",
    "loyalty:name-days-load",
    "loyalty:name-days-use",
    "support:conversation-act",
    "support:conversation-change",
    "support:absence-end",
    "support:change-undo",
    "support:rule-move",
    "support:rule-switch",
    "support:rule-delete",
    "support:mailbox-try",
    "support:mailbox-test",
    "support:reply",
    "support:reply-to",
    "support:note-create",
    "support:notes-seen",
    "support:mail-forward",
    "support:mail-take-back",
    "support:mail-first-writer",
    "support:mail-failure-seen",
    "support:draft-discard",
    "support:draft-unschedule",
    "support:draft-file-create",
    "support:draft-file-delete",
    "support:saved-reply-delete",
    "support:saved-reply-file-create",
    "support:saved-reply-file-delete",
    "support:signature-edit",
    "support:read-again",
    "messaging:message-cancel",
    "messaging:message-leave",
    "messaging:message-send-again",
    "messaging:try-now",
    "messaging:address-allow",
    "messaging:address-stop",
    "messaging:automation-archive",
    "messaging:automation-delete",
    "messaging:automation-edit",
    "messaging:automation-move",
    "messaging:automation-holdout-edit",
    "loyalty:reward-archive",
    "loyalty:reward-codes",
    "loyalty:gift-change",
    "loyalty:gift-undo",
    "loyalty:grant-accept",
    "loyalty:grant-done",
    "loyalty:grant-plan",
    "loyalty:grant-reopen",
    "loyalty:grant-take-back",
    "loyalty:till-redeem",
    "loyalty:till-undo",
    "loyalty:campaign-day",
    "loyalty:campaign-nature",
    "loyalty:campaign-start",
    "loyalty:campaign-stop",
    "loyalty:campaign-ask",
    "loyalty:campaign-answer",
    "messaging:automation-switch",
    "messaging:automation-step",
    "messaging:automation-step-add",
    "messaging:automation-step-move",
    "messaging:automation-step-remove",
    "messaging:automation-test",
    "messaging:automation-test-all",
    "messaging:automation-version-restore",
    "messaging:consent-undo",
    "messaging:consent-withdraw",
    "messaging:mail-pause",
    "messaging:mail-resume",
]
# What somebody is writing is theirs alone, here the owner's.
OWN = {"support:draft", "support:draft-picture"}
EVIL = "https://evil.example"
ROLES = [role.value for role in Role]


@dataclass(frozen=True)
class Route:
    path: str
    name: str
    view: Callable[..., Any]
    is_admin: bool

    def __str__(self) -> str:
        return self.path

    @property
    def capability(self) -> Any:
        return getattr(self.view, "capability", None)

    @property
    def is_public(self) -> bool:
        return getattr(self.view, "is_public", False)

    @property
    def is_api(self) -> bool:
        return hasattr(getattr(self.view, "cls", None), "scopes")

    def url(self, shop: Shop) -> str:
        """The address of this route in that shop."""
        folder = self.path.removeprefix("api/v1/").split("/")[0]
        parts = self.path.split("/")
        words = [
            self._word(shop, before if before in ROWS else folder, part)
            for before, part in zip(["", *parts], parts, strict=False)
        ]
        return "/" + "/".join(words)

    def _word(self, shop: Shop, folder: str, part: str) -> str:
        if not part.startswith("<"):
            return part
        if self.is_admin:
            return "1"
        name = part.strip("<>").rpartition(":")[2]
        if folder == "pictures":
            return shop.links["picture"].split("/")[2]
        if name in ("pk", "address", "company", "subscription"):
            return str(shop.pks[ROWS[folder]])
        if name == "customer":
            return str(shop.pks["customer"])
        if name == "token":
            return shop.links[TOKENS[folder]].split("/")[2]
        if name == "key":
            owner = User.objects.get(pk=shop.owner.pk)
            tokens = KEYS[self.path.split("/")[1]]
            return f"{owner.pk}-{tokens.make_token(owner)}"
        return WORDS[name]


def walk(patterns: list[Any], before: str = "", app: str = "") -> Iterator[Route]:
    for pattern in patterns:
        path = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from walk(pattern.url_patterns, path, app or pattern.app_name or "")
        elif isinstance(pattern, URLPattern):
            name = f"{app}:{pattern.name}"
            yield Route(path, name, pattern.callback, is_admin=app == "admin")


ALL = list(walk(get_resolver().url_patterns))
OURS = [route for route in ALL if not route.is_admin]
STAFF = [route for route in OURS if route.capability]
PUBLIC = [route for route in OURS if route.is_public]


# --- Declared ------------------------------------------------------------------------


def test_every_address_declares_who_may_open_it():
    declared = {
        route.path: [bool(route.capability), route.is_public, route.is_api].count(True)
        for route in OURS
    }

    assert declared == {path: path not in UNDECLARED for path in declared}


def test_the_list_of_undeclared_addresses_has_no_dead_entries():
    assert set(UNDECLARED) <= {route.path for route in OURS}


def test_no_public_page_asks_for_a_login_and_no_other_page_opens_without():
    open_to_all = {
        route.path
        for route in OURS
        if not getattr(route.view, "login_required", True) and not route.is_api
    }

    assert open_to_all - set(UNDECLARED) == {route.path for route in PUBLIC}


def test_every_operation_of_the_api_names_its_scope():
    for route in OURS:
        if route.is_api:
            view = route.view.cls
            methods = ("get", "post", "put", "patch", "delete")
            served = {name.upper() for name in methods if hasattr(view, name)}
            assert served == set(view.scopes), route.path


# --- Guarded -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def shop(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: Any
) -> Iterator[Shop]:
    """One shop for the whole module."""
    with (
        outbox_in(tmp_path_factory.mktemp("journal")),
        uncommitted_rows(django_db_blocker),
    ):
        yield small_shop(timezone.now())


@pytest.fixture(scope="module")
def clients(shop: Shop) -> dict[str, Client]:
    """One browser for each role, and one without a user."""
    found = {"anonymous": Client(raise_request_exception=False)}
    for role, user in shop.staff.items():
        found[role] = Client(raise_request_exception=False)
        found[role].force_login(user)
    return found


@dataclass(frozen=True)
class Visit:
    """Every page of ours, opened once by the owner and once by a stranger."""

    before: dict[str, str]
    answers: dict[tuple[Route, str], HttpResponse]
    heads: dict[tuple[Route, str], int]
    after: dict[str, str]


@pytest.fixture(scope="module")
def visit(shop: Shop, clients: dict[str, Client]) -> Visit:
    """What several tests ask about; where a stranger only meets the sign-in page, the
    owner's HEAD is enough."""
    before = everything_stored()
    answers, heads = {}, {}
    for route in OURS:
        for name in ("owner", "anonymous"):
            answers[route, name] = clients[name].get(route.url(shop))
            if name == "owner" or not route.capability:
                heads[route, name] = clients[name].head(route.url(shop)).status_code
    return Visit(before, answers, heads, everything_stored())


def test_the_table_of_permissions_names_every_page():
    names = {route.name for route in STAFF}

    assert names == set(MAY_OPEN), "each page has its row in tests/permissions.py"


@pytest.mark.parametrize("route", STAFF, ids=str)
def test_each_role_opens_what_the_table_states(route, shop, clients, visit):
    url = route.url(shop)
    opened = visit.answers[route, "owner"].status_code
    only_posts = opened == 405
    assert only_posts == (route.name in POST_ONLY)

    for role in ROLES:
        if role == "owner" and not only_posts:
            seen = opened
        else:
            look = clients[role].post if only_posts else clients[role].get
            seen = look(url).status_code
        if role not in MAY_OPEN[route.name]:
            assert seen == 403, f"{role} {url}"
        elif only_posts:
            # What the empty form is answered is for the tests of each page.
            assert seen in (200, 302, 303, 400, 404, 409, 422), f"{role} {url}"
        else:
            is_theirs = route.name not in OWN or role == "owner"
            assert seen == (200 if is_theirs else 404), f"{role} {url}"


def test_strangers_are_sent_to_sign_in(shop, clients, visit):
    led = {}
    for route in STAFF:
        url = route.url(shop)
        looked = visit.answers[route, "anonymous"]
        posted = clients["anonymous"].post(url)
        led[url] = [
            (answer.status_code, answer.get("Location")) for answer in (looked, posted)
        ]

    assert led == {url: [(302, f"/login/?next={url}")] * 2 for url in led}


def test_a_role_without_the_right_cannot_post_either(shop, clients):
    refused = [
        (route, role)
        for route in STAFF
        for role in ROLES
        if role not in MAY_OPEN[route.name]
    ]
    before = everything_stored()

    for route, role in refused:
        answer = clients[role].post(route.url(shop), {})
        assert answer.status_code in (403, 405), f"{role} {route}"

    assert len(refused) > 40
    assert everything_stored() == before


def test_public_pages_open_for_anybody(visit):
    seen = {
        route.path: visit.answers[route, "anonymous"].status_code for route in PUBLIC
    }

    assert {path: code for path, code in seen.items() if code not in (200, 405)} == {}


@pytest.mark.parametrize("role", [*ROLES, "anonymous"])
def test_the_admin_opens_only_for_those_who_may_use_it(role, shop, clients):
    for url in ("/admin/", "/admin/crm/customer/", "/admin/messaging/message/"):
        seen = clients[role].get(url).status_code
        may = role != "anonymous" and shop.staff[role].is_staff
        assert seen == (200 if may else 302), url


def test_the_api_refuses_a_session(visit):
    for route in OURS:
        if route.is_api:
            answer = visit.answers[route, "owner"]
            # Where there is nothing, there is nothing to ask a key for.
            expected = (401, 405) if route.view.cls.scopes else (404,)
            assert answer.status_code in expected, route.path


def test_a_role_taken_away_counts_at_the_next_request(shop, clients):
    """S04: rights are asked of the row, not of the session."""
    owner = shop.owner
    owner.role = Role.ANALYST.value
    owner.save()
    try:
        assert clients["owner"].get("/customers/").status_code == 403
    finally:
        owner.role = Role.OWNER.value
        owner.save()


def test_no_form_of_another_site_acts_for_staff(shop):
    """S14, 53: the owner's browser is signed in, but the form is not ours."""
    lured = Client(enforce_csrf_checks=True, raise_request_exception=False)
    lured.force_login(shop.owner)
    before = everything_stored()

    for route in STAFF:
        seen = lured.post(route.url(shop), {"name": "x"}, headers={"Origin": EVIL})
        assert seen.status_code in (403, 405), route

    assert everything_stored() == before


# --- With and without a session ------------------------------------------------------

# The contact form and share links are as those behind a link, with or without one.
LINKS = [
    route
    for route in PUBLIC
    if "<token:token>" in route.path
    or "<str:secret>" in route.path
    or route.path.startswith(("contact/", "a/<slug:token>"))
]
PROBES = {"healthz", "readyz"}
# Two of the admin's are patterns for whatever else lies below it.
WITH_A_SESSION = [
    route
    for route in ALL
    if route not in LINKS and "(?P" not in route.path and route.path not in PROBES
]
# A mail or a preview of one, in a frame of ours, and a file have policies of their own.
FRAMES = {
    *("messaging:mail", "messaging:automation-words-preview", "crm:file"),
    "loyalty:grant-mail",
    "surveys:survey-question-preview",
    *("support:mail-frame", "support:mail-frame-pictures"),
    *("support:mail-file", "support:raw-download", "support:draft-picture"),
}
# Files that programs for mail fetch and keep; no page.
FOR_MAILS = {"messaging:picture"}
EVERY_PAGE = {
    "Content-Security-Policy": {
        "base-uri 'none'",
        "default-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "img-src 'self' data:",
        "object-src 'none'",
    },
    "Cross-Origin-Opener-Policy": {"same-origin"},
    "Referrer-Policy": {"same-origin"},
    "X-Content-Type-Options": {"nosniff"},
    "X-Frame-Options": {"DENY"},
}
BEHIND_A_LINK = {
    **EVERY_PAGE,
    "Cache-Control": {"no-store"},
    "Referrer-Policy": {"no-referrer"},
    "X-Robots-Tag": {"noindex"},
}


class Innermost:
    """The last of the chain: notes which requests came all the way, and with what."""

    seen: list[HttpRequest] = []

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # Read now: the API replaces the user where a request has no key.
        request.came_as = request.session.session_key and request.user.pk
        self.seen.append(request)
        return self.get_response(request)


@pytest.fixture
def came_through(settings):
    """Every request that passed each middleware of the settings."""
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "tests.test_urls.Innermost"]
    Innermost.seen = []
    return Innermost.seen


def wall(get_response: Callable[[HttpRequest], HttpResponse]) -> Any:
    """What comes this far is answered, and no view is asked."""
    return lambda request: HttpResponse()


@pytest.mark.slow
def test_every_page_but_those_behind_a_link_has_the_whole_chain(
    shop, came_through, settings
):
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "tests.test_urls.wall"]
    browser = Client()
    browser.force_login(shop.owner)
    asked = []
    for number, route in enumerate(WITH_A_SESSION):
        # Django's admin is one view in many places: there they take turns.
        methods = (
            ("GET", "POST")[number % 2 :: 2] if route.is_admin else ("GET", "POST")
        )
        for method in methods:
            asked.append((method, route.url(shop)))
            browser.generic(*asked[-1])

    assert [(request.method, request.path) for request in came_through] == asked
    assert {request.came_as for request in came_through} == {shop.owner.pk}
    for name in ("session", "_messages", "htmx"):
        assert all(hasattr(request, name) for request in came_through), name


@pytest.mark.parametrize("route", LINKS, ids=str)
def test_a_page_behind_a_link_reads_no_session(route, shop, came_through):
    """Whoever opens it: also a member of staff who is signed in."""
    browser = Client()
    browser.force_login(shop.owner)

    with CaptureQueriesContext(connection) as queries:
        shown, sent = browser.get(route.url(shop)), browser.post(route.url(shop))

    assert [request.came_as for request in came_through] == [None, None]
    assert not [one for one in queries if "django_session" in one["sql"]]
    for answer in (shown, sent):
        assert not answer.cookies
        assert "Cookie" not in answer.get("Vary", "")


def test_only_pages_behind_a_link_need_no_session():
    """Deny by default: a public page that keeps its cookies is none of them."""
    paths = {route.path for route in ALL if needs_no_session(route.view)}

    assert paths == {route.path for route in LINKS}


def test_every_answer_carries_the_headers_of_its_kind(visit):
    wrong = {}
    of_their_own = FRAMES | FOR_MAILS
    pages = [route for route in (*STAFF, *PUBLIC) if route.name not in of_their_own]
    for route in pages:
        expected = BEHIND_A_LINK if route in LINKS else EVERY_PAGE
        headers = visit.answers[route, "owner"].headers
        for name, words in expected.items():
            parts = {part.strip() for part in headers.get(name, "").split(";")}
            if parts != words:
                wrong[route.path, name] = parts

    assert wrong == {}


def test_no_page_is_empty(visit):
    """Each answer of 200 holds something, as a page or as the bytes of a file."""
    opened = {at: page for at, page in visit.answers.items() if page.status_code == 200}
    empty = [
        f"{name} {route}"
        for (route, name), page in opened.items()
        if not int(page.headers.get("Content-Length") or len(page.content))
    ]

    assert len(opened) > 90
    assert empty == []


def test_no_answer_is_kept_by_anybody(visit, clients):
    of_the_admin = {
        (url, name): clients[name].get(url)
        for url in ("/admin/", "/admin/crm/customer/")
        for name in ("owner", "anonymous")
    }
    answers = visit.answers | of_the_admin
    assert len(answers) > 80

    for asked, answer in answers.items():
        if getattr(asked[0], "name", "") not in FOR_MAILS:
            assert "no-store" in answer["Cache-Control"], (asked, answer.status_code)


def test_files_are_kept(client):
    answer = client.get("/static/img/leaf.svg")

    assert answer.status_code == 200
    assert "no-store" not in answer["Cache-Control"]


def test_a_host_that_is_refused_gets_the_headers_of_every_page(shop):
    seen = Client().get(LINKS[0].url(shop), headers={"host": "evil.example"})

    assert seen.status_code == 400
    assert set(EVERY_PAGE) <= set(seen.headers)


def test_customers_are_led_to_https_and_kept_there(shop, settings):
    settings.SECURE_SSL_REDIRECT, settings.SECURE_HSTS_SECONDS = True, 60
    browser, url = Client(), LINKS[0].url(shop)

    plain, secure = browser.get(url), browser.get(url, secure=True)

    assert (plain.status_code, plain["Location"]) == (301, f"https://testserver{url}")
    assert secure.status_code == 200
    assert secure["Strict-Transport-Security"].startswith("max-age=60")


# --- Harmless ------------------------------------------------------------------------


def test_looking_at_every_page_changes_nothing(visit):
    """S14: a crawler that is signed in as the owner, and one that is not."""
    opened = [
        route
        for (route, _), page in visit.answers.items()
        if page.status_code == 200 and b"</html>" in getattr(page, "content", b"")
    ]

    for (route, name), page in visit.answers.items():
        assert page.status_code < 500, f"{name} {route}"
    for asked, status in visit.heads.items():
        # Providers ask with HEAD whether there is a webhook, and then only post.
        if asked[0].name != "messaging:provider-webhook":
            assert status == visit.answers[asked].status_code, asked
    assert len(opened) > 60
    assert visit.after == visit.before


ASKED = [
    "/?tab=team",
    "/?tab=done",
    "/customers/?q=dana",
    "/customers/?q=%00",
    "/outbox/?tab=held",
    "/outbox/?tab=decide",
    "/outbox/?tab=sent",
    "/outbox/?tab=failed",
    "/follow-ups/?tab=team",
]


def test_tabs_filters_and_searches_change_nothing_either(shop, clients):
    before = everything_stored()

    for url in ASKED:
        assert clients["owner"].get(url).status_code == 200, url
        part = clients["owner"].get(url, headers={"HX-Request": "true"})
        assert part.status_code == 200, url

    assert everything_stored() == before


@pytest.mark.parametrize("name", list(TOKENS.values()))
def test_a_hundred_scanners_leave_no_trace(name, shop):
    """P4 and P5: mail gateways open every link, also each score and each star."""
    url = shop.links[name]
    scanner = Client(headers={"User-Agent": "a mail gateway"})
    before = everything_stored()

    # Each score with each method; so many that they would be counted, on one page.
    for number in range(100 if name == "survey" else 33):
        query = {"score": number % 11, "stars": number % 6, "days": 7, "lang": "he"}
        look = scanner.head if number % 3 == 2 else scanner.get
        assert look(url, query).status_code == 200

    assert everything_stored() == before


def test_hard_methods_are_refused_everywhere(shop, clients):
    before = everything_stored()

    for route in [*STAFF, *PUBLIC]:
        for method in ("put", "delete", "patch"):
            seen = getattr(clients["owner"], method)(route.url(shop)).status_code
            assert seen in (403, 405), f"{method} {route.path}"

    assert everything_stored() == before


def test_nothing_is_changed_by_looking(visit):
    """Neither by GET nor by HEAD, which the owner has tried on every page."""
    routes = {route.name: route for route in OURS}
    seen = {
        name: (
            visit.answers[routes[name], "owner"].status_code,
            visit.heads[routes[name], "owner"],
        )
        for name in POST_ONLY
    }

    assert seen == dict.fromkeys(POST_ONLY, (405, 405))
