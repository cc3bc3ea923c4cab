"""What careful.py asks, and as safe as the product.

One question and its reason, with what a person is promised by careful_four.py: links,
languages, the words around the question, locks, one answer that can be changed for a
day with the old one kept, words noted to be read, a follow-up for whoever is unhappy,
and the audit.
"""

from django import forms
from django.db import transaction
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from benchmarks.rivals import careful_four as four


class AnswerForm(forms.Form):
    score = forms.TypedChoiceField(
        choices=[(score, score) for score in range(11)],
        widget=forms.RadioSelect,
        coerce=int,
    )
    comment = forms.CharField(required=False, max_length=4000, widget=forms.Textarea)


# Another site is refused by its header, as the product does on these pages.
@csrf_exempt
@never_cache
def answer(request, token):
    return four.opened(request, token, act)


def act(request, invitation, language, now):
    form = AnswerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        save(invitation.pk, form.cleaned_data, language, now)
        return HttpResponseRedirect(request.path)
    context = {
        "form": form,
        "chosen": request.POST.get("score") or request.GET.get("score"),
        **four.around(invitation),
    }
    return render(request, "careful_one.html", context)


@transaction.atomic
def save(invitation_id, answered, language, now):
    values = {"scale": "nps", "language": language, **answered}
    response, is_new = four.keep(invitation_id, values, now)
    if response:
        fields, words = ["comment", "score"], answered["comment"]
        four.finish(response, is_new, fields=fields, has_words=words, now=now)


urlpatterns = [path("s/<str:token>/", answer, name="answer")]
