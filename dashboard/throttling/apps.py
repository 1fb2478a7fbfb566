from django.apps import AppConfig


class ThrottlingConfig(AppConfig):
    name = "dashboard.throttling"
    label = "throttling"
