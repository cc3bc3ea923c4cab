"""Paths of the surveys app."""

from django.urls import path, register_converter
from django.urls.converters import get_converters

from messaging.rules.tokens import TokenConverter
from surveys import public, views

app_name = "surveys"

if "token" not in get_converters():
    register_converter(TokenConverter, "token")

urlpatterns = [
    path("s/<token:token>/", public.answer, name="answer"),
    path("a/<slug:token>/", public.share, name="share"),
    path("a/<slug:token>/<str:ticket>/", public.share, name="share-answer"),
    path("surveys/", views.survey_list, name="survey-list"),
    path("surveys/digest/", views.digest_choice, name="digest-choice"),
    path("surveys/new/", views.survey_new, name="survey-new"),
    path("surveys/<int:pk>/", views.survey, name="survey"),
    path("surveys/<int:pk>/questions/", views.questions, name="survey-questions"),
    path(
        "surveys/<int:pk>/questions/change/",
        views.questions_change,
        name="survey-questions-change",
    ),
    path(
        "surveys/<int:pk>/questions/undo/",
        views.questions_undo,
        name="survey-questions-undo",
    ),
    path(
        "surveys/<int:pk>/question/<slug:at>/",
        views.question,
        name="survey-question",
    ),
    path(
        "surveys/<int:pk>/question/<slug:at>/preview/<slug:language>/",
        views.question_preview,
        name="survey-question-preview",
    ),
    path(
        "surveys/<int:pk>/try/<slug:language>/",
        views.survey_trial,
        name="survey-trial",
    ),
    path(
        "surveys/<int:pk>/test-mail/", views.survey_test_mail, name="survey-test-mail"
    ),
    path("surveys/<int:pk>/thanks/", views.thanks, name="survey-thanks"),
    path("surveys/<int:pk>/publish/", views.publish, name="survey-publish"),
    path("surveys/<int:pk>/forget/", views.drop_draft, name="survey-drop-draft"),
    path("surveys/<int:pk>/state/", views.set_state, name="survey-state"),
    path("surveys/<int:pk>/asked/", views.survey_asked, name="survey-asked"),
    path("surveys/<int:pk>/answers/", views.survey_answers, name="survey-answers"),
    path("surveys/<int:pk>/comments/", views.survey_comments, name="survey-comments"),
    path("surveys/<int:pk>/after/", views.survey_after, name="survey-after"),
    path("surveys/themes/", views.theme_list, name="theme-list"),
    path("surveys/themes/start/", views.theme_start, name="theme-start"),
    path("surveys/themes/new/", views.theme_create, name="theme-create"),
    path("surveys/themes/<int:pk>/", views.theme, name="theme"),
    path("surveys/themes/<int:pk>/archive/", views.theme_archive, name="theme-archive"),
    path("answers/<int:pk>/theme/", views.answer_theme, name="answer-theme"),
    path("answers/<int:pk>/leave-out/", views.leave_out, name="answer-leave-out"),
    path("answers/<int:pk>/count-again/", views.count_again, name="answer-count-again"),
    path(
        "surveys/<int:pk>/who-is-asked/", views.survey_settings, name="survey-settings"
    ),
    path("surveys/<int:pk>/requests/", views.survey_requests, name="survey-requests"),
    path("surveys/<int:pk>/links/", views.survey_links, name="survey-links"),
    path("surveys/<int:pk>/links/new/", views.link_new, name="link-new"),
    path("survey-links/<int:pk>/", views.link, name="link"),
    path("survey-links/<int:pk>/square.svg", views.link_square, name="link-square"),
    path("survey-links/<int:pk>/print/", views.link_print, name="link-print"),
    path("survey-links/<int:pk>/close/", views.link_close, name="link-close"),
    path("survey-links/<int:pk>/reopen/", views.link_reopen, name="link-reopen"),
]
