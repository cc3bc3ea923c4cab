"""What a careful Django project does with four questions, and as safe as the product.

Its four questions stand in the code and in one template by hand: there is no editor, no
version of the questions, no branch, no reminder, no press in the mail and no share
link, which is what it is spared. What a person is promised is the same: the token is
looked up by its hash; who was merged or erased is met by no page; the page is in one of
four languages and names the order, the reason and the ways out; customer and invitation
are locked, there is one answer, changeable for a day with the old one kept; country,
owner and products are copied, further questions are typed rows, words are noted to be
read, an unhappy answer opens a follow-up (by the product's own service), the audit has
a row, and the database's constraints and sums by trigger hold for both.

The stack of careful.py: ORM, Form, template, middleware of `startproject` and
django-csp, persistent connections that Django checks at each request.
"""

import hashlib
from datetime import timedelta

from django import forms
from django.conf import settings
from django.core import signing
from django.db import transaction
from django.db.models import Q
from django.http import HttpResponseForbidden, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import path
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from crm.models import AuditEntry, Business, Customer, OrderLine
from messaging.models import Link
from surveys.models import (
    Answer,
    CommentReading,
    Invitation,
    Response,
    ResponseVersion,
)
from surveys.services import recovery

GOODS = (
    ("product", gettext_lazy("The product")),
    ("delivery", gettext_lazy("The delivery")),
    ("service", gettext_lazy("Help from people")),
    ("price", gettext_lazy("The price")),
)
CODES = {code for code, _name in settings.LANGUAGES}
OWN_NAMES = [
    (code, translation.get_language_info(code)["name_local"])
    for code, _name in settings.LANGUAGES
]


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
@never_cache
def answer(request, token):
    return opened(request, token, act)


def opened(request, token, act):
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
    is_open = Q(state="answered") | ~Q(state="revoked") & Q(expires_at__gt=now)
    invitation = get_object_or_404(
        Invitation.objects.select_related("survey", "asking", "customer", "order"),
        is_open,
        pk=link.subject_id,
        survey__state="live",
        customer__merged_into=None,
        customer__erased_at=None,
    )
    language = language_of(request, invitation.customer)
    with translation.override(language):
        return act(request, invitation, language, now)


def language_of(request, customer):
    wished = (request.GET.get("lang"), customer.language)
    return next((code for code in wished if code in CODES), settings.LANGUAGE_CODE)


def act(request, invitation, language, now):
    form = AnswersForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        save(invitation.pk, form.cleaned_data, language, now)
        return HttpResponseRedirect(request.path)
    context = {
        "form": form,
        "goods": GOODS,
        "liked": form["good"].value() or (),
        "chosen": request.POST.get("a.score") or request.GET.get("score"),
        **around(invitation),
    }
    return render(request, "careful_four.html", context)


def around(invitation):
    return {
        "shop": Business.objects.only("name").get().name,
        "scores": range(11),
        "languages": OWN_NAMES,
        "stop": signing.Signer(salt="stop").sign(invitation.customer_id),
        "contact": signing.Signer(salt="contact").sign(invitation.customer_id),
        **about(invitation),
    }


def about(invitation):
    order = invitation.order
    if order is None:
        return {"reason": _("You got this because you are our customer.")}
    day = order.delivered_on or order.ordered_on
    lines = OrderLine.objects.filter(order=order, nature="purchase").order_by("id")
    names = list(lines.values_list("product__name", flat=True))
    said = {"number": order.number, "day": date_format(day, "DATE_FORMAT")}
    return {
        "product": names[0] if names else "",
        "day": said["day"],
        "reason": _("You got this because order %(number)s arrived on %(day)s.") % said,
    }


@transaction.atomic
def save(invitation_id, answered, language, now):
    values = {
        "scale": "nps",
        "score": answered["score"],
        "comment": answered["reason"],
        "language": language,
    }
    response, is_new = keep(invitation_id, values, now)
    if response:
        keep_further(response, answered)
        finish(
            response,
            is_new,
            fields=["comment", "good", "missing", "score"],
            has_words=answered["reason"] or answered["missing"],
            now=now,
        )


def keep(invitation_id, values, now):
    """The answer, None where it may not be changed any more, and whether it is new."""
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
            product_ids=products_of(invitation),
            state="confirmed",
            first_at=now,
            confirmed_at=now,
            completed_at=now,
            changeable_until=now + timedelta(days=1),
            **values,
        )
    elif not change(response, values, now):
        return None, False
    invitation.state = "answered"
    invitation.save(update_fields=["state"])
    return response, is_new


def finish(response, is_new, *, fields, has_words, now):
    AuditEntry.objects.create(
        at=now,
        actor_kind="customer",
        actor_id=response.customer_id,
        via="public",
        action="survey.answered",
        subject=f"response:{response.pk}",
        customer_id=response.customer_id,
        fields=fields,
    )
    if has_words:
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


def products_of(invitation):
    lines = OrderLine.objects.filter(order=invitation.order_id, nature="purchase")
    found = lines.order_by("product").values_list("product", flat=True)
    return list(found.distinct()) if invitation.order_id else []


def change(response, values, now):
    """Whether it may still be changed; what stood there is kept."""
    if now >= response.changeable_until:
        return False
    ResponseVersion.objects.create(
        response=response,
        version=response.version,
        score=response.score,
        comment=response.comment,
        replaced_at=now,
    )
    response.version += 1
    for name, value in values.items():
        setattr(response, name, value)
    response.save()
    response.further.all().delete()
    return True


def keep_further(response, answered):
    rows = []
    if answered["good"]:
        rows.append(Answer(question="good", kind="choices", choices=answered["good"]))
    if answered["missing"]:
        rows.append(Answer(question="missing", kind="short", text=answered["missing"]))
    for row in rows:
        row.response = response
    Answer.objects.bulk_create(rows)


urlpatterns = [path("s/<str:token>/", answer, name="answer")]
