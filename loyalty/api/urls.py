"""Paths of the loyalty API."""

from django.urls import path

from loyalty.api import balances, views

urlpatterns = [
    path("codes/check/", views.CheckCode.as_view(), name="api-code-check"),
    path("codes/reserve/", views.ReserveCode.as_view(), name="api-code-reserve"),
    path("codes/redeem/", views.RedeemCode.as_view(), name="api-code-redeem"),
    path("codes/release/", views.ReleaseCode.as_view(), name="api-code-release"),
    path("balances/", balances.Balances.as_view(), name="api-balances"),
    path("balances/entries/", balances.Entries.as_view(), name="api-balance-entries"),
    path("balances/earn/", balances.Earn.as_view(), name="api-balance-earn"),
    path("balances/reverse/", balances.Reverse.as_view(), name="api-balance-reverse"),
    path("balances/reserve/", balances.Reserve.as_view(), name="api-balance-reserve"),
    path("balances/spend/", balances.Spend.as_view(), name="api-balance-spend"),
    path("balances/commit/", balances.Commit.as_view(), name="api-balance-commit"),
    path("balances/release/", balances.Release.as_view(), name="api-balance-release"),
]
