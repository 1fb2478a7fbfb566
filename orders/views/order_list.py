"""`/orders`: the list with its tabs, search and filters. Without a view in the address it is what needs attention."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from dashboard.accounts.access import MemberRequest, requires
from orders.bulk_catalog import offered_to
from orders.departures import departures_of
from orders.list_page import chips, filter_choices, read_page, shown_text, tabs
from orders.order_filter import read_filter
from orders.row_html import Drawing
from orders.views.attention import attention_page


@require_safe
@requires("orders.view")
def orders(request: MemberRequest) -> HttpResponse:
    member = request.member
    wanted = read_filter(request.GET, viewer=member.user.pk, default_view="attention")
    if wanted.view == "attention" and not wanted.narrows and not wanted.problem:
        return attention_page(request, wanted)
    found = read_page(member, wanted, request.GET)
    context = {
        "found": found,
        "wanted": wanted,
        "rows": found.page.rows,
        "drawing": Drawing.of(member.roles, departures_of(member.organization, found.page.rows)),
        "shown": shown_text(found),
        "tabs": tabs(member, wanted, request.GET.urlencode()),
        "chips": chips(member, wanted),
        "choices": filter_choices(wanted),
        "actions": offered_to(member),
        "status": 400 if wanted.problem else 200,
    }
    return render(request, "orders/list/page.html", context)
