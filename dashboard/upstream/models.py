"""What upstreams are owed and every exchange with them.

The attempts are the ledger that the rate limits are kept by.
"""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models.functions import Coalesce

from dashboard.accounts.models import Organization, User


class System(models.TextChoices):
    HESH = "hesh", "Hesh"
    HESO = "heso", "HESO"
    HASHEE = "hashee", "Hashee"


class Budget(models.Model):
    """What an upstream counts as one caller.

    (system, host, HMAC of the key). Connections with one key share one budget.

    The row is the lock of every claim: whoever holds it may count slots and take deliveries.
    """

    system = models.CharField(max_length=16, choices=System.choices)
    host = models.CharField(max_length=255)
    key_fingerprint = models.CharField(max_length=64)
    windows = models.JSONField()  # [[limit, seconds], ...], shortest first
    reserve = models.JSONField(default=list)  # [[calls kept for urgent work, seconds], ...]
    # What others use up under the same key, read from the upstream's headers: [[calls, seconds, until], ...]
    used_elsewhere = models.JSONField(default=list)
    # Slots held at the last claim, per window: [[calls, seconds], ...]. Only claims add to them, so they are an upper
    # bound, and a long window need not be counted anew while it is roomy.
    held_at_most = models.JSONField(default=list)
    # After a 429 or a run of failures nothing leaves before this, then one probe at a time until one answers well.
    blocked_until = models.DateTimeField(null=True)
    block_streak = models.PositiveIntegerField(default=0)
    block_reason = models.CharField(max_length=200, blank=True)
    # 5xx, cut and missing answers and failed connections in a row; a readable answer ends the run.
    failure_run = models.PositiveIntegerField(default=0)
    # When the ticker should wake a drain; null: as soon as anything is owed.
    next_at = models.DateTimeField(null=True)
    # A drain is at work until then, so that a wake-up needs no second one. Only a saving: drains may overlap.
    drained_until = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["system", "host", "key_fingerprint"], name="one_budget_per_caller"),
        )

    def __str__(self) -> str:
        return f"{self.system} {self.host}"


class Bucket(models.Model):
    """A stricter limit that one method and path announced about itself with an X-RateLimit-Limit we did not know."""

    budget = models.ForeignKey(Budget, on_delete=models.CASCADE, related_name="buckets")
    operation = models.CharField(max_length=32)
    limit = models.PositiveIntegerField()
    remaining = models.PositiveIntegerField()
    resets_at = models.DateTimeField()
    seconds = models.FloatField(default=1.0)  # the longest reset it ever announced: taken for its window

    class Meta:
        constraints = (models.UniqueConstraint(fields=["budget", "operation"], name="one_bucket_per_operation"),)

    def __str__(self) -> str:
        return f"{self.operation}: {self.remaining} of {self.limit}"


class Connection(models.Model):
    """An upstream account of an organization."""

    class State(models.TextChoices):
        ACTIVE = "active", "Active"
        PAUSED = "paused", "Paused"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="connections")
    budget = models.ForeignKey(Budget, on_delete=models.PROTECT, related_name="connections")
    system = models.CharField(max_length=16, choices=System.choices)
    label = models.CharField(max_length=80)
    base_url = models.URLField(max_length=400)
    sealed_secret = models.BinaryField()
    tenant = models.CharField(max_length=64, blank=True)
    account = models.CharField(max_length=120, blank=True)  # team id (HESO) or agent id (Hashee)
    timeout_seconds = models.FloatField(default=10.0)
    state = models.CharField(max_length=10, choices=State.choices, default=State.ACTIVE)
    paused_reason = models.CharField(max_length=300, blank=True)
    # Taken in turns inside a shared budget: the connection that was served longest ago goes first.
    served_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["organization", "system"], name="one_connection_per_system"),)

    def __str__(self) -> str:
        return f"{self.label} ({self.system})"


