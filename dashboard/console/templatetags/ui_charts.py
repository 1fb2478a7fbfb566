"""Figures drawn on the server as inline SVG, sized by attributes because the policy forbids inline styles."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from .ui_atoms import attributes, number, when

register = template.Library()


def _share(part: float, whole: float) -> float:
    return round(min(max(part / whole, 0.0), 1.0) * 100, 2) if whole > 0 else 0.0


@register.simple_tag
def gauge(
    label: object,
    used: int,
    limit: int,
    *,
    reserve: int = 0,
    resets_at: datetime | None = None,
    note: object = "",
    id: str = "",  # noqa: A002
) -> SafeString:
    """One window of a limit: what is used, what is kept for urgent calls (hatched), when room comes back."""
    share = _share(used, limit)
    tone = "full" if used >= limit else "high" if share >= 80 else "calm"
    kept = _share(reserve, limit)
    reserved = '<rect class="gauge-reserve" x="{}%" width="{}%" height="8"></rect>'
    hatched = format_html(reserved, round(100 - kept, 2), kept) if reserve else ""
    foot = format_html("room again {}", when(resets_at)) if resets_at else note
    return format_html(
        '<div class="gauge gauge-{}"{}><div class="gauge-head"><span class="gauge-label">{}</span>'
        '<span class="gauge-value">{}<span class="gauge-limit"> / {}</span></span></div>'
        '<svg class="gauge-bar" width="100%" height="8" role="img" aria-label="{} of {} used">'
        '<rect class="gauge-track" width="100%" height="8" rx="4"></rect>{}'
        '<rect class="gauge-fill" width="{}%" height="8" rx="4"></rect></svg>'
        '<div class="gauge-foot"><span>{} free</span><span>{}</span></div></div>',
        tone,
        attributes({"id": id or None}),
        label,
        number(used),
        f"{limit:,}",
        used,
        limit,
        hatched,
        share,
        f"{max(limit - used, 0):,}",
        foot,
    )


@register.simple_tag
def progress(value: int, maximum: int, label: object = "", *, id: str = "", tone: str = "progress") -> SafeString:  # noqa: A002
    """A native `<progress>` with its share in words; without a maximum it is indeterminate."""
    share = f"{_share(value, maximum):.0f} %" if maximum else ""
    known = attributes({"value": value, "max": maximum}) if maximum else ""
    return format_html(
        '<div class="progress progress-{}"{}>'
        '<div class="progress-head"><span>{}</span><span class="num">{}</span></div>'
        '<progress{} aria-label="{}">{}</progress></div>',
        tone,
        attributes({"id": id or None}),
        label,
        share,
        known,
        label or "Progress",
        share,
    )


@register.simple_tag
def sparkline(values: Sequence[float], label: str, width: int = 96, height: int = 24) -> SafeString:
    """A line without axes, for a table cell or a tile; its label carries the meaning for who cannot see it."""
    if len(values) < 2:
        return SafeString("")
    top, low = max(values), min(values)
    span = (top - low) or 1
    step = width / (len(values) - 1)
    points = " ".join(
        f"{at * step:.1f},{height - 2 - (value - low) / span * (height - 4):.1f}" for at, value in enumerate(values)
    )
    return format_html(
        '<svg class="sparkline" width="{0}" height="{1}" viewBox="0 0 {0} {1}" role="img" aria-label="{2}">'
        '<polyline points="{3}"></polyline></svg>',
        width,
        height,
        label,
        points,
    )


@register.simple_tag
def bar_chart(points: Sequence[tuple[str, float]], label: str, unit: str = "", height: int = 120) -> SafeString:
    """Bars over (label, value) pairs. The same figures follow as a table for those who cannot see them."""
    top = max((value for _, value in points), default=0) or 1
    bars = _bars(points, top, unit, height)
    rows = format_html_join(
        "", '<tr><th scope="row">{}</th><td>{} {}</td></tr>', ((n, f"{v:,}", unit) for n, v in points)
    )
    ends = (points[0][0], points[-1][0]) if points else ("", "")
    return format_html(
        '<figure class="chart"><figcaption><span>{}</span><span class="num">max {} {}</span></figcaption>'
        '<svg class="chart-bars" width="100%" height="{}" aria-hidden="true">{}</svg>'
        '<div class="chart-axis" aria-hidden="true"><span>{}</span><span>{}</span></div>'
        '<table class="visually-hidden"><caption>{}</caption>{}</table></figure>',
        label,
        f"{top:,}",
        unit,
        height,
        bars,
        *ends,
        label,
        rows,
    )


def _bars(points: Sequence[tuple[str, float]], top: float, unit: str, height: int) -> SafeString:
    slot = 100 / max(len(points), 1)
    return format_html_join(
        "",
        '<rect x="{}%" y="{}" width="{}%" height="{}" rx="2"><title>{}: {} {}</title></rect>',
        (
            (
                round(at * slot + slot * 0.15, 3),
                round(height - value / top * height, 1),
                round(slot * 0.7, 3),
                round(value / top * height, 1),
                name,
                f"{value:,}",
                unit,
            )
            for at, (name, value) in enumerate(points)
        ),
    )
