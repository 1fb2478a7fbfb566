"""Pages that no one domain owns."""

from __future__ import annotations

from django.urls import path

from dashboard.console import health, home, styleguide

urlpatterns = [
    path("", home.home, name="home"),
    path("health", health.health, name="health"),
    path("health/ready", health.ready, name="ready"),
    path("styleguide", styleguide.styleguide, name="styleguide"),
]
