"""What a test reads of a page: only where the page was really answered."""

import re
from typing import Any


def read(answer: Any, *words: str, status: int = 200) -> str:
    """The HTML of this answer, after a look at its status and at words it must hold.

    "Does not show" and "changes nothing" would also be true of an error page, or of an
    empty one.
    """
    assert answer.status_code == status, answer.status_code
    html: str = answer.content.decode()
    assert html.strip(), "nothing was answered"
    for word in words:
        assert word in html, word
    return html


def shown(client: Any, url: str) -> str:
    """The words of the page at this address, without its tags."""
    return " ".join(re.sub(r"<[^>]+>", " ", read(client.get(url))).split())


def cell(answer: Any, label: str) -> Any:
    """The cell of this label in the strip of a customer page; one and no more."""
    (found,) = (
        each.cell for each in answer.context["page"].glance if each.label == label
    )
    return found


def panel(answer: Any, name: str) -> Any:
    """What the panel of this name shows, on the customer page or on Today."""
    return answer.context["page"].panels[name].read


def tight(html: str) -> str:
    """This HTML with one blank where blanks are, and none next to a tag."""
    return re.sub(r" ?(<[^>]*?) ?(/?>) ?", r"\1\2", " ".join(html.split()))
