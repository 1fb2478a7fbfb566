"""Filters with a name: mine, shared, renamed, deleted; never a stranger's."""

from __future__ import annotations

import pytest
from django.test import Client as Browser

from dashboard.accounts.access import Member
from orders.models import SavedView
from tests.cast import ClientOf


def save(browser: Browser, name: str = "Rush", query: str = "view=all&tag=Rush&after=17", **form: str) -> str:
    return browser.post("/orders/views", {"name": name, "query": query, **form}, follow=True).content.decode()


def tab(name: str, *, current: bool = False) -> str:
    return f'aria-current="page">{name}<' if current else f">{name}<"


def test_a_filter_is_saved_without_its_cursor_and_becomes_a_tab(mara: Member, client_of: ClientOf) -> None:
    html = save(client_of(mara))
    assert SavedView.objects.get().query == "view=all&tag=Rush"
    assert tab("Rush", current=True) in html


def test_saving_under_the_same_name_replaces_it(mara: Member, client_of: ClientOf) -> None:
    save(client_of(mara))
    save(client_of(mara), query="view=all&tag=Other")
    assert SavedView.objects.get().query == "view=all&tag=Other"


def test_only_shared_views_are_seen_by_others_of_the_organization(
    mara: Member, sam: Member, vera: Member, client_of: ClientOf
) -> None:
    save(client_of(mara), "Mine")
    save(client_of(mara), "Ours", shared="1")
    seen = client_of(sam).get("/orders?view=all").content.decode()
    assert (tab("Ours") in seen, tab("Mine") in seen) == (True, False)
    assert tab("Ours") not in client_of(vera).get("/orders?view=all").content.decode()


def test_a_view_is_renamed_and_unshared_by_whom_it_belongs_to(mara: Member, sam: Member, client_of: ClientOf) -> None:
    save(client_of(mara), shared="1")
    view = SavedView.objects.get()
    assert client_of(sam).post(f"/orders/views/{view.pk}", {"name": "Stolen"}).status_code == 404
    client_of(mara).post(f"/orders/views/{view.pk}", {"name": "  Very   rush "})
    view.refresh_from_db()
    assert (view.name, view.shared) == ("Very rush", False)


def test_two_views_of_one_person_never_share_a_name(mara: Member, client_of: ClientOf) -> None:
    browser = client_of(mara)
    save(browser, "One")
    save(browser, "Two")
    two = SavedView.objects.get(name="Two")
    html = browser.post(f"/orders/views/{two.pk}", {"name": "One"}, follow=True).content.decode()
    assert "You already have a view named" in html
    assert set(SavedView.objects.values_list("name", flat=True)) == {"One", "Two"}


@pytest.mark.parametrize(("name", "sentence"), [("  ", "Give the view a name."), ("x" * 61, "The name is too long")])
def test_a_name_that_will_not_do_is_said(mara: Member, client_of: ClientOf, name: str, sentence: str) -> None:
    assert sentence in save(client_of(mara), name)
    assert not SavedView.objects.exists()


def test_deleting_twice_deletes_once_and_never_anothers(mara: Member, vera: Member, client_of: ClientOf) -> None:
    save(client_of(mara))
    path = f"/orders/views/{SavedView.objects.get().pk}/delete"
    client_of(vera).post(path)
    assert SavedView.objects.count() == 1
    browser = client_of(mara)
    assert [browser.post(path).status_code for _ in range(2)] == [302, 302]
    assert not SavedView.objects.exists()


def test_views_are_posted_by_people_who_are_signed_in(mara: Member, client: Browser, client_of: ClientOf) -> None:
    assert client.post("/orders/views", {"name": "x"}).headers["Location"].startswith("/sign-in")
    assert [
        client_of(mara).get(path).status_code for path in ("/orders/views", "/orders/views/1", "/orders/views/1/delete")
    ] == [405] * 3
