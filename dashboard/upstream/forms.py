"""What people type about upstreams. Whether it is right, the services say."""

from __future__ import annotations

from django import forms

from dashboard.upstream.models import Delivery, System

AGES = {"": "Any age", "60": "Older than 1 minute", "3600": "Older than 1 hour", "86400": "Older than 1 day"}


class ConnectForm(forms.Form):
    system = forms.ChoiceField(choices=System.choices)
    base_url = forms.CharField(
        label="Address", max_length=400, help_text="The API's base address; Hesh's ends in /api/v1/public."
    )
    secret = forms.CharField(
        label="Key",
        max_length=400,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text="Kept sealed and never shown again.",
    )
    label = forms.CharField(label="Name", max_length=80, required=False, help_text="What it is called on these pages.")
    tenant = forms.CharField(
        max_length=64, required=False, help_text="Sent as x-tenant-id where the upstream wants it."
    )
    account = forms.CharField(max_length=120, required=False, help_text="Team id (HESO) or agent id (Hashee).")


class KeyForm(forms.Form):
    secret = forms.CharField(
        label="New key", max_length=400, widget=forms.PasswordInput(attrs={"autocomplete": "off", "autofocus": True})
    )


class PauseForm(forms.Form):
    reason = forms.CharField(max_length=300, required=False, help_text="Everyone who looks at an order sees it.")


class NoteForm(forms.Form):
    text = forms.CharField(label="Note", max_length=2000, widget=forms.Textarea(attrs={"rows": 2}))


class DeliveryFilterForm(forms.Form):
    """A value that was never offered reads as no filter."""

    state = forms.ChoiceField(
        choices=[("", "Any state"), *Delivery.State.choices],
        required=False,
        widget=forms.Select(attrs={"aria-label": "State"}),
    )
    age = forms.ChoiceField(
        choices=list(AGES.items()), required=False, widget=forms.Select(attrs={"aria-label": "Age"})
    )
    before = forms.IntegerField(min_value=1, max_value=2**62, required=False)


class WhatIfForm(forms.Form):
    more = forms.IntegerField(label="More orders", min_value=1, max_value=10_000, required=False)
