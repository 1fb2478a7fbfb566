"""Hesh's model: an order has line items, and a line item of quantity N makes N productions."""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Q

from dashboard.accounts.models import Organization, User


class Priority(models.TextChoices):
    HIGHEST = "Highest", "Highest"
    HIGH = "High", "High"
    MEDIUM = "Medium", "Medium"
    LOW = "Low", "Low"
    LOWEST = "Lowest", "Lowest"


class Client(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="clients")
    external_client_id = models.CharField(max_length=120, null=True)  # noqa: DJ001 - null: known by its order only
    name = models.CharField(max_length=200)
    phone = models.CharField(max_length=60, blank=True)
    email = models.CharField(max_length=254, blank=True)
    company = models.CharField(max_length=200, blank=True)
    revision = models.PositiveBigIntegerField(default=1)
    # The revision the upstream is known to hold; less than `revision` while a change is owed.
    relayed_revision = models.PositiveBigIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["organization", "external_client_id"], name="one_client_per_external_id"),
        )

    def __str__(self) -> str:
        return self.name


class Order(models.Model):
    """`number` is gap-free per organization and orders every list; `order_key` is its printed form."""

    class Stage(models.TextChoices):
        """What the productions of an order add up to; kept in step by the services that change them."""

        TO_DO = "to_do", "To do"
        IN_PROGRESS = "in_progress", "In progress"
        STOPPED = "stopped", "Stopped"
        DONE = "done", "Done"
        CANCELLED = "cancelled", "Cancelled"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="orders")
    number = models.PositiveBigIntegerField()
    order_key = models.CharField(max_length=32)
    external_order_id = models.CharField(max_length=120)
    external_order_number = models.CharField(max_length=120)
    marketplace_order_number = models.CharField(max_length=120, blank=True)
    comment = models.TextField(blank=True)
    deadline_at = models.DateTimeField(null=True)
    external_created_at = models.DateTimeField(null=True)
    to_stock = models.BooleanField(default=False)
    priority = models.CharField(max_length=8, choices=Priority.choices, default=Priority.MEDIUM)
    client = models.ForeignKey(Client, null=True, on_delete=models.PROTECT, related_name="orders")
    primary_client = models.ForeignKey(Client, null=True, on_delete=models.PROTECT, related_name="primary_orders")
    counterparty_id = models.CharField(max_length=120, blank=True)
    is_deleted = models.BooleanField(default=False)
    stage = models.CharField(max_length=12, choices=Stage.choices, default=Stage.TO_DO)
    progress = models.PositiveSmallIntegerField(default=0)  # percent: plain mean of its productions
    quantity = models.PositiveIntegerField(default=0)  # productions that are not cancelled
    source = models.CharField(max_length=10, default="console")  # api, console, import, demo
    assignee = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    # BLAKE3 of the canonical body it was created with: tells a repeated create from a conflicting one.
    create_digest = models.BinaryField(max_length=32, default=b"")
    # Grows with every change that an upstream is owed.
    revision = models.PositiveBigIntegerField(default=1)
    # When an upstream last reported productions; null while it never did.
    productions_reported_at = models.DateTimeField(null=True)
    search = SearchVectorField(null=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["organization", "external_order_id"], name="one_order_per_external_id"),
            models.UniqueConstraint(fields=["organization", "number"], name="order_number_is_unique"),
        )
        indexes = (
            models.Index(fields=["organization", "stage", "-number"], name="order_by_stage"),
            models.Index(fields=["organization", "priority", "-number"], name="order_by_priority"),
            models.Index(fields=["organization", "deadline_at", "number"], name="order_by_deadline"),
            models.Index(fields=["organization", "updated_at", "number"], name="order_by_update"),
            models.Index(fields=["organization", "client", "-number"], name="order_by_client"),
            models.Index(fields=["organization", "source", "-number"], name="order_by_source"),
            models.Index(
                fields=["organization", "assignee", "-number"],
                name="order_by_assignee",
                condition=Q(assignee__isnull=False),
            ),
            models.Index(
                fields=["organization", "deadline_at"],
                name="order_overdue",
                condition=Q(stage__in=["to_do", "in_progress", "stopped"], deadline_at__isnull=False),
            ),
            GinIndex(fields=["search"], name="order_search", fastupdate=False),
        )

    def __str__(self) -> str:
        return self.order_key


class LineItem(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="line_items")
    position = models.PositiveIntegerField()
    line_item_id = models.CharField(max_length=120)
    quantity = models.PositiveIntegerField()
    sku = models.CharField(max_length=120, blank=True)
    product_name = models.CharField(max_length=300, blank=True)
    comment = models.TextField(blank=True)
    deadline_at = models.DateTimeField(null=True)
    tags = ArrayField(models.CharField(max_length=80), default=list)
    # Whether child productions get the tags too: an upstream has them, we only pass the wish on.
    tags_on_nested = models.BooleanField(default=False)
    tags_revision = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["order", "line_item_id"], name="one_line_item_per_id"),
            models.CheckConstraint(
                condition=Q(quantity__gte=1, quantity__lte=10_000), name="line_item_quantity_in_range"
            ),
        )

    def __str__(self) -> str:
        return self.line_item_id


