"""The default view of `/orders`: everything that waits for a person, by what is wrong with it."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from dashboard.accounts.access import MemberRequest
from orders.attention import groups_of
from orders.attention_html import attention_row_html
from orders.bulk_catalog import offered_to
from orders.counts import shown, view_counts
from orders.list_page import filter_choices, tabs
from orders.order_filter import OrderFilter
from orders.row_html import may_select


def attention_page(request: MemberRequest, wanted: OrderFilter) -> HttpResponse:
    """Called by the list's view, which has let the member in."""
    member = request.member
    offered, now = offered_to(member), timezone.now()
    counts = view_counts(member.organization)
    groups = [
        {
            "group": group,
            "rows": [attention_row_html(case, offered, member.roles, now) for case in group.cases],
            "actions": [action for action in offered if action.name in group.kind.actions],
        }
        for group in groups_of(member.organization, counts)
    ]
    context = {
        "groups": groups,
        "wanted": wanted,
        "tabs": tabs(member, wanted, "view=attention"),
        "choices": filter_choices(wanted),
        "selectable": may_select(member.roles),
        "calm": {"waiting": shown(counts["waiting"]), "production": shown(counts["production"])},
        "has_orders": member.organization.last_order_number > 0,
    }
    return render(request, "orders/attention/page.html", context)
