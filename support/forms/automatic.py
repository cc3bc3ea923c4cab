"""The form of what a mailbox does by itself."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from support.models import Mailbox
from support.services import acknowledging
from web import form_fields as fields


class AutomaticForm(forms.Form):
    """Whether it acknowledges, in which words, and when it closes conversations.

    There is a field text_<language> for each language of customers.
    """

    acknowledges = forms.BooleanField(
        required=False,
        label=_("Say that a mail has arrived"),
        help_text=_(
            "To whoever begins a conversation, at most once in 24 hours. Machines,"
            " mailing lists and blocked senders get none."
        ),
    )
    close_after_days = forms.IntegerField(
        required=False, min_value=1, max_value=365,
        label=_("Close when they have not answered for so many days"),
        help_text=_("Empty: never. It opens again when they write."),
    )  # fmt: skip
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        for language, name in settings.LANGUAGES:
            field = fields.MultilineField(
                name=f"text_{language}", most=acknowledging.TEXT_MOST, rows=6,
                label=_("Its words in %(language)s") % {"language": name},
            )  # fmt: skip
            field.widget.attrs |= {"dir": "auto", "lang": language}
            self.fields[f"text_{language}"] = field

    @property
    def shown(self) -> list[forms.BoundField]:
        texts = [self[f"text_{language}"] for language, _name in settings.LANGUAGES]
        return [self["acknowledges"], *texts, self["close_after_days"]]

    @property
    def texts(self) -> dict[str, str]:
        """What is typed, by language."""
        return {
            language: self.cleaned_data[f"text_{language}"]
            for language, _name in settings.LANGUAGES
        }

    @classmethod
    def of(cls, mailbox: Mailbox) -> "AutomaticForm":
        own = acknowledging.texts_of(mailbox)
        initial: dict[str, Any] = {
            f"text_{language}": own.get(language)
            or acknowledging.default_text(language)
            for language, _name in settings.LANGUAGES
        }
        initial |= {
            "acknowledges": mailbox.acknowledges,
            "close_after_days": mailbox.close_after_days,
            "version": mailbox.version,
        }
        return cls(initial=initial)