class Production(models.Model):
    """One piece to make. With an upstream connected it mirrors what that reports; without one it is changed here."""

    class Status(models.TextChoices):
        TO_DO = "To do", "To do"
        IN_PROGRESS = "In progress", "In progress"
        STOPPED = "Stopped", "Stopped"
        FROM_STOCK = "From stock", "From stock"
        DONE = "Done", "Done"
        CANCELED = "Canceled", "Canceled"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    line_item = models.ForeignKey(LineItem, on_delete=models.CASCADE, related_name="productions")
    number = models.PositiveIntegerField()  # within its line item, from 1; the newest has the highest
    key = models.CharField(max_length=60)
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.TO_DO)
    progress = models.PositiveSmallIntegerField(default=0)  # percent
    remote_id = models.CharField(max_length=120, blank=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["line_item", "number"], name="production_number_is_unique"),)

    def __str__(self) -> str:
        return self.key


class Attachment(models.Model):
    """A file that Hesh fetches by URL."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    line_item = models.ForeignKey(LineItem, on_delete=models.CASCADE, related_name="attachments")
    url = models.URLField(max_length=2000)
    file_name = models.CharField(max_length=255, blank=True)
    is_primary = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.file_name or self.url


class OrderNote(models.Model):
    """A person's note on an order; writing it is an event, its text can be erased."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="notes")
    author = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    text = models.CharField(max_length=2000)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.text[:40]


class ImportJob(models.Model):
    """A file on its way in: uploaded, mapped, tried dry, then run in chunks that commit together with `rows_done`."""

    class State(models.TextChoices):
        UPLOADED = "uploaded", "Uploaded"
        CHECKING = "checking", "Checking"
        CHECKED = "checked", "Checked"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"
        CANCELLED = "cancelled", "Cancelled"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="import_jobs")
    created_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    file = models.FileField(upload_to="imports/%Y/%m")
    file_name = models.CharField(max_length=255)
    file_digest = models.CharField(max_length=64)
    layout = models.JSONField(default=dict)  # format, encoding, delimiter, and what was odd about the bytes
    headers = models.JSONField(default=list)
    mapping = models.JSONField(default=dict)  # our field -> the file's column
    state = models.CharField(max_length=10, choices=State.choices, default=State.UPLOADED)
    rows_total = models.PositiveIntegerField(default=0)
    rows_done = models.PositiveIntegerField(default=0)  # of the current pass
    # Orders come in a fixed sequence (by their last row): a killed pass goes on after this many.
    orders_done = models.PositiveIntegerField(default=0)
    counts = models.JSONField(default=dict)  # {"created", "updated", "unchanged", "rejected"}
    first_orders = ArrayField(
        models.UUIDField(), default=list
    )  # the first 50 that were written, to show when they leave
    rejected = models.JSONField(default=list)  # [{"row", "error"}], the first 1,000
    # How much of the rejected rows' file belongs to what was committed; the rest was written by a pass that died.
    rejected_bytes = models.PositiveBigIntegerField(default=0)
    request_id = models.CharField(max_length=64, blank=True)
    error = models.CharField(max_length=500, blank=True)
    heartbeat_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (models.Index(fields=["organization", "-created_at"], name="import_job_by_organization"),)

    def __str__(self) -> str:
        return self.file_name


class ColumnMapping(models.Model):
    """The mapping last used for files with these headers, offered again."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    headers_digest = models.CharField(max_length=64)
    mapping = models.JSONField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["organization", "headers_digest"], name="one_mapping_per_headers"),
        )

    def __str__(self) -> str:
        return self.headers_digest


class BulkJob(models.Model):
    """One command over many orders: the selection is frozen and counted first, then run in chunks with progress."""

    class State(models.TextChoices):
        PREVIEW = "preview", "Preview"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        ABORTED = "aborted", "Aborted"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="bulk_jobs")
    created_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    action = models.CharField(max_length=32)
    arguments = models.JSONField(default=dict)
    query = models.CharField(max_length=2000, blank=True)  # the filter it was frozen from, for people
    order_ids = ArrayField(models.UUIDField())
    state = models.CharField(max_length=10, choices=State.choices, default=State.PREVIEW)
    done = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    skipped = models.JSONField(default=list)  # [{"order", "reason"}]
    heartbeat_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.action} of {len(self.order_ids)} orders"


class SavedView(models.Model):
    """A filter of the order list that a person gave a name; shared with the organization when they want."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=1000)
    shared = models.BooleanField(default=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["organization", "user", "name"], name="saved_view_name_is_unique"),
        )

    def __str__(self) -> str:
        return self.name
