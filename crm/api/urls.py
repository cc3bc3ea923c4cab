"""Paths of the crm API."""

from django.urls import path

from crm.api import addresses, views

urlpatterns = [
    path("customers/", views.CustomerCollection.as_view(), name="api-customers"),
    path("customers/<int:pk>/", views.CustomerDetail.as_view(), name="api-customer"),
    path(
        "customers/<int:pk>/addresses/",
        addresses.AddressCollection.as_view(),
        name="api-addresses",
    ),
    path(
        "customers/<int:pk>/addresses/<int:address>/",
        addresses.AddressDetail.as_view(),
        name="api-address",
    ),
    path("orders/", views.OrderCollection.as_view(), name="api-orders"),
    path(
        "interactions/",
        views.InteractionCollection.as_view(),
        name="api-interactions",
    ),
]
