"""A row of "needs attention": what is wrong with one order and what can be done. First paint and live push alike."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from dashboard.console.templatetags.ui_atoms import DASH, badge, icon, mono, when
from orders.attention import Case
from orders.bulk_actions import BulkAction
from orders.row_html import may_select

EDITABLE = ("refused", "overdue")


def attention_row_html(case: Case, offered: Sequence[BulkAction], roles: frozenset[str], now: datetime) -> SafeString:
    row = case.row
    return format_html(
        '<tr id="attention-row-{pk}" data-live="attention-row:{pk}">{box}'
        '<td class="cell-lead cell-nowrap"><a class="row-link" href="{url}">{key}</a><small>{external}</small></td>'
        '<td class="cell-clip" data-label="Client">{client}</td>'
        '<td data-label="What is wrong">{mark} {reason}</td>'
        '<td data-label="Field">{field}</td>'
        '<td class="cell-nowrap" data-label="Since">{since}</td>'
        '<td class="cell-actions attention-actions">{actions}</td></tr>',
        pk=row.pk,
        box=_box(case) if may_select(roles) else "",
        url=f"{reverse('orders')}/{row.pk}",
        key=row.order_key,
        external=row.external_order_number,
        client=row.client_name or DASH,
        mark=badge("Overdue", "danger") if case.kind.name != "overdue" and row.is_overdue(now) else "",
        reason=case.reason or case.kind.title,
        field=mono(case.field) if case.field and case.kind.name != "overdue" else DASH,
        since=when(case.since),
        actions=_actions(case, offered),
    )


def settled_row_html(pk: object, key: str, columns: int) -> SafeString:
    """Stands where a case stood until the page is read anew: it is settled, and a person was about to look at it."""
    return format_html(
        '<tr id="attention-row-{0}" data-live="attention-row:{0}"><td colspan="{1}">{2} {3}</td></tr>',
        pk,
        columns,
        badge("Settled", "success"),
        key,
    )


def _box(case: Case) -> SafeString:
    return format_html(
        '<td class="cell-select"><input type="checkbox" name="selected" value="{}" aria-label="Select order {}"'
        " data-select></td>",
        case.row.pk,
        case.row.order_key,
    )


def _actions(case: Case, offered: Sequence[BulkAction]) -> SafeString:
    """Those of its kind that need no more input; the rest is done on the order's page or for a selection."""
    here = [action for action in offered if action.name in case.kind.actions and not action.needs]
    buttons = format_html_join(
        "",
        '<button class="button button-secondary button-small" name="one" value="{}:{}">{}<span>{}</span></button>',
        ((action.name, case.row.pk, icon(action.icon), action.single or action.label) for action in here),
    )
    return _edit(case) + buttons if any(action.permission == "orders.change" for action in offered) else buttons


def _edit(case: Case) -> SafeString:
    if case.kind.name not in EDITABLE:
        return SafeString("")
    anchor = format_html("?field={0}#field-{0}", case.field) if case.field else ""
    text = "Edit and send again" if case.kind.name == "refused" else "Edit"
    return format_html(
        '<a class="button button-primary button-small" href="{}{}">{}<span>{}</span></a>',
        f"{reverse('orders')}/{case.row.pk}/edit",
        anchor,
        icon("pencil-square"),
        text,
    )
