"""Paths of the insights app."""

from django.urls import path

from insights.views import (
    churn,
    definition,
    money,
    origins,
    overview,
    people,
    programmes,
    retention,
    save_list,
    scores,
    signals,
)

app_name = "insights"

urlpatterns = [
    path("insights/", overview.overview, name="overview"),
    path("insights/scores/", scores.score, name="scores"),
    path("insights/money/", money.overview, name="money"),
    path("insights/money/people/", money.people, name="money-people"),
    path("insights/retention/", retention.rate, name="retention"),
    path("insights/cohorts/", retention.cohort_table, name="cohorts"),
    path("insights/churn/", churn.rate, name="churn"),
    path("insights/marks/new/", churn.mark_create, name="mark-create"),
    path("insights/marks/<int:pk>/delete/", churn.mark_delete, name="mark-delete"),
    path("insights/where-from/", origins.where_from, name="where-from"),
    path("insights/where-from/spend/", origins.spend, name="spend"),
    path("insights/signals/", signals.signals, name="signals"),
    path("insights/save-list/", save_list.save_list, name="save-list"),
    path("insights/people/", people.people, name="people"),
    path("insights/programmes/<int:pk>/", programmes.programme, name="programme"),
    path(
        "insights/programmes/<int:pk>/people/",
        programmes.people,
        name="programme-people",
    ),
    path("insights/definition/", definition.definition, name="definition"),
]
