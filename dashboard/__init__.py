"""The Django project and the floor that the apps stand on.

Imports nothing: the supervisor lives in this package and must stay free of Django and Celery.
"""
