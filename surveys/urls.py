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
    path("surveys/", views.survey_list, name="survey-list"),
    path("surveys/digest/", views.digest_choice, name="digest-choice"),
    path("surveys/<int:pk>/", views.survey, name="survey"),
    path("surveys/<int:pk>/answers/", views.survey_answers, name="survey-answers"),
    path("answers/<int:pk>/leave-out/", views.leave_out, name="answer-leave-out"),
    path("answers/<int:pk>/count-again/", views.count_again, name="answer-count-again"),
    path(
        "surveys/<int:pk>/who-is-asked/", views.survey_settings, name="survey-settings"
    ),
]
