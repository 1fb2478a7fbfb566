"""The page that shows every component in every state, so that later pages choose and do not invent."""

from __future__ import annotations

from datetime import timedelta

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

ORDERS = (
    ("NW-10248", "Vins et alcools Chevalier", "Delivered", "success", 3, 27, 4),
    ("NW-10249", "Toms Spezialitäten", "Sending", "progress", 2, 49, 11),
    ("NW-10250", "Hanari Carnes", "Waiting", "neutral", 3, 60, 38),
    ("NW-10251", "Victuailles en stock", "Refused", "danger", 3, 41, 64),
    ("NW-10252", "Suprêmes délices", "Unknown", "warning", 3, 105, 140),
)
ANSWER = {
    "id": "0b54c6f1",
    "external_order_id": "NW-10248",
    "is_deleted": False,
    "deadline_at": None,
    "order_items": [{"line_item_id": "10248-11", "quantity": 12, "price": 14.5, "comment": 'Pack "upright"'}],
}
CURL = """curl -X POST https://api.example.com/api/v1/public/orders \\
  -H "x-api-key: $KEY" \\
  -d @order.json"""
SECTIONS = (
    ("foundations", "Foundations"),
    ("actions", "Actions"),
    ("status", "Status and values"),
    ("tables", "Tables and lists"),
    ("figures", "Figures"),
    ("forms", "Forms"),
    ("records", "Records"),
    ("notices", "Notices"),
    ("shell", "Shell"),
)
STEPS = ("Upload", "Map columns", "Preview", "Run")


class SampleForm(forms.Form):
    """One field of each kind, sent empty to show its errors."""

    client = forms.CharField(help_text="As it is written on the invoice.")
    priority = forms.ChoiceField(choices=[("", "Choose one"), ("normal", "Normal"), ("urgent", "Urgent")])
    quantity = forms.IntegerField(min_value=1, max_value=10_000, help_text="1 to 10,000.")
    deadline = forms.DateField(required=False, widget=forms.DateInput(attrs={"type": "date"}))
    comment = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 3}))
    notify = forms.BooleanField(required=False, label="Tell me when it has been sent")
    lane = forms.ChoiceField(
        choices=[("bulk", "With the others"), ("urgent", "Before the others")], widget=forms.RadioSelect, initial="bulk"
    )
    file = forms.FileField(help_text="CSV or XLSX, up to 200 MB.")


@require_safe
@login_required
def styleguide(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    rows = [
        {"key": k, "client": c, "status": s, "tone": t, "items": i, "pieces": p, "at": now - timedelta(minutes=m)}
        for k, c, s, t, i, p, m in ORDERS
    ]
    context = {
        "sections": SECTIONS,
        "tones": ("neutral", "info", "progress", "success", "warning", "danger"),
        "now": now,
        "soon": now + timedelta(seconds=48),
        "rows": rows,
        "answer": ANSWER,
        "curl": CURL,
        "steps": STEPS,
        "live_states": ("live", "connecting", "catching-up", "stale", "offline"),
        "sample_form": SampleForm(initial={"client": "Hanari Carnes", "quantity": 12}),
        "faulty_form": SampleForm(data={"quantity": "0", "client": ""}),
        "calls": (4, 9, 7, 12, 15, 11, 14, 15, 15, 8, 6, 9, 3),
        "calls_per_minute": [(f"14:{minute:02}", (minute * 37) % 240 + 60) for minute in range(24)],
        "tab_items": [
            {"label": "Needs attention", "url": "#tables", "current": True, "count": 7, "tone": "danger"},
            {"label": "All orders", "url": "#tables", "count": "10,000+"},
            {"label": "Late", "url": "#tables", "count": 0},
            {"label": "My view", "url": "#tables"},
        ],
    }
    return render(request, "styleguide/page.html", context)
