"""Parts of the frame around every staff page: menu and settings."""

from dataclasses import dataclass

from django.utils.functional import Promise

from crm.page_parts.registry import Part
from crm.page_parts.today import Count


@dataclass(frozen=True, kw_only=True)
class MenuGroup(Part):
    """Lines of the side menu under one heading; `label` empty: without a heading.

    `is_apart`: set apart at the end of the menu.
    """

    label: str | Promise = ""
    is_apart: bool = False


@dataclass(frozen=True, kw_only=True)
class MenuLine(Part):
    """A line of the side menu and of the list of keys.

    `group` names a `MenuGroup`. `counts` are added up to the number beside it: what
    waits for this person. `key` is the letter that goes there after `g`.
    """

    label: str | Promise
    icon: str
    url_name: str
    group: str
    counts: tuple[Count, ...] = ()
    key: str = ""


@dataclass(frozen=True, kw_only=True)
class SettingsPage(Part):
    """A tab of the settings. The page includes `_settings_tabs.html` with its name as
    `here`."""

    label: str | Promise
    url_name: str
