"""Paths of the feedback app."""

from django.urls import path, register_converter
from django.urls.converters import get_converters

from feedback import public, views
from messaging.rules.tokens import TokenConverter

app_name = "feedback"

if "token" not in get_converters():
    register_converter(TokenConverter, "token")

urlpatterns = [
    path("r/<token:token>/", public.review, name="review"),
    path("r/<token:token>/withdraw/", public.withdraw, name="withdraw"),
    path("public/reviews/", public.published, name="public-reviews"),
    path("reviews/", views.review_list, name="review-list"),
    path("reviews/<int:pk>/publish/", views.publish, name="review-publish"),
    path("reviews/<int:pk>/reject/", views.reject, name="review-reject"),
]
