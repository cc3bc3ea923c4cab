"""Our paths and one of its own."""

from django.http import HttpResponse
from django.urls import path

from config import urls

urlpatterns = [
    *urls.urlpatterns,
    path("parcels/", lambda request: HttpResponse(), name="parcels"),
]
