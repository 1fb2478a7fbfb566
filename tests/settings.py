"""The real settings; changed are only what a test can't wait for and what a parallel run must not share."""

from __future__ import annotations

import os

from dashboard import settings as real

globals().update({name: getattr(real, name) for name in dir(real) if name.isupper()})

_WORKER = os.environ.get("PYTEST_XDIST_WORKER", "gw0")

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# Pages name their files without a manifest, which only `collectstatic` makes.
STORAGES = {
    **real.STORAGES,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
REDIS_URL = real.REDIS_URL.replace("?db=0", f"?db={int(_WORKER.removeprefix('gw')) % 16}")
CHANNEL_LAYERS = {
    "default": {
        **real.CHANNEL_LAYERS["default"],
        "CONFIG": {**real.CHANNEL_LAYERS["default"]["CONFIG"], "hosts": [REDIS_URL], "prefix": _WORKER},
    }
}
