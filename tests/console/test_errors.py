"""What goes wrong is told in the words of whoever asked."""

from __future__ import annotations

import pytest
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import include, path

from dashboard.accounts.access import Member
from dashboard.console import errors
from tests.cast import ClientOf


def breaks(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("a bug with a secret in it")


def suspicious(request: HttpRequest) -> HttpResponse:
    raise SuspiciousOperation("tampered")


urlpatterns = [
    path("", include("dashboard.accounts.urls")),
    path("", include("dashboard.console.urls")),
    path("breaks", breaks),
    path("api/v1/public/breaks", breaks),
    path("v1/breaks", breaks),
    path("suspicious", suspicious),
    path("api/v1/public/suspicious", suspicious),
]
handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler500 = errors.server_error


@pytest.fixture
def browser(settings: object) -> Client:
    settings.ROOT_URLCONF = __name__
    return Client(raise_request_exception=False)


def test_a_bug_shows_a_page_and_no_secret(browser: Client) -> None:
    answer = browser.get("/breaks")
    assert answer.status_code == 500
    assert "text/html" in answer["Content-Type"]
    page = answer.content.decode()
    assert answer["X-Request-Id"] in page
    assert "secret" not in page


def test_each_api_hears_of_a_bug_in_its_own_words(browser: Client) -> None:
    public = browser.get("/api/v1/public/breaks")
    assert (public.status_code, public.json()["statusCode"]) == (500, 500)
    assert public.json()["error"] == "Internal Server Error"
    control = browser.get("/v1/breaks")
    assert control.json()["error"] == "internal_server_error"
    assert "secret" not in f"{public.content!r}{control.content!r}"


def test_what_is_not_there(browser: Client, db: None) -> None:
    assert b"There is no such page" in browser.get("/nothing-here").content
    unknown = browser.get("/api/v1/nothing-here")
    assert unknown.status_code == 404
    assert unknown.json() == {"statusCode": 404, "message": "There is nothing at this address.", "error": "Not Found"}
    assert browser.get("/v1/nothing-here").json()["error"] == "not_found"
    assert browser.get("/health/nothing-here").json()["error"]["code"] == "NOT_FOUND"


def test_what_can_not_be_read(browser: Client) -> None:
    assert browser.get("/suspicious").status_code == 400
    assert browser.get("/api/v1/public/suspicious").json()["statusCode"] == 400
    assert browser.get("/health", headers={"Host": "evil.example"}).status_code == 400


def test_a_form_of_another_site_is_refused_in_a_sentence(mara: Member) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(mara.user)
    answer = client.post("/settings/keys/create", {"label": "x", "scopes": "orders:read"})
    assert answer.status_code == 403
    assert b"This form is too old, was opened for another organization or came from another site." in answer.content


def test_no_error_page_needs_the_database(mara: Member, client_of: ClientOf, django_assert_num_queries: object) -> None:
    request = RequestFactory().get("/x")
    with django_assert_num_queries(0):
        for answer in (
            errors.bad_request(request, Exception()),
            errors.forbidden(request, Exception("You may not.")),
            errors.not_found(request, Exception()),
            errors.server_error(request),
        ):
            assert b"Countersign" in answer.content