class Delivery(models.Model):
    """What an upstream is owed about one subject: one row per (connection, subject), for as long as both exist.

    It says *that* something is owed, never what to send: the adapter builds the call at claim time from the
    subject's state and `acknowledged`. `revision` is the subject's revision that is owed; it is settled when
    `acknowledged_revision` reaches it.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        RETRYING = "retrying", "Retrying"
        SENDING = "sending", "Sending"
        UNKNOWN = "unknown", "Unknown"
        DELIVERED = "delivered", "Delivered"
        REFUSED = "refused", "Refused"
        GIVEN_UP = "given_up", "Given up"
        WITHDRAWN = "withdrawn", "Nothing to send"

    OPEN = (State.WAITING, State.RETRYING, State.SENDING, State.UNKNOWN)
    CLAIMABLE = (State.WAITING, State.RETRYING)
    NEEDS_ATTENTION = (State.REFUSED, State.UNKNOWN, State.GIVEN_UP)

    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="deliveries")
    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="deliveries")
    subject_type = models.CharField(max_length=32)  # order, tags, attachment, client, inquiry
    subject_id = models.UUIDField()
    # Deliveries of one lane leave one at a time, lowest rank first; an order and what hangs on it share the order's id.
    lane = models.UUIDField()
    rank = models.PositiveSmallIntegerField(default=0)
    urgent = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    revision = models.PositiveBigIntegerField(default=1)
    acknowledged_revision = models.PositiveBigIntegerField(default=0)
    acknowledged = models.JSONField(null=True)  # what the upstream is known to hold, in the adapter's words
    remote_id = models.CharField(max_length=120, blank=True)
    queued_at = models.DateTimeField()  # its place in the queue; kept by retries and by edits made while it waits
    due_at = models.DateTimeField()  # not claimed before
    failures = models.PositiveIntegerField(default=0)  # since it was last delivered or a person acted
    # For people: why it was refused or is unknown, and the field that the upstream named.
    reason = models.CharField(max_length=500, blank=True)
    reason_field = models.CharField(max_length=120, blank=True)
    operation = models.CharField(max_length=32, blank=True)  # of the last attempt
    # When the request of unknown outcome was due to be over; a "no" counts only from a read begun well after that.
    unknown_since = models.DateTimeField(null=True)
    asks = models.BooleanField(default=False)  # while unknown: an inquiry will settle it, no person has to
    request_id = models.CharField(max_length=64, blank=True)
    settled_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["connection", "subject_type", "subject_id"], name="one_delivery_per_subject"
            ),
        )
        indexes = (
            models.Index(
                fields=["connection", "-urgent", "queued_at", "id"],
                name="delivery_queue",
                condition=models.Q(state__in=["waiting", "retrying"]),
            ),
            models.Index(
                fields=["connection", "lane", "rank", "id"],
                name="delivery_lane",
                condition=models.Q(state__in=["waiting", "retrying", "sending", "unknown"]),
            ),
            models.Index(
                fields=["organization", "state", "-id"],
                name="delivery_unsettled",
                condition=~models.Q(state__in=["delivered", "withdrawn"]),
            ),
            models.Index(fields=["subject_id", "subject_type"], name="delivery_by_subject"),
            models.Index(fields=["lane"], name="delivery_by_lane"),
            models.Index(fields=["connection"], name="delivery_asking", condition=models.Q(state="unknown", asks=True)),
        )

    def __str__(self) -> str:
        return f"{self.subject_type}:{self.subject_id} {self.state}"


class Attempt(models.Model):
    """One HTTP exchange, committed before the request leaves.

    It holds a slot in every window until a window after `holds_from`.
    """

    class Outcome(models.TextChoices):
        DELIVERED = "delivered", "Delivered"
        REFUSED = "refused", "Refused"
        RETRYING = "retrying", "Retrying"
        UNKNOWN = "unknown", "Unknown"
        NOT_SENT = "not_sent", "Not sent"

    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="attempts")
    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="attempts")
    budget = models.ForeignKey(Budget, on_delete=models.PROTECT, related_name="attempts")
    delivery = models.ForeignKey(Delivery, on_delete=models.PROTECT, related_name="attempts")
    operation = models.CharField(max_length=32)  # create, update, cancel, add_tags, list, ...
    revision = models.PositiveBigIntegerField()
    claims = models.JSONField(null=True)  # becomes Delivery.acknowledged if the upstream says yes
    urgent = models.BooleanField(default=False)
    # What to do when no readable answer comes; the process that asked may be gone by then.
    on_unknown = models.CharField(max_length=8)
    claimed_at = models.DateTimeField()  # the database's clock, read after the budget was locked
    deadline_at = models.DateTimeField()  # claim + timeout; the request is over by then, whatever happens
    answered_at = models.DateTimeField(null=True)
    holds_from = models.GeneratedField(
        expression=Coalesce("answered_at", "deadline_at"), output_field=models.DateTimeField(), db_persist=True
    )
    status = models.PositiveSmallIntegerField(null=True)
    outcome = models.CharField(max_length=10, choices=Outcome.choices, blank=True)  # empty while in flight
    detail = models.CharField(max_length=500, blank=True)
    request_id = models.CharField(max_length=64, blank=True)

    class Meta:
        indexes = (
            models.Index(fields=["budget", "holds_from"], name="attempt_ledger"),
            models.Index(fields=["delivery", "-id"], name="attempt_by_delivery"),
            models.Index(fields=["organization", "-id"], name="attempt_by_organization"),
            models.Index(fields=["deadline_at"], name="attempt_in_flight", condition=models.Q(outcome="")),
        )

    def __str__(self) -> str:
        return f"{self.operation} {self.outcome or 'in flight'}"


class Exchange(models.Model):
    """What was said in an attempt: kept apart from the ledger, so that it can be erased and the ledger stays narrow."""

    attempt = models.OneToOneField(Attempt, primary_key=True, on_delete=models.CASCADE, related_name="exchange")
    method = models.CharField(max_length=8)
    url = models.CharField(max_length=600)
    request_body = models.TextField(blank=True)
    response_headers = models.JSONField(default=dict)
    response_body = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"{self.method} {self.url}"


class DeliveryNote(models.Model):
    """A person's note on a delivery; writing it is an event, its text can be erased."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="notes")
    author = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    text = models.CharField(max_length=2000)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.text[:40]
