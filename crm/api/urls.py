"""Paths of the crm API."""

from django.urls import path

from crm.api import addresses, companies, products, subscriptions, views

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
    path("companies/", companies.CompanyCollection.as_view(), name="api-companies"),
    path("companies/<int:pk>/", companies.CompanyDetail.as_view(), name="api-company"),
    path(
        "companies/<int:pk>/people/",
        companies.CompanyPeople.as_view(),
        name="api-company-people",
    ),
    path(
        "companies/<int:pk>/people/<int:customer>/",
        companies.CompanyPersonDetail.as_view(),
        name="api-company-person",
    ),
    path("products/", products.ProductCollection.as_view(), name="api-products"),
    path("products/<int:pk>/", products.ProductDetail.as_view(), name="api-product"),
    path(
        "subscriptions/",
        subscriptions.SubscriptionCollection.as_view(),
        name="api-subscriptions",
    ),
    path(
        "subscriptions/<int:pk>/",
        subscriptions.SubscriptionDetail.as_view(),
        name="api-subscription",
    ),
    path(
        "subscriptions/<int:pk>/change/",
        subscriptions.SubscriptionChange.as_view(),
        name="api-subscription-change",
    ),
    path(
        "subscriptions/<int:pk>/renew/",
        subscriptions.SubscriptionRenewal.as_view(),
        name="api-subscription-renew",
    ),
    path(
        "subscriptions/<int:pk>/pause/",
        subscriptions.SubscriptionPause.as_view(),
        name="api-subscription-pause",
    ),
    path(
        "subscriptions/<int:pk>/resume/",
        subscriptions.SubscriptionResumption.as_view(),
        name="api-subscription-resume",
    ),
    path(
        "subscriptions/<int:pk>/cancel/",
        subscriptions.SubscriptionCancellation.as_view(),
        name="api-subscription-cancel",
    ),
    path("orders/", views.OrderCollection.as_view(), name="api-orders"),
    path(
        "interactions/",
        views.InteractionCollection.as_view(),
        name="api-interactions",
    ),
]
