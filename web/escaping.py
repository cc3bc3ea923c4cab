"""HTML from parts, where a page has hundreds of them."""

from html import escape

from django.utils.functional import Promise


def escaped(value: object) -> str:
    """As `conditional_escape` of Django, without its way round lazy texts, which takes
    longer than to escape: what says that it is HTML stays as it is."""
    if type(value) is str:
        return escape(value)
    if isinstance(value, Promise):
        value = str(value)
    if hasattr(value, "__html__"):
        return str(value.__html__())
    return escape(str(value))
