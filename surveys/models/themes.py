"""What people write about: themes of the shop's own, and which answers have them."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from crm.models.fields import choice_check, pairs
from surveys.choices import TaggedBy
from surveys.models.responses import Response


class Theme(models.Model):
    """Something that comments are about, found by its keywords or named by staff."""

    name = models.CharField(max_length=60)
    # Of any language: `rules.themes` says how each is looked for.
    keywords = ArrayField(
        models.CharField(max_length=60), default=list, db_default=[], blank=True
    )
    archived_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1, db_default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("name"), name="theme_name_once"),
            models.CheckConstraint(condition=Q(name__gt=""), name="theme_has_name"),
        ]

    def __str__(self) -> str:
        return self.name


class CommentReading(models.Model):
    """The words of one answer, read for search, language and themes. Written with the
    answer, and read a moment later: nobody who answers waits for it."""

    response = models.OneToOneField(
        Response, on_delete=models.CASCADE, primary_key=True, related_name="reading"
    )
    # As crm.rules.search spells it.
    search_text = models.TextField(blank=True, default="", db_default="")
    # Of the words, not of the page; "": too short to say.
    language = models.CharField(max_length=10, blank=True, default="", db_default="")
    is_read = models.BooleanField(default=False, db_default=False)

    class Meta:
        indexes = [
            # The tick that reads.
            models.Index(
                fields=["response"],
                condition=Q(is_read=False),
                name="comment_reading_unread",
            ),
            # The search in comments.
            GinIndex(
                fields=["search_text"],
                opclasses=["gin_trgm_ops"],
                name="comment_reading_search",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class ResponseTheme(models.Model):
    """That an answer is about a theme, by a keyword or by a person; or, said by a
    person, that it is not, whatever a keyword finds."""

    response = models.ForeignKey(
        Response, on_delete=models.CASCADE, related_name="themes", db_index=False
    )
    theme = models.ForeignKey(
        Theme, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    by = models.CharField(max_length=8, choices=pairs(TaggedBy))

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["response", "theme"], name="response_theme_once"
            ),
            choice_check("by", TaggedBy, name="response_theme_by"),
        ]
        indexes = [
            # The comments of one theme, and how many there are.
            models.Index(
                fields=["theme", "response"],
                condition=~Q(by="not_so"),
                name="response_theme_of",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.response_id}: {self.theme_id}"
