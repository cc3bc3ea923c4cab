"""Paths of the loyalty API."""

from django.urls import path

from loyalty.api import views

urlpatterns = [
    path("codes/check/", views.CheckCode.as_view(), name="api-code-check"),
    path("codes/reserve/", views.ReserveCode.as_view(), name="api-code-reserve"),
    path("codes/redeem/", views.RedeemCode.as_view(), name="api-code-redeem"),
    path("codes/release/", views.ReleaseCode.as_view(), name="api-code-release"),
]
