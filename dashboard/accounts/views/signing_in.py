"""The way in and the way out."""

from __future__ import annotations

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from dashboard.accounts.addresses import safe_next
from dashboard.accounts.forms import SignInForm
from dashboard.accounts.services import signing_in


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        return redirect(safe_next(request))
    form = SignInForm(request.POST or None)
    status = HTTPStatus.OK
    if request.method == "POST":
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        if form.is_valid():
            result = signing_in.sign_in(request=request, **form.cleaned_data)
            if result.user:
                return redirect(safe_next(request))
            form.add_error(None, result.refusal)
            status = HTTPStatus.TOO_MANY_REQUESTS if result.locked_until else status
    return render(request, "accounts/sign_in.html", {"form": form, "next": safe_next(request)}, status=status)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    signing_in.sign_out(request=request)
    return redirect("sign-in")
