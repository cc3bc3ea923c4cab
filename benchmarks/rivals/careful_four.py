"""What a careful Django project does with four questions, and as safe as the product.

The same stack as careful.py: ORM, Form, one template with its eleven radio buttons and
boxes by hand, middleware of `startproject`, persistent connections. The same
guarantees: the token is looked up by its hash, the invitation is locked, there is one
answer, its questions are typed rows, the audit has a row, and the database's own
constraints and sums by trigger hold for both. Still no language, no branches, no
follow-up and no version of what was answered before.
"""

import hashlib
from datetime import timedelta

from django import forms
from django.db import transaction
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template import engines
from django.urls import path
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from crm.models import AuditEntry
from messaging.models import Link
from surveys.models import Answer, Invitation, Response

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{{ survey.name }}</title></head>
<body><main><h1>A few questions to you</h1>
<form method="post">
<fieldset><legend>How likely are you to recommend us to a friend?</legend>
{{ form.score.errors }}
{% for score in scores %}<label>
<input type="radio" name="a.score" value="{{ score }}" required
{% if score|stringformat:"s" == chosen %} checked{% endif %}> {{ score }}</label>
{% endfor %}</fieldset>
{{ form.reason.errors }}
<label>What is the main reason for your score?
<textarea name="a.reason" rows="3">{{ form.reason.value|default:"" }}</textarea></label>
<fieldset><legend>What did you like?</legend>
{{ form.good.errors }}
{% for value, label in goods %}<label>
<input type="checkbox" name="a.good" value="{{ value }}"
{% if value in form.good.value %} checked{% endif %}> {{ label }}</label>
{% endfor %}</fieldset>
{{ form.missing.errors }}
<label>What should we offer that we do not have?
<input name="a.missing" value="{{ form.missing.value|default:"" }}"></label>
<button type="submit">Send my answer</button></form>
</main></body></html>"""
GOODS = (
    ("product", "The product"),
    ("delivery", "The delivery"),
    ("service", "Help from people"),
    ("price", "The price"),
)


class AnswersForm(forms.Form):
    score = forms.TypedChoiceField(
        choices=[(score, score) for score in range(11)],
        widget=forms.RadioSelect,
        coerce=int,
    )
    reason = forms.CharField(required=False, max_length=4000, widget=forms.Textarea)
    good = forms.MultipleChoiceField(
        required=False, choices=GOODS, widget=forms.CheckboxSelectMultiple
    )
    missing = forms.CharField(required=False, max_length=200)

    def add_prefix(self, field_name):
        return f"a.{field_name}"


@csrf_exempt
def answer(request, token):
    now = timezone.now()
    link = get_object_or_404(
        Link,
        token_hash=hashlib.sha256(token.encode()).digest(),
        purpose="survey",
        revoked_at=None,
        expires_at__gt=now,
    )
    invitation = get_object_or_404(
        Invitation.objects.select_related("survey", "customer"), pk=link.subject_id
    )
    form = AnswersForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        save(invitation.pk, form.cleaned_data, now)
        return HttpResponseRedirect(request.path)
    chosen = request.POST.get("a.score") or request.GET.get("score")
    context = {
        "form": form,
        "survey": invitation.survey,
        "scores": range(11),
        "goods": GOODS,
        "chosen": chosen,
    }
    return HttpResponse(template().render(context, request))


@transaction.atomic
def save(invitation_id, answered, now):
    invitation = (
        Invitation.objects.select_for_update(of=["self"])
        .select_related("survey", "customer")
        .get(pk=invitation_id)
    )
    response, is_new = Response.objects.get_or_create(
        invitation=invitation,
        defaults={
            "survey": invitation.survey,
            "survey_version_id": invitation.survey.live_version_id,
            "customer": invitation.customer,
            "country": invitation.customer.country,
            "scale": "nps",
            "score": answered["score"],
            "comment": answered["reason"],
            "state": "confirmed",
            "first_at": now,
            "confirmed_at": now,
            "completed_at": now,
            "changeable_until": now + timedelta(days=1),
            "language": "en",
        },
    )
    if not is_new:
        return
    rows = []
    if answered["good"]:
        rows.append(Answer(question="good", kind="choices", choices=answered["good"]))
    if answered["missing"]:
        rows.append(Answer(question="missing", kind="short", text=answered["missing"]))
    for row in rows:
        row.response = response
    Answer.objects.bulk_create(rows)
    invitation.state = "answered"
    invitation.save(update_fields=["state"])
    AuditEntry.objects.create(
        at=now,
        actor_kind="customer",
        actor_id=invitation.customer_id,
        via="public",
        action="survey.answered",
        subject=f"response:{response.pk}",
        customer_id=invitation.customer_id,
        fields=["comment", "good", "missing", "score"],
    )


_template: list = []


def template():
    if not _template:
        _template.append(engines["django"].from_string(PAGE))
    return _template[0]


urlpatterns = [path("s/<str:token>/", answer, name="answer")]
