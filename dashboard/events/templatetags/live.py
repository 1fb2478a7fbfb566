"""What a page must say about itself to be kept live."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag(takes_context=True)
def live_attributes(context: template.Context) -> SafeString | str:
    """For `<body>`: the organization, and where its log stood before the page read anything (membership_middleware).

    Rows may be newer than that, never older; what happened since is asked for when the socket opens.
    """
    request: Any = context.get("request")
    member = getattr(request, "member", None)
    if member is None:
        return ""
    return format_html('data-live-seq="{}" data-organization="{}"', request.live_seq, member.organization.slug)
