"""The form in which a colleague chooses what to be told of."""

from collections.abc import Collection
from typing import Any

from django import forms
from django.forms import BoundField

from support.rules.choices import NoticeEvent, NoticeWay
from support.services.notices import Choice
from support.words import NOTICES


class NoticesForm(forms.Form):
    """A box for each event and way."""

    def __init__(self, data: Any = None, *, chosen: Collection[Choice]) -> None:
        super().__init__(data)
        for event in NoticeEvent:
            for way in NoticeWay:
                self.fields[f"{event}-{way}"] = forms.BooleanField(
                    required=False, initial=(event, way) in chosen
                )

    @property
    def rows(self) -> list[tuple[object, list[BoundField]]]:
        """What happens, and its box for each way."""
        return [
            (NOTICES[event.value], [self[f"{event}-{way}"] for way in NoticeWay])
            for event in NoticeEvent
        ]

    @property
    def wanted(self) -> list[Choice]:
        """What was ticked."""
        return [
            (event, way)
            for event in NoticeEvent
            for way in NoticeWay
            if self.cleaned_data[f"{event}-{way}"]
        ]
