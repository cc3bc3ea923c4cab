"""The columns of a file of past answers, and the words of what is refused and noted."""

from django.utils.translation import gettext_lazy as _

from crm.services.imports.columns import Fields, folded

COLUMNS = (
    *("answer_id", "customer_id", "email", "survey", "answered_at", "score"),
    *("scale", "comment", "language"),
)
_OTHER_NAMES = {
    "answer_id": ("response_id", "respondent", "respondent_id", "id"),
    "customer_id": ("external_id", "customer", "客户编号", "客戶編號"),
    "email": ("email_address", "customer_email", "邮箱", "電子郵件", "אימייל"),
    "survey": ("survey_name", "campaign", "问卷", "問卷", "סקר"),
    "answered_at": (
        "date",
        "created_at",
        "responded_at",
        "submitted_at",
        "日期",
        "תאריך",
    ),
    "score": ("nps", "nps_score", "rating", "评分", "評分", "ציון"),
    "comment": ("feedback", "reason", "answer", "text", "评论", "評論", "הערה"),
    "language": ("locale", "lang", "语言", "語言", "שפה"),
}
FIELDS = Fields(
    required=frozenset({"score", "answered_at"}),
    known=frozenset(COLUMNS),
    one_of=(frozenset({"answer_id", "customer_id", "email"}),),
    synonyms={
        folded(other): name for name, others in _OTHER_NAMES.items() for other in others
    },
    dates=("answered_at",),
)
LABELS = {
    "answer_id": _("Number of the answer"),
    "customer_id": _("Customer: number or address"),
    "survey": _("Survey"),
    "answered_at": _("Day and time"),
    "score": _("Score"),
    "scale": _("Scale: 0-10, or 1-10"),
    "comment": _("Comment"),
    "language": _("Language"),
}
WORDS = {
    "score_missing": _("The score is empty."),
    "score_unknown": _("The score is no whole number of its scale."),
    "scale_other": _("This is no answer from 0 to 10, or from 1 to 10."),
    "answer_unnamed": _(
        "There is neither a number of the answer nor a customer: the same answer twice"
        " could not be told from two."
    ),
    "survey_of_other_kind": _("The survey of this name is counted by another scale."),
    "may_be_1_to_10": _(
        "of a survey in which nobody gave 0: was it asked from 1 to 10? Then choose"
        " that scale for the file, so that they are kept apart"
    ),
}
