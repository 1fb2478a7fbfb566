from django.apps import AppConfig


class EventsConfig(AppConfig):
    name = "dashboard.events"
    label = "events"
