"""Northwind, connected to an upstream that nobody answers for, and owed some orders."""

from collections.abc import Callable

import pytest
from django.conf import LazySettings
from django.test import Client

from dashboard.accounts.access import Member
from dashboard.accounts.models import Organization
from dashboard.events.recording import SYSTEM
from dashboard.upstream import forecast, services
from dashboard.upstream.models import Connection, Delivery
from orders.schemas import OrderInput
from orders.services.ordering import create_order

ClientOf = Callable[[Member], Client]
URL = "http://127.0.0.1:9/api/v1/public"


@pytest.fixture(autouse=True)
def _no_old_picture(settings: LazySettings) -> None:
    settings.DEMO = True
    forecast.forget()


@pytest.fixture
def hesh(northwind: Organization) -> Connection:
    new = services.NewConnection(system="hesh", base_url=URL, secret="key of Northwind")
    return services.connect(organization=northwind, actor=SYSTEM, connection=new)


def owed(organization: Organization, count: int, source: str = "api") -> list[Delivery]:
    for number in range(count):
        said = {
            "external_order_id": f"{source}-{number}",
            "external_order_number": str(number),
            "order_items": [{"quantity": 1}],
        }
        create_order(organization=organization, actor=SYSTEM, order=OrderInput.model_validate(said), source=source)
    return list(Delivery.objects.filter(organization=organization).order_by("pk"))


@pytest.fixture
def deliveries(hesh: Connection, northwind: Organization) -> list[Delivery]:
    return owed(northwind, 3)


@pytest.fixture
def browser(mara: Member, client_of: ClientOf) -> Client:
    return client_of(mara)


@pytest.fixture
def owner(otto: Member, client_of: ClientOf) -> Client:
    return client_of(otto)


def text(browser: Client, url: str) -> str:
    answer = browser.get(url)
    assert answer.status_code == 200
    return answer.content.decode().replace("&#x27;", "'")
