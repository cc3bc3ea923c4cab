"""Parts of HTML are escaped as Django does it."""

import pytest
from django.utils.functional import lazystr
from django.utils.html import conditional_escape
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy

from web.escaping import escaped


@pytest.mark.parametrize(
    "value",
    [
        "<script>alert('&\"')</script>", mark_safe("<b>it</b>"), "", 7, None,
        gettext_lazy("Today"), lazystr("<i>"), lazystr(mark_safe("<i>")), "שלום <",
    ],
    ids=str,
)  # fmt: skip
def test_it_is_what_django_gives(value):
    assert escaped(value) == conditional_escape(value)
