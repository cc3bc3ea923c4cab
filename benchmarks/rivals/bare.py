"""The limit of `script/bench answers`: the least that can be called an answer.

Django without one middleware; a page made once; one SELECT by hand for the page and one
INSERT by hand for the answer, on the product's own tables. No lock, no audit, no form,
no language, no follow-up, no second look at anything that was sent.
"""

import hashlib

from django.db import connection
from django.http import HttpResponse, HttpResponseNotFound
from django.template import engines
from django.urls import path, set_urlconf

FIND = "SELECT subject_id FROM messaging_link WHERE token_hash = %s"
ANSWER = """
    INSERT INTO surveys_response (invitation_id, survey_id, survey_version_id,
        customer_id, scale, score, comment, state, first_at, confirmed_at,
        changeable_until, language, clashing, version)
    SELECT i.id, i.survey_id,
        (SELECT live_version_id FROM surveys_survey s WHERE s.id = i.survey_id),
        i.customer_id, 'nps', %s, %s, 'confirmed', now(), now(),
        now() + interval '1 day', 'en', false, 1
    FROM messaging_link l JOIN surveys_invitation i ON i.id = l.subject_id
    WHERE l.token_hash = %s
    ON CONFLICT DO NOTHING
"""
_page: list[bytes] = []


def answer(request, token):
    found = hashlib.sha256(token.encode()).digest()
    with connection.cursor() as cursor:
        if request.method == "POST":
            sent = request.POST
            cursor.execute(ANSWER, [sent["score"], sent["comment"], found])
            headers = {"Location": request.path, "Content-Length": "0"}
            return HttpResponse(status=302, headers=headers)
        cursor.execute(FIND, [found])
        if cursor.fetchone() is None:
            return HttpResponseNotFound()
    shown = page()
    return HttpResponse(shown, headers={"Content-Length": str(len(shown))})


def page() -> bytes:
    """As long as the real one."""
    if not _page:
        template = engines["django"].get_template("surveys/answer_form.html")
        question, shop = "How likely are you?", "Kettle & Leaf"
        shown = {"question": question, "shop": shop, "customer_id": 1}
        # The page links to others of the product.
        set_urlconf("config.urls")
        _page.append(template.render(shown).encode())
        set_urlconf(None)
    return _page[0]


urlpatterns = [path("s/<str:token>/", answer, name="answer")]
