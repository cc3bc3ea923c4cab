"""What careful.py asks, and as safe as the product.

One question and its reason, with what a person is promised by careful_four.py, of which
this has the links, the languages, the words around the question and the copies: locks,
one answer that can be changed for a day with the old one kept, words noted to be read,
a follow-up for whoever is unhappy, and the audit.
"""

import hashlib
from datetime import timedelta

from django import forms
from django.core import signing
from django.db import transaction
from django.db.models import Q
from django.http import HttpResponseForbidden, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import path
from django.utils import timezone, translation
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from benchmarks.rivals import careful_four as four
from crm.models import AuditEntry, Business, Customer
from messaging.models import Link
from surveys.models import CommentReading, Invitation, Response
from surveys.services import recovery


class AnswerForm(forms.Form):
    score = forms.TypedChoiceField(
        choices=[(score, score) for score in range(11)],
        widget=forms.RadioSelect,
        coerce=int,
    )
    comment = forms.CharField(required=False, max_length=4000, widget=forms.Textarea)


@csrf_exempt
@never_cache
def answer(request, token):
    now = timezone.now()
    if request.headers.get("Sec-Fetch-Site", "none") not in {"same-origin", "none"}:
        return HttpResponseForbidden()
    link = get_object_or_404(
        Link,
        token_hash=hashlib.sha256(token.encode()).digest(),
        purpose="survey",
        revoked_at=None,
        expires_at__gt=now,
    )
    invitation = get_object_or_404(
        Invitation.objects.select_related("survey", "asking", "customer", "order"),
        Q(state="answered") | ~Q(state="revoked") & Q(expires_at__gt=now),
        pk=link.subject_id,
        survey__state="live",
        customer__merged_into=None,
        customer__erased_at=None,
    )
    language = four.language_of(request, invitation.customer)
    with translation.override(language):
        return act(request, invitation, language, now)


def act(request, invitation, language, now):
    form = AnswerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        save(invitation.pk, form.cleaned_data, language, now)
        return HttpResponseRedirect(request.path)
    context = {
        "form": form,
        "shop": Business.objects.only("name").get().name,
        "scores": range(11),
        "chosen": request.POST.get("score") or request.GET.get("score"),
        "languages": four.OWN_NAMES,
        "stop": signing.Signer(salt="stop").sign(invitation.customer_id),
        "contact": signing.Signer(salt="contact").sign(invitation.customer_id),
        **four.about(invitation),
    }
    return render(request, "careful_one.html", context)


@transaction.atomic
def save(invitation_id, answered, language, now):
    customer = get_object_or_404(
        Customer.objects.select_for_update(no_key=True, of=["self"]),
        invitations=invitation_id,
        merged_into=None,
        erased_at=None,
    )
    invitation = (
        Invitation.objects.select_for_update(of=["self"])
        .select_related("survey")
        .get(pk=invitation_id)
    )
    values = {"scale": "nps", "language": language, **answered}
    # Behind the lock nobody else writes it.
    response = Response.objects.filter(invitation=invitation).first()
    is_new = response is None
    if is_new:
        response = Response.objects.create(
            invitation=invitation,
            survey=invitation.survey,
            survey_version_id=invitation.survey.live_version_id,
            customer=customer,
            country=customer.country,
            owner_id=customer.owner_id,
            product_ids=four.products_of(invitation),
            state="confirmed",
            first_at=now,
            confirmed_at=now,
            completed_at=now,
            changeable_until=now + timedelta(days=1),
            **values,
        )
    elif not four.change(response, values, now):
        return
    invitation.state = "answered"
    invitation.save(update_fields=["state"])
    AuditEntry.objects.create(
        at=now,
        actor_kind="customer",
        actor_id=customer.pk,
        via="public",
        action="survey.answered",
        subject=f"response:{response.pk}",
        customer_id=customer.pk,
        fields=["comment", "score"],
    )
    if answered["comment"]:
        CommentReading.objects.bulk_create(
            [CommentReading(response=response, is_read=False)],
            update_conflicts=True,
            unique_fields=["response"],
            update_fields=["is_read"],
        )
    if not is_new:
        recovery.follow_up_on(response, now=now)
    elif response.score <= 6:
        recovery.open_task(response, now=now)


urlpatterns = [path("s/<str:token>/", answer, name="answer")]
