"""What a person does to their own account concerns every organization that they belong to, so each one's log has it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from django.db import transaction

from dashboard.accounts.models import Organization, User
from dashboard.events.recording import Actor, recording


@contextmanager
def account_change(user: User, kind: str, actor: Actor) -> Iterator[None]:
    """One transaction around a change to an account and the events that tell of it."""
    with transaction.atomic(), ExitStack() as logs:
        for organization in Organization.objects.filter(memberships__user=user).order_by("pk"):
            logs.enter_context(recording(organization, actor)).record(kind, subject=f"user:{user.pk}")
        yield
