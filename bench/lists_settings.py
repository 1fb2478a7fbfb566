"""The product's settings with Django admin beside it: only for bench/lists.py. The product never has an admin."""

from __future__ import annotations

from dashboard import settings as real

globals().update({name: getattr(real, name) for name in dir(real) if name.isupper()})

INSTALLED_APPS = [*real.INSTALLED_APPS, "django.contrib.admin"]
ROOT_URLCONF = "bench.lists_admin"
TEMPLATES = [
    {
        **real.TEMPLATES[0],
        "OPTIONS": {
            "context_processors": [
                *real.TEMPLATES[0]["OPTIONS"]["context_processors"],
                "django.contrib.auth.context_processors.auth",
            ]
        },
    }
]
# Neither side pays for hashed file names, which only `collectstatic` makes.
STORAGES = {
    **real.STORAGES,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = False
SILENCED_SYSTEM_CHECKS = [*real.SILENCED_SYSTEM_CHECKS, "admin.E408", "admin.E409", "admin.E410"]
