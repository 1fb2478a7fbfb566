from django.apps import AppConfig


class UpstreamConfig(AppConfig):
    name = "dashboard.upstream"
    label = "upstream"
