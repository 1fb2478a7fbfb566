"""Pages of connections, deliveries and the flight plan."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from dashboard.upstream.views import connections, deliveries, flight_plan

urlpatterns: list[URLPattern | URLResolver] = [
    path("deliveries", deliveries.deliveries, name="deliveries"),
    path("deliveries/<int:pk>", deliveries.delivery, name="delivery"),
    path("deliveries/<int:pk>/act", deliveries.act, name="delivery-act"),
    path("deliveries/<int:pk>/note", deliveries.note, name="delivery-note"),
    path("flight-plan", flight_plan.flight_plan, name="flight-plan"),
    path("settings/connections", connections.connections, name="connections"),
    path("settings/connections/new", connections.add, name="connection-add"),
    path("settings/connections/<uuid:pk>/key", connections.key, name="connection-key"),
    path("settings/connections/<uuid:pk>/pause", connections.pause, name="connection-pause"),
    path("settings/connections/<uuid:pk>/resume", connections.resume, name="connection-resume"),
    path("settings/connections/<uuid:pk>/test", connections.test, name="connection-test"),
]
