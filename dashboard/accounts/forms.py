"""What people type on the account pages, checked."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth import password_validation

from dashboard.accounts.models import Role, User
from dashboard.registry import registry


class SignInForm(forms.Form):
    email = forms.EmailField(
        label="E-mail",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True}),
    )
    password = forms.CharField(
        strip=False, max_length=1024, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )

    def clean_email(self) -> str:
        """As it is stored, so that failures are counted per person and not per spelling."""
        return str(self.cleaned_data["email"]).lower()


class PasswordForm(forms.Form):
    current = forms.CharField(
        label="Current password",
        strip=False,
        max_length=1024,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    new = forms.CharField(
        label="New password",
        strip=False,
        max_length=1024,
        help_text="At least 12 characters; nothing common, and nothing like your name or e-mail.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label="New password again",
        strip=False,
        max_length=1024,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_new(self) -> str:
        new = str(self.cleaned_data["new"])
        password_validation.validate_password(new, self.user)
        return new

    def clean(self) -> None:
        new, again = self.cleaned_data.get("new"), self.cleaned_data.get("again")
        if new and again and new != again:
            self.add_error("again", "This is not the same as the new password. Type it again.")
        if new and new == self.cleaned_data.get("current"):
            self.add_error("new", "Choose a password that differs from the current one.")


class RolesForm(forms.Form):
    roles = forms.MultipleChoiceField(
        choices=Role.choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one role."},
    )


class MemberForm(RolesForm):
    email = forms.EmailField(label="E-mail", max_length=254)
    name = forms.CharField(label="Name", max_length=120, required=False)
    field_order = ("email", "name", "roles")


class KeyForm(forms.Form):
    label = forms.CharField(max_length=80, help_text="Where the key will be used: tells you later which one to revoke.")
    scopes = forms.MultipleChoiceField(
        widget=forms.CheckboxSelectMultiple,
        help_text="Write includes read.",
        error_messages={"required": "Choose at least one scope."},
    )
    key_id = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["scopes"].choices = [(scope, scope) for scope in registry.scopes()]  # type: ignore[attr-defined] # a choice field
