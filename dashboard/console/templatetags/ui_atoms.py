"""Row-level components. Lists render fifty rows of six of them, so each is one string format, never a template."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache

import heroicons.templatetags.heroicons as heroicons_tags
from django import template
from django.utils import timezone
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

TONES = frozenset({"neutral", "info", "progress", "success", "warning", "danger"})
DASH = mark_safe('<span class="dash" aria-label="none">&ndash;</span>')
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_RELATIVE_STEPS = ((60, 1, "s"), (3600, 60, "min"), (86_400, 3600, "h"), (7 * 86_400, 86_400, "d"))


def known_tone(tone: str) -> str:
    if tone not in TONES:
        raise ValueError(f"Tone {tone!r} is unknown: use one of {', '.join(sorted(TONES))}.")
    return tone


def escaped(value: object) -> SafeString:
    return conditional_escape(value)  # type: ignore[arg-type]  # it takes anything; its stubs know only text


def attributes(values: Mapping[str, object]) -> SafeString:
    """`{"hx_post": "/x"}` becomes ` hx-post="/x"`; True is a bare attribute, None and False leave it out."""
    parts = []
    for name, value in values.items():
        if value is True:
            parts.append(f" {name.replace('_', '-')}")
        elif value is not None and value is not False:
            parts.append(f' {name.replace("_", "-")}="{escaped(value)}"')
    return mark_safe("".join(parts))  # noqa: S308 - names are written in templates, values are escaped


@register.simple_tag
@lru_cache(maxsize=512)
def icon(name: str, size: int = 16) -> SafeString:
    """A heroicon, drawn for 16 px (micro), 20 px (mini) or larger (outline); decorative, for text stands beside it."""
    draw = heroicons_tags.heroicon_outline
    if size <= 20:
        draw = heroicons_tags.heroicon_micro if size <= 16 else heroicons_tags.heroicon_mini
    return mark_safe(draw(str(name), size=size, **{"class": "icon"}))  # noqa: S308 - escaped by heroicons


@register.simple_tag
def badge(label: object, tone: str = "neutral", *, dot: bool = True, title: str = "", id: str = "") -> SafeString:  # noqa: A002
    extra = attributes({"title": title or None, "id": id or None}) if title or id else ""
    plain = "" if dot else " badge-plain"
    text = escaped(label)
    return mark_safe(f'<span class="badge badge-{known_tone(tone)}{plain}"{extra}>{text}</span>')  # noqa: S308 - escaped


@register.simple_tag
def number(value: float | Decimal | None, unit: str = "") -> SafeString:
    """Grouped by thousands: 12,345. Nothing known is a dash, never 0."""
    if value is None or value == "":
        return DASH
    text = f"{value:,}" if isinstance(value, int) else f"{value:,.2f}".removesuffix(".00")
    if unit:
        return format_html('<span class="num">{} <span class="unit">{}</span></span>', text, unit)
    return format_html('<span class="num">{}</span>', text)


def span_text(seconds: float) -> str:
    """`13 min 6 s`: the two largest parts, because nobody plans by the third."""
    if 0 < seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    rest = round(seconds)
    parts = []
    for size, unit in ((86_400, "d"), (3600, "h"), (60, "min"), (1, "s")):
        count, rest = divmod(rest, size)
        if count:
            parts.append(f"{count} {unit}")
    return " ".join(parts[:2]) or "0 s"


@register.simple_tag
def duration(value: float | timedelta | None) -> SafeString:
    if value is None:
        return DASH
    seconds = value.total_seconds() if isinstance(value, timedelta) else float(value)
    return format_html('<span class="num">{}</span>', span_text(seconds))


def relative_text(seconds: float) -> str | None:
    """Positive is ago. Beyond a week None: then the date says more. js/time.js repeats these steps."""
    size = abs(seconds)
    if size < 3:
        return "just now" if seconds >= 0 else "now"
    for below, step, unit in _RELATIVE_STEPS:
        if size < below:
            text = f"{int(size // step)} {unit}"
            return f"{text} ago" if seconds >= 0 else f"in {text}"
    return None


@register.simple_tag
def when(value: datetime | date | None, style: str = "relative") -> SafeString:
    """`<time>`. Styles: relative (kept fresh by js/time.js), clock (14:03:07), exact (with date and zone), day."""
    if value is None:
        return DASH
    if not isinstance(value, datetime):
        return format_html('<time datetime="{}">{}</time>', value.isoformat(), _day(value))
    local = timezone.localtime(value)
    exact = f"{_day(local)}, {_clock(local)} {local.tzname()}"
    iso = value.isoformat()
    if style == "relative":
        text = relative_text((timezone.now() - value).total_seconds()) or _day(local)
        return mark_safe(f'<time datetime="{iso}" title="{exact}" data-relative>{text}</time>')  # noqa: S308 - our digits
    text = {"clock": _clock(local), "exact": exact, "day": _day(local)}[style]
    return mark_safe(f'<time datetime="{iso}" title="{exact}">{text}</time>')  # noqa: S308 - our digits


def _day(value: date) -> str:
    return f"{value.day} {_MONTHS[value.month - 1]} {value.year}"


def _clock(value: datetime) -> str:
    return f"{value.hour:02}:{value.minute:02}:{value.second:02}"


@register.simple_tag
def mono(value: object, *, copy: bool = False, short: int = 0) -> SafeString:
    """An id or a hash in fixed width; `short` cuts what is shown (the whole stays in title and copy)."""
    if value is None or value == "":
        return DASH
    text = str(value)
    shown = f"{text[:short]}…" if short and len(text) > short else text
    body = format_html('<code class="mono" title="{}">{}</code>', text, shown)
    return format_html('<span class="with-copy">{}{}</span>', body, copy_button(text)) if copy else body


@register.simple_tag(name="copy")
def copy_button(value: object, label: str = "") -> SafeString:
    """Copies `value`; hidden where no script runs, since it could do nothing there."""
    if label:
        return format_html(
            '<button type="button" class="button button-secondary needs-script" data-copy="{}">{}<span>{}</span>'
            "</button>",
            value,
            icon("square-2-stack"),
            label,
        )
    return format_html(
        '<button type="button" class="icon-button icon-button-small needs-script" data-copy="{}" aria-label="Copy {}"'
        ' title="Copy">{}</button>',
        value,
        value,
        icon("square-2-stack"),
    )


@register.simple_tag
def select_row(value: object, label: str, *, name: str = "selected", checked: bool = False) -> SafeString:
    """First cell of a row that can be selected; `label` is read out, as in "Select order NW-17"."""
    return format_html(
        '<td class="cell-select"><input type="checkbox" name="{}" value="{}" aria-label="{}" data-select{}></td>',
        name,
        value,
        label,
        mark_safe(" checked") if checked else "",
    )


@register.simple_tag
def select_page(label: str = "Select all on this page") -> SafeString:
    return format_html(
        '<th class="cell-select" scope="col"><input type="checkbox" class="needs-script" aria-label="{}"'
        " data-select-page></th>",
        label,
    )
