"""What is exported is what is shown, and what comes back changes nothing."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from asgiref.sync import sync_to_async
from django.core.management import call_command
from django.http import HttpResponseBase
from django.test import AsyncClient
from django.test import Client as Browser
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from dashboard.accounts.access import Member
from dashboard.events.models import Event
from orders import export
from orders.formula_cells import neutralised, restored
from orders.models import Client, LineItem, Order
from tests.cast import ClientOf
from tests.orders.lists.conftest import MakeOrder


def table(answer: HttpResponseBase) -> list[list[str]]:
    body = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    return list(csv.reader(io.StringIO(body.decode(), newline="")))


def test_the_file_holds_what_the_list_shows_in_its_order(
    mara: Member, client_of: ClientOf, make_order: MakeOrder
) -> None:
    for at in range(5):
        make_order(mara.organization, f"E-{at}", product=["Chair", "Table"][at % 2], client="Paul")
    head, *rows = table(client_of(mara).get("/orders/export.csv?view=all&q=table&sort=number"))
    assert head[:3] == ["external_order_id", "external_order_number", "external_created_at"]
    assert [(row[0], row[11]) for row in rows] == [("E-1", "Table"), ("E-3", "Table")]
    newest = table(client_of(mara).get("/orders/export.csv?view=all"))
    assert [row[0] for row in newest[1:]] == ["E-4", "E-3", "E-2", "E-1", "E-0"]


def test_the_importers_own_sample_comes_back_unchanged(mara: Member, client_of: ClientOf, tmp_path: Path) -> None:
    said = io.StringIO()
    source = tmp_path / "in.csv"
    source.write_text(
        "external_order_id,external_order_number,external_created_at,deadline_at,comment,client_name,external_client_id,"
        "client_company,client_phone,line_item_id,sku,product_name,quantity\n"
        "A-1,1,1996-07-04T00:00:00Z,,\"'=SUM(A1), really\",Paul,VINET,'@home,'+49 30 1,L-1,'-7,Chair,3\n"
        "A-1,1,1996-07-04T00:00:00Z,,\"'=SUM(A1), really\",Paul,VINET,'@home,'+49 30 1,L-2,S-2,Table,1\n"
        'A-2,2,,2026-03-01T00:00:00Z,"two\nlines",,,,,L-1,,Lamp,2\n'
    )
    call_command("import_orders", str(source), "--org", "northwind", stdout=said)
    assert json.loads(said.getvalue())["created"] == 2
    assert Client.objects.get().phone == "+49 30 1"
    assert LineItem.objects.filter(sku="-7").exists()

    for suffix in ("csv", "xlsx"):
        target = tmp_path / f"out.{suffix}"
        answer = client_of(mara).get(f"/orders/export.{suffix}?view=all&sort=number")
        target.write_bytes(b"".join(answer.streaming_content))  # type: ignore[attr-defined]
        again = io.StringIO()
        call_command("import_orders", str(target), "--org", "northwind", stdout=again)
        assert json.loads(again.getvalue()) == {"created": 0, "updated": 0, "unchanged": 2, "rejected": []}


def test_no_cell_can_be_run_as_a_formula(mara: Member, client_of: ClientOf, make_order: MakeOrder) -> None:
    make_order(mara.organization, "=1+1", client="@SUM(A1)", sku="-2", product="+3", comment="'=4")
    _, row = table(client_of(mara).get("/orders/export.csv?view=all"))
    assert not [cell for cell in row if cell[:1] in {"=", "+", "-", "@", "\t", "\r"}]
    assert "''=4" in row
    answer = client_of(mara).get("/orders/export.xlsx?view=all")
    book = load_workbook(io.BytesIO(b"".join(answer.streaming_content)))  # type: ignore[attr-defined]
    assert "f" not in {cell.data_type for row in book.active.iter_rows() for cell in row}


@given(st.text(alphabet="'=+-@\t\ra1", max_size=6))
def test_whatever_was_neutralised_is_restored_exactly(cell: str) -> None:
    assert restored(neutralised(cell)) == cell
    assert neutralised(cell)[:1] not in {"=", "+", "-", "@", "\t", "\r"}


def test_an_export_is_in_the_log(mara: Member, client_of: ClientOf) -> None:
    list(client_of(mara).get("/orders/export.csv?view=all&q=paul").streaming_content)
    event = Event.objects.get(kind="order.exported")
    assert event.actor == f"user:{mara.user.pk}"
    assert event.data == {"format": "csv"}
    assert "q=paul" in event.body.text


def test_a_large_export_goes_on_in_a_second_sheet(
    mara: Member, client_of: ClientOf, make_order: MakeOrder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "SHEET_ROWS", 3)
    for at in range(3):
        make_order(mara.organization, f"E-{at}")
    answer = client_of(mara).get("/orders/export.xlsx?view=all")
    book = load_workbook(io.BytesIO(b"".join(answer.streaming_content)))  # type: ignore[attr-defined]
    assert [sheet.max_row for sheet in book.worksheets] == [3, 2]


@pytest.mark.django_db(transaction=True)
async def test_the_asynchronous_server_sends_it_piece_by_piece(mara: Member, make_order: MakeOrder) -> None:
    await sync_to_async(make_order)(mara.organization, "E-1")
    browser = AsyncClient()
    await browser.aforce_login(mara.user)
    answer = await browser.get("/orders/export.csv?view=all")
    assert answer.is_async
    body = b"".join([piece async for piece in answer.streaming_content])
    assert body.count(b"\r\n") == 2


def test_a_filter_that_cannot_be_read_exports_nothing(mara: Member, client_of: ClientOf) -> None:
    answer = client_of(mara).get("/orders/export.csv?view=all&q=colour:red", follow=True)
    assert "is not a field" in answer.content.decode()
    assert not Event.objects.filter(kind="order.exported").exists()


def test_who_may_not_export_gets_no_file(
    lena: Member, vera: Member, sam: Member, client: Browser, *, client_of: ClientOf, make_order: MakeOrder
) -> None:
    make_order(sam.organization, "E-1")
    for suffix in ("csv", "xlsx"):
        path = f"/orders/export.{suffix}?view=all"
        assert client_of(lena).get(path).status_code == 403
        assert client.get(path).headers["Location"].startswith("/sign-in")
        assert client_of(sam).post(path).status_code == 405
    assert len(table(client_of(vera).get("/orders/export.csv?view=all"))) == 1
    assert len(table(client_of(sam).get("/orders/export.csv?view=all"))) == 2
    assert Order.objects.count() == 1
