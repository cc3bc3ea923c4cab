"""What customers wrote to a survey: searched, by theme, and how much of each."""

from dataclasses import dataclass
from datetime import datetime
from math import ceil, floor

from django.db.models import Count, Prefetch, Q, QuerySet

from crm.rules.search import search_words
from surveys.choices import ResponseState, TaggedBy
from surveys.models import CommentReading, Response, ResponseTheme, Survey, Theme
from web import paging
from web.rules.intervals import wilson

PAGE = 50
# Fewer say nothing of a share: ui.md's rule for scores.
ENOUGH_FOR_A_SHARE = 10
_IS_ABOUT = ~Q(by=TaggedBy.NOT_SO.value)


@dataclass(frozen=True)
class ThemeRow:
    """How many comments are about a theme, and between which shares that lies for all
    who might write (Wilson, 95 %); None: too few comments to say."""

    theme: Theme
    count: int
    share: tuple[float, float] | None

    @property
    def lowest(self) -> int | None:
        """Percent, rounded down."""
        return floor(self.share[0] * 100) if self.share else None

    @property
    def highest(self) -> int | None:
        """Percent, rounded up."""
        return ceil(self.share[1] * 100) if self.share else None


@dataclass(frozen=True)
class Comments:
    """`total`: comments of the survey and span that count, whatever is chosen."""

    page: paging.Page[Response]
    themes: list[ThemeRow]
    total: int
    unread: int


def comments(
    survey: Survey,
    *,
    lists_confidential: bool = True,
    query: str = "",
    theme: Theme | None = None,
    between: tuple[datetime, datetime] | None = None,
    older: str = "",
    newer: str = "",
) -> Comments:
    """One page of the comments that hold all words of the query, the newest first."""
    with_words = _with_words(survey, between)
    if not lists_confidential:
        with_words = with_words.filter(is_confidential=False)
    rows = with_words
    for word in search_words(query):
        rows = rows.filter(reading__search_text__contains=word)
    if theme is not None:
        about = ResponseTheme.objects.filter(_IS_ABOUT, theme=theme)
        rows = rows.filter(pk__in=about.values("response"))
    rows = rows.select_related("customer", "reading").prefetch_related(
        "further",
        Prefetch(
            "themes",
            queryset=ResponseTheme.objects.filter(
                _IS_ABOUT, theme__archived_at=None
            ).select_related("theme"),
            to_attr="about",
        ),
    )
    total = with_words.count()
    return Comments(
        page=paging.page(rows, by="confirmed_at", size=PAGE, older=older, newer=newer),
        themes=_themes(with_words, total),
        total=total,
        unread=CommentReading.objects.filter(
            response__survey=survey, is_read=False
        ).count(),
    )


def themes_in_use() -> QuerySet[Theme]:
    """Not archived, by name."""
    return Theme.objects.filter(archived_at=None).order_by("name")


def _with_words(
    survey: Survey, between: tuple[datetime, datetime] | None
) -> QuerySet[Response]:
    rows = Response.objects.filter(
        survey=survey, state=ResponseState.CONFIRMED.value, reading__isnull=False
    ).exclude(reading__is_read=True, reading__search_text="")
    if between:
        rows = rows.filter(confirmed_at__gte=between[0], confirmed_at__lt=between[1])
    return rows


def _themes(with_words: QuerySet[Response], total: int) -> list[ThemeRow]:
    """Those in use, the most frequent first."""
    counts = dict(
        ResponseTheme.objects.filter(_IS_ABOUT, response__in=with_words)
        .order_by()
        .values_list("theme")
        .annotate(Count("id"))
    )
    rows = [_theme_row(one, counts.get(one.pk, 0), total) for one in themes_in_use()]
    return sorted(rows, key=lambda row: (-row.count, row.theme.name))


def _theme_row(theme: Theme, count: int, total: int) -> ThemeRow:
    share = wilson(count, total) if total >= ENOUGH_FOR_A_SHARE else None
    return ThemeRow(theme, count, share)
