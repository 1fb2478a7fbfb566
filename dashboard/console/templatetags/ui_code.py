"""Code and JSON as a person reads them: indented, coloured by kind, with a button that copies the exact text."""

from __future__ import annotations

import json
import re

from django import template
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from .ui_atoms import copy_button

register = template.Library()

# Beyond this the colours cost more than they tell; the text is shown plain.
COLOURED_UP_TO = 100_000
# Runs over escaped text, where a quote is &quot; and so cannot be confused with one inside a string.
_TOKENS = re.compile(
    r"(?P<string>&quot;(?:\\.|(?!&quot;)[^\\])*&quot;)(?P<colon>\s*:)?"
    r"|(?P<word>\b(?:true|false|null)\b)|(?P<number>-?\b\d+(?:\.\d+)?(?:[eE][+-]?\d+)?\b)"
)


@register.simple_tag
def code_block(text: object, label: str = "") -> SafeString:
    return _block(label, str(text), escape(text))


@register.simple_tag
def json_view(value: object, label: str = "") -> SafeString:
    """JSON text or a value. Text that is not JSON is shown as it came: what an upstream sent is never tidied away."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2, default=str)
    if isinstance(value, str):
        try:
            text = json.dumps(json.loads(value), ensure_ascii=False, indent=2)
        except ValueError:
            return code_block(value, label)
    return _block(label, text, _coloured(text) if len(text) <= COLOURED_UP_TO else escape(text))


def _coloured(text: str) -> SafeString:
    return mark_safe(_TOKENS.sub(_span, escape(text)))  # noqa: S308 - every character was escaped first


def _span(match: re.Match[str]) -> str:
    if match["string"]:
        kind = "key" if match["colon"] else "string"
        return f'<span class="code-{kind}">{match["string"]}</span>{match["colon"] or ""}'
    return f'<span class="code-{"word" if match["word"] else "number"}">{match[0]}</span>'


def _block(label: str, text: str, body: str) -> SafeString:
    return format_html(
        '<div class="code"><div class="code-head"><span>{}</span>{}</div>'
        '<pre tabindex="0" aria-label="{}"><code>{}</code></pre></div>',
        label,
        copy_button(text, "Copy"),
        label or "Code",
        body,
    )
