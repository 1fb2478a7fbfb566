"""Walking a list shows every order once, whatever it is sorted by and whatever arrives meanwhile."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db.models import QuerySet

from dashboard.accounts.access import Member
from orders import keyset
from orders.keyset import SORTS, Place, Position, Reader
from orders.models import Order

START = datetime(2026, 1, 1, tzinfo=UTC)


def insert(member: Member, number: int) -> None:
    """Straight into the table: dates repeat, and every third order has no deadline."""
    Order.objects.create(
        organization=member.organization,
        number=number,
        order_key=f"NW-{number}",
        external_order_id=f"X-{number}",
        external_order_number=str(number),
        deadline_at=None if number % 3 == 0 else START + timedelta(days=number % 4),
        created_at=START,
        updated_at=START + timedelta(days=number % 5),
        search=f"'even{number % 2}'",
    )


@pytest.fixture
def forty(mara: Member) -> QuerySet[Order]:
    for number in range(1, 41):
        insert(mara, number)
    return Order.objects.filter(organization=mara.organization)


def expected(sort: str) -> list[int]:
    def key(order: Order) -> tuple[object, ...]:
        at = None if rule.by_number else getattr(order, rule.column)
        sign = -1 if rule.descending else 1
        return (not rule.by_number and at is None, sign * (at.timestamp() if at else 0), sign * order.number)

    rule = SORTS[sort]
    return [order.number for order in sorted(Order.objects.all(), key=key)]


def walk(reader: Reader, *, backwards: bool = False, size: int = 7) -> list[int]:
    numbers: list[int] = []
    place = Place(backwards=backwards)
    for _ in range(50):
        page = reader.page(place, size)
        chunk = [order.number for order in page.rows]
        numbers = chunk + numbers if backwards else numbers + chunk
        cursor = page.previous if backwards else page.next
        if not cursor:
            return numbers
        place = Place(Position.read(cursor), backwards=backwards)
    raise AssertionError("The walk does not end.")


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("backwards", [False, True])
def test_a_walk_shows_every_order_once_in_order(forty: QuerySet[Order], sort: str, backwards: bool) -> None:
    assert walk(Reader(forty, SORTS[sort], newest=40), backwards=backwards) == expected(sort)


@pytest.mark.parametrize("sort", ["-number", "number"])
@pytest.mark.parametrize("window", [0, 5, 20, 100])
def test_a_filter_without_an_index_in_list_order_finds_the_same(
    forty: QuerySet[Order], monkeypatch: pytest.MonkeyPatch, sort: str, window: int
) -> None:
    monkeypatch.setattr(keyset, "WINDOW", window)
    odd = forty.filter(search__holds="'even1'")
    reader = Reader(odd, SORTS[sort], newest=40, aligned=False)
    assert walk(reader) == [number for number in expected(sort) if number % 2]
    assert walk(reader, backwards=True) == walk(reader)


def test_orders_that_arrive_during_a_walk_shift_and_repeat_nothing(mara: Member, forty: QuerySet[Order]) -> None:
    reader = Reader(forty, SORTS["-number"], newest=40)
    first = reader.page(Place(), 10)
    for number in range(41, 61):
        insert(mara, number)
    second = reader.page(Place(Position.read(first.next)), 10)
    assert [order.number for order in (*first.rows, *second.rows)] == list(range(40, 20, -1))
    back = reader.page(Place(Position.read(second.previous), backwards=True), 10)
    assert [order.number for order in back.rows] == list(range(40, 30, -1))
    assert back.previous
    assert back.next


def test_a_whole_list_has_no_neighbours(forty: QuerySet[Order]) -> None:
    page = Reader(forty.filter(number__lte=3), SORTS["-number"], newest=40).page(Place())
    assert (page.previous, page.next, page.is_whole) == ("", "", True)


def test_an_empty_page_beyond_the_end_has_no_cursor_to_nowhere(forty: QuerySet[Order]) -> None:
    page = Reader(forty, SORTS["-number"], newest=40).page(Place(Position(1)))
    assert (list(page.rows), page.previous, page.next) == ([], "", "")


@pytest.mark.parametrize(
    "text", ["", "x", "-1", "1~", "1~yesterday", "1~2026-01-01T00:00:00", "9" * 40, "1~2026-13-45", "\uff11"]
)
def test_a_cursor_that_was_never_ours_is_none_or_a_plain_number(text: str) -> None:
    position = Position.read(text)
    assert position is None or position.at is None


@pytest.mark.parametrize("sort", SORTS)
def test_a_cursor_survives_its_address(sort: str) -> None:
    position = Position(17, None if sort.endswith("number") else datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=UTC))
    assert Position.read(position.written(SORTS[sort])) == position
