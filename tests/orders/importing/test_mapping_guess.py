import pytest

from orders.importing.errors import UnreadableFileError
from orders.importing.mapping import check_mapping, guess_mapping

NEEDED = {"external_order_id": "id", "external_order_number": "no", "quantity": "qty"}
RAW_HEADERS = ["orderID", "customerID", "employeeID", "orderDate", "requiredDate", "shippedDate", "shipName"]


def test_exact_names_win_over_synonyms() -> None:
    assert guess_mapping(["Order", "external_order_number", "Qty", "Order ID"]) == {
        "external_order_number": "external_order_number",
        "quantity": "Qty",
        "external_order_id": "Order ID",
    }


def test_names_are_compared_without_case_and_punctuation() -> None:
    guess = guess_mapping(["Order-Id", "ORDER NUMBER", "Due Date", "Customer Name", "lineitem_quantity"])
    assert guess["external_order_id"] == "Order-Id"
    assert guess["deadline_at"] == "Due Date"
    assert guess["client_name"] == "Customer Name"
    assert guess["quantity"] == "lineitem_quantity"


def test_missing_columns_are_named_with_what_there_is() -> None:
    with pytest.raises(UnreadableFileError) as refused:
        check_mapping(RAW_HEADERS, guess_mapping(RAW_HEADERS))
    assert str(refused.value) == (
        "The file has no column for “external_order_number” (Order number) and “quantity” (Quantity), which every "
        "import needs. Its columns are: orderID, customerID, employeeID, orderDate, requiredDate, shippedDate, "
        "shipName."
    )


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"comment": "qty"}, "The column “qty” is mapped twice: to “quantity” and to “comment”."),
        ({"comment": "nowhere"}, "The file has no column “nowhere” for “comment”."),
        ({"colour": "id"}, "The file has no column “id” for “colour”."),
    ],
)
def test_a_mapping_that_makes_no_sense_is_refused(more: dict[str, str], sentence: str) -> None:
    with pytest.raises(UnreadableFileError) as refused:
        check_mapping(["id", "no", "qty"], NEEDED | more)
    assert str(refused.value) == sentence
