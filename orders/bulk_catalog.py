"""Every command there is, in the order in which menus offer them."""

from __future__ import annotations

from dashboard.accounts.access import Member
from orders.bulk_actions import ORDER_ACTIONS, BulkAction
from orders.bulk_relay import RELAY_ACTIONS

ACTIONS = (*ORDER_ACTIONS, *RELAY_ACTIONS)
_BY_NAME = {action.name: action for action in ACTIONS}


def action_named(name: str) -> BulkAction:
    """KeyError for a name that no form of ours has."""
    return _BY_NAME[name]


def is_action(name: str) -> bool:
    return name in _BY_NAME


def offered_to(member: Member) -> list[BulkAction]:
    return [action for action in ACTIONS if member.may(action.permission)]
