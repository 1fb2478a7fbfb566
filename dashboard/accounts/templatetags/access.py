"""`{% if member|may:"orders.change" %}`: templates ask the same table as views."""

from __future__ import annotations

from django import template

from dashboard.accounts.access import Member

register = template.Library()


@register.filter
def may(member: Member | None, permission: str) -> bool:
    return member is not None and member.may(permission)
