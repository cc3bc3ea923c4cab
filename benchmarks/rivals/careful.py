"""What a careful Django project does: ORM, Form, template with 11 radios by hand.

The middleware of `startproject`, persistent connections, one query with
select_related for the page, one form, one transaction for the answer. Still no lock, no
audit, no language, no follow-up and no version of what was answered before.
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

from messaging.models import Link
from surveys.models import Invitation, Response

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{{ survey.name }}</title></head>
<body><main><h1>How likely are you to recommend us to a friend?</h1>
<form method="post">
{{ form.score.errors }}
{% for score in scores %}<label>
<input type="radio" name="score" value="{{ score }}" required
{% if score|stringformat:"s" == chosen %} checked{% endif %}> {{ score }}</label>
{% endfor %}
{{ form.comment.errors }}
<label>Comment
<textarea name="comment" rows="3">{{ form.comment.value|default:"" }}</textarea></label>
<button type="submit">Send my answer</button></form>
</main></body></html>"""


class AnswerForm(forms.Form):
    score = forms.TypedChoiceField(
        choices=[(score, score) for score in range(11)],
        widget=forms.RadioSelect,
        coerce=int,
    )
    comment = forms.CharField(
        required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 3})
    )


@csrf_exempt
def answer(request, token):
    now = timezone.now()
    link = get_object_or_404(
        Link,
        token_hash=hashlib.sha256(token.encode()).digest(),
        purpose="survey",
        expires_at__gt=now,
    )
    invitation = get_object_or_404(
        Invitation.objects.select_related("survey", "customer"), pk=link.subject_id
    )
    form = AnswerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        save(invitation, form.cleaned_data, now)
        return HttpResponseRedirect(request.path)
    chosen = request.POST.get("score") or request.GET.get("score")
    context = {
        "form": form,
        "survey": invitation.survey,
        "scores": range(11),
        "chosen": chosen,
    }
    return HttpResponse(template().render(context, request))


@transaction.atomic
def save(invitation, answered, now):
    Response.objects.get_or_create(
        invitation=invitation,
        defaults={
            "survey": invitation.survey,
            "survey_version_id": invitation.survey.live_version_id,
            "customer": invitation.customer,
            "scale": "nps",
            "state": "confirmed",
            "first_at": now,
            "confirmed_at": now,
            "changeable_until": now + timedelta(days=1),
            "language": "en",
            **answered,
        },
    )


_template: list = []


def template():
    if not _template:
        _template.append(engines["django"].from_string(PAGE))
    return _template[0]


urlpatterns = [path("s/<str:token>/", answer, name="answer")]
