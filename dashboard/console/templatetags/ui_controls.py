"""Buttons, links and the small things around a list: sort headers, chips, tabs, pager, stepper, crumbs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import template
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from .ui_atoms import attributes, known_tone, number
from .ui_atoms import icon as draw_icon

register = template.Library()

BUTTON_TONES = frozenset({"primary", "secondary", "danger", "quiet"})


def _control(tag_class: str, body: SafeString, href: str | None, dialog: bool, attrs: dict[str, object]) -> SafeString:
    if href is not None:
        # Without JavaScript the link simply leads to the page that the dialog would have shown.
        attrs = {"href": href, "data_dialog": dialog, **attrs}
        return format_html('<a class="{}"{}>{}</a>', tag_class, attributes(attrs), body)
    attrs = {"type": "submit", **attrs}
    return format_html('<button class="{}"{}>{}</button>', tag_class, attributes(attrs), body)


@register.simple_tag
def button(
    label: object,
    href: str | None = None,
    *,
    tone: str = "secondary",
    icon: str = "",
    small: bool = False,
    dialog: bool = False,
    **attrs: object,
) -> SafeString:
    """A link with `href` (`dialog` opens its page in a dialog), else a submit button; other names become attributes."""
    if tone not in BUTTON_TONES:
        raise ValueError(f"Button tone {tone!r} is unknown: use one of {', '.join(sorted(BUTTON_TONES))}.")
    classes = f"button button-{tone}{' button-small' if small else ''}"
    body = format_html("{}<span>{}</span>", draw_icon(icon) if icon else "", label)
    return _control(classes, body, href, dialog, attrs)


@register.simple_tag
def icon_button(icon: str, label: str, href: str | None = None, *, dialog: bool = False, **attrs: object) -> SafeString:
    """A button that is only an icon; `label` is its name and tooltip."""
    attrs = {"aria_label": label, "title": label, **attrs}
    return _control("icon-button", draw_icon(icon), href, dialog, attrs)


@register.simple_tag
def crumb(label: object, url: str = "") -> SafeString:
    if not url:
        return format_html('<li aria-current="page">{}</li>', label)
    return format_html('<li><a href="{}">{}</a></li>', url, label)


@register.simple_tag(takes_context=True)
def sort_header(context: Mapping[str, Any], label: str, key: str, css: str = "", param: str = "sort") -> SafeString:
    """`<th>` that sorts by `key`; a second click turns the order round, and the cursor is dropped."""
    request: HttpRequest = context["request"]
    query = request.GET.copy()
    current = query.get(param, "")
    state = "ascending" if current == key else "descending" if current == f"-{key}" else None
    query[param] = f"-{key}" if state == "ascending" else key
    for cursor in ("after", "before"):
        query.pop(cursor, None)
    arrow = {"ascending": "chevron-up", "descending": "chevron-down", None: "chevron-up-down"}[state]
    return format_html(
        '<th scope="col"{}><a class="sort" href="?{}">{}{}</a></th>',
        attributes({"class": css or None, "aria_sort": state}),
        query.urlencode(),
        label,
        draw_icon(arrow),
    )


@register.simple_tag
def chip(label: object, remove_url: str) -> SafeString:
    """One active filter, which its link takes away."""
    return format_html(
        '<a class="chip" href="{}" title="Remove this filter"><span>{}</span>{}</a>',
        remove_url,
        label,
        draw_icon("x-mark"),
    )


@register.simple_tag
def tabs(items: Iterable[Mapping[str, Any]], label: str = "Views") -> SafeString:
    """Items: {label, url, current, count?, count_id?, tone?}."""
    links = format_html_join("", "<li>{}</li>", ((_tab(item),) for item in items))
    return format_html('<nav class="tabs" aria-label="{}"><ul>{}</ul></nav>', label, links)


def _tab(item: Mapping[str, Any]) -> SafeString:
    count = item.get("count")
    shown = SafeString("")
    if count is not None:
        text = number(count) if isinstance(count, int) else count
        extra = attributes({"id": item.get("count_id")})
        shown = format_html('<span class="count count-{}"{}>{}</span>', item.get("tone", "neutral"), extra, text)
    current = attributes({"aria_current": "page" if item.get("current") else None})
    return format_html('<a href="{}"{}>{}{}</a>', item["url"], current, item["label"], shown)


@register.simple_tag
def pager(previous: str | None = None, next: str | None = None, shown: object = "") -> SafeString:  # noqa: A002
    """Keyset paging: two links and what is shown. A page without neighbours shows only the text."""
    ends = (("Previous", previous, "prev", "chevron-left"), ("Next", next, "next", "chevron-right"))
    links = format_html_join("", "{}", ((_page_link(*end),) for end in ends) if previous or next else ())
    return format_html(
        '<nav class="pager" aria-label="Pages"><span class="pager-shown">{}</span>'
        '<span class="pager-links">{}</span></nav>',
        shown,
        links,
    )


def _page_link(label: str, url: str | None, rel: str, arrow: str) -> SafeString:
    first, last = (draw_icon(arrow), "") if rel == "prev" else ("", draw_icon(arrow))
    body = format_html("{}<span>{}</span>{}", first, label, last)
    if not url:
        return format_html('<span class="button button-secondary button-small" aria-disabled="true">{}</span>', body)
    return format_html('<a class="button button-secondary button-small" rel="{}" href="{}">{}</a>', rel, url, body)


@register.simple_tag
def stepper(steps: Iterable[str], current: int) -> SafeString:
    """Where one is in a task of several pages: `current` counts from 1; past the last step all are done."""
    items = (
        (
            "done" if at < current else "current" if at == current else "todo",
            attributes({"aria_current": "step" if at == current else None}),
            draw_icon("check") if at < current else at,
            step,
        )
        for at, step in enumerate(steps, start=1)
    )
    body = format_html_join("", '<li class="step step-{}"{}><span class="step-mark">{}</span>{}</li>', items)
    return format_html('<ol class="stepper" aria-label="Steps">{}</ol>', body)


@register.simple_tag
def stat(
    label: object,
    value: object,
    note: object = "",
    *,
    href: str = "",
    tone: str = "",
    id: str = "",  # noqa: A002
) -> SafeString:
    """A tile of one figure; `id` sits on the figure, for the live feed."""
    shown = number(value) if isinstance(value, int) else value
    body = format_html(
        '<span class="stat-label">{}</span><span class="stat-value"{}>{}</span><span class="stat-note">{}</span>',
        label,
        attributes({"id": id or None}),
        shown,
        note,
    )
    classes = f"stat stat-{known_tone(tone)}" if tone else "stat"
    if href:
        return format_html('<a class="{}" href="{}">{}</a>', classes, href, body)
    return format_html('<div class="{}">{}</div>', classes, body)


@register.simple_tag
def toast(message: object, tone: str = "neutral") -> SafeString:
    """Dismisses itself after some seconds, except what warns: that stays until it is closed."""
    marks = {"success": "check-circle", "warning": "exclamation-triangle", "danger": "x-circle"}
    return format_html(
        '<div class="toast toast-{}" role="{}" data-toast{}>{}<div class="toast-text">{}</div>'
        '<button type="button" class="icon-button icon-button-small needs-script" data-toast-close aria-label="Close">'
        "{}</button></div>",
        known_tone(tone),
        "alert" if tone == "danger" else "status",
        attributes({"data_stays": tone in {"warning", "danger"}}),
        draw_icon(marks.get(tone, "information-circle")),
        message,
        draw_icon("x-mark"),
    )


_MESSAGE_TONES = {"debug": "neutral", "info": "info", "success": "success", "warning": "warning", "error": "danger"}


@register.filter
def message_tone(level_tag: str) -> str:
    return _MESSAGE_TONES.get(level_tag, "neutral")


@register.filter
def role_name(role: str) -> str:
    """`success_manager` reads as `Success manager`, whatever roles there will be."""
    return str(role).replace("_", " ").capitalize()


@register.filter
def role_names(roles: Iterable[str]) -> str:
    """A set has no order of its own; a page that is rendered twice must read the same."""
    return ", ".join(role_name(role) for role in sorted(roles))
