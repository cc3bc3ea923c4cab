"""Two pages of the menu, so that its items can be tried alone."""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path


def page(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


desk = [path("", page, name="today"), path("customers/", page, name="customer-list")]
urlpatterns = [path("", include((desk, "desk")))]
