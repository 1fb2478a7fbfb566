"""The password page: the only one for users whose password someone else has seen."""

from __future__ import annotations

from http import HTTPStatus

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from dashboard.accounts.access import to_sign_in
from dashboard.accounts.errors import AccountError
from dashboard.accounts.forms import PasswordForm
from dashboard.accounts.models import User
from dashboard.accounts.services.passwords import change_password


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def password(request: HttpRequest) -> HttpResponseBase:
    user = request.user
    if not user.is_authenticated:
        return to_sign_in(request)
    form = PasswordForm(user, request.POST or None)
    if request.method == "POST" and form.is_valid() and _changed(request, user, form):
        messages.success(request, "Password changed. All your other sessions have ended.")
        return redirect("home")
    status = HTTPStatus.UNPROCESSABLE_ENTITY if request.method == "POST" else HTTPStatus.OK
    forced = user.must_change_password
    return render(request, "accounts/password.html", {"form": form, "forced": forced}, status=status)


def _changed(request: HttpRequest, user: User, form: PasswordForm) -> bool:
    passwords = {name: form.cleaned_data[name] for name in ("current", "new")}
    try:
        change_password(request=request, user=user, **passwords)
    except AccountError as error:
        form.add_error(error.field or None, error.message)
        return False
    return True
