"""Every path of the product, one line an app."""

from django.contrib import admin
from django.contrib.auth import views as auth
from django.urls import include, path

from crm.views import sign_in
from web.api.views import NoSuchPath

urlpatterns = [
    # First, because their pages are opened a thousand times as often as any other.
    path("", include("surveys.urls")),
    path("", include("loyalty.urls")),
    path("login/", sign_in.sign_in, name="login"),
    path("login/code/", sign_in.sign_in_code, name="sign-in-code"),
    path("logout/", auth.LogoutView.as_view(), name="logout"),
    path("admin/login/", sign_in.admin_sign_in),
    path("admin/password_change/", sign_in.admin_password),
    path("admin/", admin.site.urls),
    path("api/", include("config.api")),
    path("api", NoSuchPath.as_view()),
    path("", include("crm.urls")),
    path("", include("messaging.urls")),
    path("", include("support.urls")),
    path("", include("feedback.urls")),
    path("", include("insights.urls")),
    path("", include("desk.urls")),
]

handler400 = "web.error_handlers.bad_request"
handler500 = "web.error_handlers.server_error"
