"""Paths of the feedback app."""

from django.urls import path

from feedback import public, views

app_name = "feedback"
urlpatterns = [
    path("r/<str:token>/", public.review, name="review"),
    path("r/<str:token>/withdraw/", public.withdraw, name="withdraw"),
    path("public/reviews/", public.published, name="public-reviews"),
    path("reviews/", views.review_list, name="review-list"),
    path("reviews/<int:pk>/publish/", views.publish, name="review-publish"),
    path("reviews/<int:pk>/reject/", views.reject, name="review-reject"),
]
