"""The controls of forms, without the templates of Django.

Its select renders two templates for each option, and an input two: the filters of a
page took a third of it. The HTML is the same but for the spaces between options.
"""

from collections.abc import Callable, Mapping
from typing import Any

from django.forms.renderers import DjangoTemplates
from django.utils.formats import localize
from django.utils.functional import Promise
from django.utils.safestring import SafeData

from web.escaping import escaped

Widget = Mapping[str, Any]
_INPUTS = (
    *("input", "text", "number", "email", "url", "password", "hidden", "tel", "color"),
    *("search", "date", "datetime", "time", "checkbox"),
)


class Renderer(DjangoTemplates):
    """Django's; draws inputs, selects, textareas and lists of choices itself."""

    def render(
        self, template_name: str, context: dict[str, Any], request: Any = None
    ) -> str:
        """The HTML of a control or of a whole form."""
        draw = _DRAWN.get(template_name)
        if draw is None:
            return super().render(template_name, context, request)
        return draw(context["widget"])


def _input(widget: Widget) -> str:
    value = widget["value"]
    told = "" if value is None else f' value="{_text(value)}"'
    name = escaped(widget["name"])
    return f'<input type="{widget["type"]}" name="{name}"{told}{_attributes(widget)}>'


def _textarea(widget: Widget) -> str:
    value = widget["value"]
    told = escaped(value) if value else ""
    name = escaped(widget["name"])
    return f'<textarea name="{name}"{_attributes(widget)}>\n{told}</textarea>'


def _select(widget: Widget) -> str:
    parts = [f'<select name="{escaped(widget["name"])}"{_attributes(widget)}>']
    for group, options, _index in widget["optgroups"]:
        if group:
            parts.append(f'<optgroup label="{_label(group)}">')
        parts += map(_option, options)
        if group:
            parts.append("</optgroup>")
    return "\n".join([*parts, "</select>"])


def _choices(widget: Widget) -> str:
    """Boxes or buttons, each within its label."""
    names = ("id", "class")
    told = {name: widget["attrs"][name] for name in names if widget["attrs"].get(name)}
    parts = [f"<div{_attributes({'attrs': told})}>"]
    for group, options, _index in widget["optgroups"]:
        if group:
            parts.append(f"<div><label>{_label(group)}</label>")
        parts += map(_choice, options)
        if group:
            parts.append("</div>")
    return "\n".join([*parts, "</div>"])


def _choice(option: Widget) -> str:
    own = option["attrs"].get("id")
    told = f' for="{escaped(own)}"' if own else ""
    drawn = f"{_input(option)}\n {_label(option['label'])}"
    return f"<div><label{told}>{drawn}</label></div>"


def _option(option: Widget) -> str:
    value, label = _text(option["value"]), _label(option["label"])
    return f'<option value="{value}"{_attributes(option)}>{label}</option>'


def _attributes(widget: Widget) -> str:
    return "".join(
        f" {escaped(name)}" + ("" if value is True else f'="{_text(value)}"')
        for name, value in widget["attrs"].items()
        if value is not False
    )


def _text(value: object) -> str:
    """As the filter `stringformat:"s"`: of an object its text, never its HTML."""
    return escaped(value if isinstance(value, SafeData) else str(value))


def _label(value: object) -> str:
    """A number or a day as the page's language writes it."""
    is_text = isinstance(value, str | Promise)
    return escaped(value if is_text else localize(value))


_DRAWN: Mapping[str, Callable[[Widget], str]] = {
    "django/forms/widgets/select.html": _select,
    "django/forms/widgets/textarea.html": _textarea,
    "django/forms/widgets/checkbox_select.html": _choices,
    "django/forms/widgets/radio.html": _choices,
    **{f"django/forms/widgets/{name}.html": _input for name in _INPUTS},
}
