"""Form rows: one tag for every bound field, so that label, help and error stand and are announced alike everywhere."""

from __future__ import annotations

from django import template
from django.forms import BaseForm, BoundField, CheckboxInput, CheckboxSelectMultiple, RadioSelect
from django.utils.html import format_html
from django.utils.safestring import SafeString

from .ui_atoms import attributes, icon

register = template.Library()


@register.inclusion_tag("components/field.html")
def field(bound: BoundField, *, wide: bool = False, optional: bool = True) -> dict[str, object]:
    """Label, control, help and errors of one form field; `wide` takes the whole row of a grid."""
    widget = bound.field.widget
    kind = "row"
    if isinstance(widget, CheckboxSelectMultiple | RadioSelect):
        kind = "group"
    elif isinstance(widget, CheckboxInput):
        kind = "check"
    return {"field": bound, "kind": kind, "wide": wide, "optional": optional and not bound.field.required}


@register.inclusion_tag("components/form_errors.html")
def form_errors(form: BaseForm) -> dict[str, object]:
    """What is wrong with the form as a whole; errors of a field stand at the field."""
    return {"errors": form.non_field_errors(), "count": len(form.errors)}


@register.inclusion_tag("components/file_drop.html")
def file_drop(bound: BoundField, accept: str = "", prompt: str = "Drop a file here or choose one") -> dict[str, object]:
    """A file input that also takes a drop; without JavaScript it is an ordinary one."""
    return {"field": bound, "accept": accept, "prompt": prompt}


@register.simple_tag
def search_box(
    value: object = "", placeholder: str = "Search", *, name: str = "q", main: bool = True, **attrs: object
) -> SafeString:
    """`main` is the one that the / key jumps to."""
    return format_html(
        '<label class="search">{}<span class="visually-hidden">{}</span>'
        '<input type="search" name="{}" value="{}" placeholder="{}" autocomplete="off"{}>{}</label>',
        icon("magnifying-glass"),
        placeholder,
        name,
        "" if value is None else value,
        placeholder,
        attributes({"data_search": main, **attrs}),
        SafeString('<kbd class="needs-script">/</kbd>') if main else "",
    )


@register.simple_tag
def skeleton(lines: int = 3) -> SafeString:
    """Stands where something is still loading; says so to those who cannot see it."""
    bars = SafeString('<span class="skeleton-line"></span>') * lines
    return format_html(
        '<div class="skeleton" role="status"><span class="visually-hidden">Loading…</span>{}</div>', SafeString(bars)
    )
