"""The Django project and the floor that the apps stand on."""

from dashboard.celery import app as celery_app

__all__ = ("celery_app",)
