"""Celery's settings: two queues, nothing kept of results, periodic tasks that may run twice without harm."""

from __future__ import annotations

from django.conf import settings

broker_url = settings.REDIS_URL.replace("unix://", "redis+socket://", 1)
broker_connection_retry_on_startup = True
broker_transport_options = {"visibility_timeout": 3600, "socket_keepalive": True}
result_backend = None
task_ignore_result = True
task_acks_late = True
task_reject_on_worker_lost = True
task_default_queue = "prompt"
task_create_missing_queues = True
worker_prefetch_multiplier = 1
worker_hijack_root_logger = False
task_time_limit = 3600
timezone = "UTC"

task_routes = {
    "dashboard.upstream.tasks.*": {"queue": "prompt"},
    "orders.tasks.*": {"queue": "bulk"},
}
# name -> schedule; every task here finds out by itself whether there is anything to do.
beat_schedule: dict[str, dict[str, object]] = {
    "pick-up-bulk-jobs": {"task": "orders.tasks.pick_up_bulk_jobs", "schedule": 10.0},
    "sweep-upstream-attempts": {"task": "dashboard.upstream.tasks.sweep", "schedule": 10.0},
    "wake-upstream-budgets": {"task": "dashboard.upstream.tasks.wake_due", "schedule": 10.0},
    "pick-up-imports": {"task": "orders.tasks.pick_up_imports", "schedule": 10.0},
}
