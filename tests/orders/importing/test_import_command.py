import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from dashboard.accounts.models import Organization
from orders.models import ImportJob, LineItem, Order, Production
from tests.orders.importing.files import csv_file, csv_text, line, xlsx_file


def imported(path: Path, *more: str) -> dict[str, object]:
    out = StringIO()
    call_command("import_orders", str(path), "--org", "northwind", *more, stdout=out, stderr=StringIO())
    return json.loads(out.getvalue())


def test_orders_come_in_with_their_productions(northwind: Organization, tmp_path: Path) -> None:
    lines = [line(), line(line_item_id="2", quantity="3"), line(external_order_id="A-2", quantity="1")]
    assert imported(csv_file(tmp_path, csv_text(lines))) == {"created": 2, "updated": 0, "unchanged": 0, "rejected": []}
    order = Order.objects.get(organization=northwind, external_order_id="A-1")
    assert (order.source, order.client.name, order.quantity) == ("import", "Ada", 5)
    assert Production.objects.filter(line_item__order=order).count() == 5


def test_a_dry_run_says_the_same_and_writes_nothing(northwind: Organization, tmp_path: Path) -> None:
    path = csv_file(tmp_path, csv_text([line(), line(external_order_id="A-2", quantity="0")]))
    assert imported(path, "--dry-run") == {
        "created": 1,
        "updated": 0,
        "unchanged": 0,
        "rejected": [{"row": 3, "error": "quantity: “0” is not a whole number from 1 to 10,000."}],
    }
    assert not Order.objects.filter(organization=northwind).exists()


def test_the_same_file_twice_changes_nothing(northwind: Organization, tmp_path: Path) -> None:
    path = csv_file(tmp_path, csv_text([line(line_item_id=""), line(line_item_id=""), line(external_order_id="B")]))
    assert imported(path)["created"] == 2
    revisions = list(Order.objects.order_by("number").values_list("revision", "updated_at"))
    assert imported(path) == {"created": 0, "updated": 0, "unchanged": 2, "rejected": []}
    assert list(Order.objects.order_by("number").values_list("revision", "updated_at")) == revisions
    assert LineItem.objects.count() == 3


def test_an_empty_cell_keeps_the_value(northwind: Organization, tmp_path: Path) -> None:
    imported(csv_file(tmp_path, csv_text([line(comment="fragile", deadline_at="2026-12-01")])))
    change = line(external_order_number="1002", client_name="", quantity="")
    assert imported(csv_file(tmp_path, csv_text([change])))["updated"] == 1
    order = Order.objects.get()
    assert (order.external_order_number, order.comment, order.client.name) == ("1002", "fragile", "Ada")
    assert order.deadline_at is not None
    assert order.line_items.get().quantity == 2


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"external_order_number": ""}, "external_order_number is required."),
        ({"quantity": ""}, "quantity is required."),
        ({"comment": "a\x07b"}, "comment must not hold a control character (U+0007)."),
        ({"external_order_number": "x" * 121}, "external_order_number must be at most 120 characters long."),
        ({"deadline_at": "2300-01-01"}, "deadline_at must be a date from 1900 to 2199."),
    ],
)
def test_what_a_new_order_lacks_is_said_at_its_row(
    northwind: Organization, tmp_path: Path, changes: dict[str, str], error: str
) -> None:
    found = imported(csv_file(tmp_path, csv_text([line(external_order_id="B"), line(**changes)])))
    assert found["created"] == 1
    assert found["rejected"] == [{"row": 3, "error": error}]


def test_what_an_order_can_no_longer_do_is_said_at_its_row(northwind: Organization, tmp_path: Path) -> None:
    imported(csv_file(tmp_path, csv_text([line(quantity="2")])))
    Production.objects.update(status=Production.Status.IN_PROGRESS)
    found = imported(csv_file(tmp_path, csv_text([line(external_order_id="B"), line(quantity="1")])))
    assert found["created"] == 1
    assert [rejected["row"] for rejected in found["rejected"]] == [3]
    assert "2 of its 2 productions have started" in found["rejected"][0]["error"]


def test_a_workbook_comes_in_like_a_csv_file(northwind: Organization, tmp_path: Path) -> None:
    path = xlsx_file(tmp_path, [["Order ID", "Order Number", "Qty", "Comment"], ["A", 17, 2.0], ["B", 18, 1, "soon"]])
    assert imported(path)["created"] == 2
    assert Order.objects.get(external_order_id="A").external_order_number == "17"


def test_other_encodings_are_recognized_or_refused_by_row(northwind: Organization, tmp_path: Path) -> None:
    path = csv_file(tmp_path, csv_text([line(client_name="Köhler")]).encode("cp1252"))
    error = "Column 4 holds a byte (0xF6) that is not UTF-8: choose the file's encoding."
    assert imported(path, "--encoding", "utf-8")["rejected"] == [{"row": 2, "error": error}]
    assert imported(path)["created"] == 1
    assert Order.objects.get().client.name == "Köhler"


def test_missing_columns_stop_the_command_with_their_names(northwind: Organization, tmp_path: Path) -> None:
    path = csv_file(tmp_path, "orderID,customerID\n1,2\n")
    with pytest.raises(CommandError, match=r"no column for “external_order_number” \(Order number\) and “quantity”"):
        imported(path)


def test_an_unknown_organization_and_a_missing_file_are_named(northwind: Organization, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="There is no organization with the slug nobody"):
        call_command("import_orders", str(tmp_path / "x.csv"), "--org", "nobody")
    with pytest.raises(CommandError, match=r"x\.csv can't be read: No such file or directory\."):
        imported(tmp_path / "x.csv")
    assert not ImportJob.objects.exists()
