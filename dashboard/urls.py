"""Every path that this deployment serves."""

from __future__ import annotations

from django.urls import include, path

urlpatterns = [
    path("", include("dashboard.accounts.urls")),
    path("", include("dashboard.console.urls")),
    path("", include("dashboard.upstream.urls")),
    path("", include("orders.urls")),
    path("api/v1/public/", include("orders.api.urls")),
]
handler400 = "dashboard.console.errors.bad_request"
handler403 = "dashboard.console.errors.forbidden"
handler404 = "dashboard.console.errors.not_found"
handler500 = "dashboard.console.errors.server_error"
