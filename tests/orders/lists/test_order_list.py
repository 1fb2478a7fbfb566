from __future__ import annotations

from dashboard.accounts.access import Member
from tests.cast import ClientOf
from tests.orders.lists.conftest import MakeDelivery, MakeOrder


def keys_on(html: str, *candidates: str) -> list[str]:
    return [key for key in candidates if f">{key}</a>" in html]


def test_a_success_manager_sees_the_newest_orders_first(mara: Member, client_of: ClientOf, make_order: MakeOrder) -> None:
    for at in range(3):
        make_order(mara.organization, f"NW-90{at}", client="Paul Henriot")
    page = client_of(mara).get("/orders?view=all")
    assert page.status_code == 200
    html = page.content.decode()
    assert html.index(">NW-3</a>") < html.index(">NW-2</a>") < html.index(">NW-1</a>")
    assert "Paul Henriot" in html
