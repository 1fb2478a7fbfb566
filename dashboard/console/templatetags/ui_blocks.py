"""Components that wrap a body: `{% card "Items" %}…{% endcard %}`. Each is one format around its content."""

from __future__ import annotations

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from .ui_atoms import DASH, attributes, icon, known_tone, when

register = template.Library()
block = register.simple_block_tag


@block
def page_header(content: str, title: object, subtitle: object = "", *, mark: object = "") -> SafeString:
    """Title, a mark beside it (a badge) and a line below; the body is the actions."""
    return format_html(
        '<header class="page-header"><div class="page-title"><h1>{}</h1>{}</div>{}{}</header>',
        title,
        mark,
        _if(subtitle, '<p class="page-subtitle">{}</p>'),
        _if(content, '<div class="page-actions">{}</div>'),
    )


@block
def card(content: str, title: object = "", note: object = "", *, flush: bool = False, **attrs: object) -> SafeString:
    """A titled surface. `flush` lets a table reach its edges."""
    head = format_html("<h2>{}</h2>{}", title, _if(note, '<span class="card-note">{}</span>')) if title else ""
    return format_html(
        '<section class="card{}"{}>{}<div class="card-body">{}</div></section>',
        " card-flush" if flush else "",
        attributes(attrs),
        _if(head, '<div class="card-head">{}</div>'),
        content,
    )


@block
def callout(content: str, tone: str, title: object = "", **attrs: object) -> SafeString:
    """Something the reader must know about this page; danger is read out at once."""
    marks = {"success": "check-circle", "warning": "exclamation-triangle", "danger": "x-circle"}
    return format_html(
        '<div class="callout callout-{}"{}>{}<div class="callout-text">{}{}</div></div>',
        known_tone(tone),
        attributes({"role": "alert" if tone == "danger" else "note", **attrs}),
        icon(marks.get(tone, "information-circle"), 20),
        _if(title, '<p class="callout-title">{}</p>'),
        content,
    )


@block
def empty(content: str, icon_name: str, title: object, tone: str = "neutral") -> SafeString:
    """Nothing here, or not possible: why, and what to do now. Tone danger is the error state."""
    return format_html(
        '<div class="empty empty-{}">{}<p class="empty-title">{}</p><div class="empty-text">{}</div></div>',
        known_tone(tone),
        icon(icon_name, 24),
        title,
        content,
    )


@block
def table(content: str, label: str, css: str = "", **attrs: object) -> SafeString:
    """A table that scrolls inside its own region. css: `table-cards` (cards on a phone), `table-sticky`."""
    return format_html(
        '<div class="table-region" role="region" aria-label="{}" tabindex="0">'
        '<table class="table {}"{}>{}</table></div>',
        label,
        css,
        attributes(attrs),
        content,
    )


@block
def empty_row(content: str, columns: int) -> SafeString:
    return format_html('<tr class="row-empty"><td colspan="{}">{}</td></tr>', columns, content)


@block
def facts(content: str, *, lines: bool = False, **attrs: object) -> SafeString:
    """Labels above their values in columns, or with `lines` beside them, one to a line."""
    return format_html('<dl class="facts{}"{}>{}</dl>', " facts-lines" if lines else "", attributes(attrs), content)


@block
def fact(content: str, label: object) -> SafeString:
    return format_html('<div class="fact"><dt>{}</dt><dd>{}</dd></div>', label, content if content.strip() else DASH)


@block
def timeline(content: str, **attrs: object) -> SafeString:
    return format_html('<ol class="timeline"{}>{}</ol>', attributes(attrs), content)


@block
def moment(
    content: str,
    text: object,
    *,
    at: object = None,
    actor: object = "",
    tone: str = "neutral",
    id: str = "",  # noqa: A002
) -> SafeString:
    """One line of a timeline: dot, actor, text and time; the body stands below."""
    return format_html(
        '<li class="moment moment-{}"{}><p class="moment-line">{}<span class="moment-text">{}</span>{}</p>{}</li>',
        known_tone(tone),
        attributes({"id": id or None}),
        _if(actor, '<span class="moment-actor">{}</span> '),
        text,
        when(at) if at else "",  # type: ignore[arg-type]  # whatever is not a datetime fails there, by name
        _if(content, '<div class="moment-body">{}</div>'),
    )


@block
def fieldset(content: str, legend: object, note: object = "") -> SafeString:
    return format_html(
        '<fieldset class="fieldset"><legend>{}</legend>{}{}</fieldset>',
        legend,
        _if(note, '<p class="help">{}</p>'),
        content,
    )


@block
def form_actions(content: str) -> SafeString:
    return format_html('<div class="form-actions">{}</div>', content)


@block
def filters(content: str, label: str = "Filters", action: str = "") -> SafeString:
    """A GET form, so that the address holds the whole filter."""
    return format_html(
        '<form class="filters" method="get" role="search" aria-label="{}"{}>{}</form>',
        label,
        attributes({"action": action or None}),
        content,
    )


@block
def chips(content: str, clear_url: str = "") -> SafeString:
    clear = format_html('<a class="chips-clear" href="{}">Clear all</a>', clear_url) if clear_url else ""
    return format_html('<div class="chips">{}{}</div>', content, clear)


@block
def bulk_bar(content: str, noun: str = "selected") -> SafeString:
    """Stands inside the form around the table; appears once a row is checked, by CSS alone."""
    return format_html(
        '<div class="bulk-bar"><span class="bulk-count needs-script" aria-live="polite"><b data-selected-count>0</b> {}'
        "</span>{}</div>",
        noun,
        content,
    )


@block
def menu(content: str, label: object, *, icon_name: str = "", quiet: bool = False) -> SafeString:
    """`<details>`: opens without a script; js/shell.js closes it on Escape or a click elsewhere."""
    return format_html(
        '<details class="menu"><summary class="button button-{} button-small">{}<span>{}</span>{}</summary>'
        '<div class="menu-list">{}</div></details>',
        "quiet" if quiet else "secondary",
        icon(icon_name) if icon_name else "",
        label,
        icon("chevron-down"),
        content,
    )


@block
def dialog(content: str, id: str, title: object) -> SafeString:  # noqa: A002
    """A dialog that is already in the page: opened by any control with `data-opens="<id>"`."""
    close = icon("x-mark")
    return format_html(
        '<dialog class="dialog" id="{0}" aria-labelledby="{0}-title">'
        '<div class="dialog-head"><h2 id="{0}-title">{1}</h2>'
        '<form method="dialog"><button class="icon-button" aria-label="Close">{2}</button></form></div>'
        '<div class="dialog-body">{3}</div></dialog>',
        id,
        title,
        close,
        content,
    )


def _if(value: object, markup: str) -> SafeString:
    blank = isinstance(value, str) and not value.strip()
    return format_html(markup, value) if value and not blank else SafeString("")
