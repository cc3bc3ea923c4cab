"""What the errors of surveys say to a person."""

from django.utils.translation import gettext_lazy as _

from surveys.question_words import PROBLEMS
from web import error_messages

# Of the messages beside a question, those that stand nowhere else.
_OF_QUESTIONS = ("not_a_number", "more_than_one", "not_a_day")

error_messages.register(
    general={
        **{code: PROBLEMS[code] for code in _OF_QUESTIONS},
        "not_asked": _("The other answers lead past this question"),
    },
    of_field={
        ("name", "taken"): _("Another theme is called so"),
        ("keywords", "no_letters"): _("Use words with at least one letter or digit"),
        ("link_happy", "not_https"): _("Enter an address that begins with https://"),
        ("link_happy", "reviews_are_for_all"): _(
            "This leads to a page of reviews. Those are asked of everybody alike, by "
            "an automation of their own."
        ),
    },
)
