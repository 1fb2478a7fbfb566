"""The append-only, hash-chained log: audit trail, live feed and support's search are all this one table."""

from __future__ import annotations

from django.db import models

from dashboard.accounts.models import Organization


class ChainHead(models.Model):
    """Where an organization's gap-free sequences stand. Locked last in every transaction that appends."""

    organization = models.OneToOneField(
        Organization, primary_key=True, on_delete=models.CASCADE, related_name="chain_head"
    )
    event_seq = models.BigIntegerField(default=0)
    receipt_seq = models.BigIntegerField(default=0)
    event_hash = models.BinaryField(max_length=32, default=bytes(32))

    def __str__(self) -> str:
        return f"{self.organization_id} at {self.event_seq}"


class Event(models.Model):
    """One line of the log. Holds ids and hashes only; what can be erased lives in EventBody."""

    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="events")
    seq = models.BigIntegerField()
    at = models.DateTimeField()
    kind = models.CharField(max_length=64)  # dotted, past tense: order.cancelled
    # "user:<uuid>", "key:<uuid>", "system": what acted, never a name or an address.
    actor = models.CharField(max_length=64)
    # "order:<uuid>": what it happened to. A bulk command is one event about its job, with the ids in its data.
    subject = models.CharField(max_length=80)
    request_id = models.CharField(max_length=64, blank=True)
    data = models.JSONField(default=dict)
    # BLAKE3 of the erasable body, empty when there is none.
    body_hash = models.BinaryField(max_length=32, default=b"")
    hash = models.BinaryField(max_length=32)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["organization", "seq"], name="event_seq_is_unique"),)
        indexes = (
            models.Index(fields=["organization", "subject", "-seq"], name="event_by_subject"),
            models.Index(fields=["organization", "kind", "-seq"], name="event_by_kind"),
            models.Index(
                fields=["organization", "request_id"], name="event_by_request", condition=~models.Q(request_id="")
            ),
        )

    def __str__(self) -> str:
        return f"{self.seq} {self.kind} {self.subject}"


class EventBody(models.Model):
    """What an event said about people and content: `{"field": [old, new]}` and the like. Erasing it leaves its hash."""

    event = models.OneToOneField(Event, primary_key=True, on_delete=models.CASCADE, related_name="body")
    text = models.TextField()

    def __str__(self) -> str:
        return f"body of {self.event_id}"
