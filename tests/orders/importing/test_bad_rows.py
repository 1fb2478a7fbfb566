import itertools
from pathlib import Path

import pytest

from orders.importing.assembling import Draft, draft
from orders.importing.collecting import Table, groups, tally
from orders.importing.layout import Layout, detect
from orders.importing.mapping import guess_mapping
from orders.importing.reading import read_headers, read_rows
from tests.orders.importing.files import HEADERS, csv_file, csv_text, line


def drafts(path: Path, layout: Layout | None = None) -> list[Draft]:
    layout = layout or detect(path)
    headers = read_headers(path, layout)
    table = Table.of(headers, guess_mapping(headers), padded=layout.format == "xlsx")

    def rows() -> itertools.islice:
        return itertools.islice(read_rows(path, layout), 1, None)

    return [draft(group, table) for group in groups(rows(), table, tally(rows(), table))]


def rejections(path: Path, layout: Layout | None = None) -> list[tuple[int, str]]:
    return [(found.row, found.error) for made in drafts(path, layout) for found in made.rejected]


@pytest.mark.parametrize(
    ("column", "cell", "sentence"),
    [
        ("quantity", "0", "quantity: “0” is not a whole number from 1 to 10,000."),
        ("quantity", "-1", "quantity: “-1” is not a whole number from 1 to 10,000."),
        ("quantity", "1e9", "quantity: “1e9” is not a whole number from 1 to 10,000."),
        ("quantity", "1000000000", "quantity: “1000000000” is not a whole number from 1 to 10,000."),
        ("quantity", "12.0", "quantity: “12.0” is not a whole number from 1 to 10,000."),
        ("quantity", "٣", "quantity: “٣” is not a whole number from 1 to 10,000."),
        ("deadline_at", "2026-02-30", "deadline_at: “2026-02-30” is not a date that exists."),
        ("deadline_at", "2026-03-31T25:00:00Z", "deadline_at: “2026-03-31T25:00:00Z” is not a date that exists."),
        (
            "deadline_at",
            "31.03.2026",
            "deadline_at: “31.03.2026” is not a date like 2026-03-31 or 2026-03-31T16:00:00Z.",
        ),
        ("deadline_at", "0202-03-31", "deadline_at: “0202-03-31” is outside the years 1900 to 2999."),
        (
            "comment",
            "=HYPERLINK(1)",
            "comment: “=HYPERLINK(1)” looks like a formula: put its value there, or an apostrophe before it.",
        ),
        ("comment", "a\x00b", "Column 7 holds a NUL character (byte 0): remove it."),
    ],
)
def test_one_clear_sentence_per_bad_cell(tmp_path: Path, column: str, cell: str, sentence: str) -> None:
    path = csv_file(tmp_path, csv_text([line(external_order_id="A-0"), line(**{column: cell})]))
    assert rejections(path) == [(3, sentence)]


def test_an_unquoted_comma_is_suspected_and_the_order_left_out_whole(tmp_path: Path) -> None:
    good = csv_text([line(), line(line_item_id="2")])
    path = csv_file(tmp_path, good + "A-1,1001,,Rua do Paço, 67,3,4,\n" + "A-2,1002,,Bo,1,5,\n")
    assert rejections(path) == [
        (2, "Left out with its order “A-1”: row 4 of it can't be read."),
        (3, "Left out with its order “A-1”: row 4 of it can't be read."),
        (4, "The row has 8 cells instead of 7, 1 too many: unquoted comma? Quote the cell."),
    ]


def test_a_row_with_too_few_cells_is_named(tmp_path: Path) -> None:
    path = csv_file(tmp_path, csv_text([]) + "A-2,1002,,Bo\n")
    assert rejections(path) == [(2, "The row has 4 cells instead of 7: is a comma or a closing quote missing?")]


def test_empty_cells_behind_the_last_column_are_too_many_as_well(tmp_path: Path) -> None:
    """After an unquoted comma the last cell may well be empty: dropping it would shift the row by one."""
    path = csv_file(tmp_path, csv_text([]) + "A-2,1002,,Rua do Paço, 67,3,4,\n")
    assert rejections(path)[0][1].startswith("The row has 8 cells instead of 7, 1 too many: unquoted comma?")


def test_a_row_without_an_order_id_belongs_to_nothing(tmp_path: Path) -> None:
    path = csv_file(tmp_path, csv_text([line(external_order_id=""), line()]))
    assert rejections(path) == [(2, "external_order_id: the order id is missing.")]


def test_a_line_item_id_used_twice_rejects_the_order(tmp_path: Path) -> None:
    path = csv_file(tmp_path, csv_text([line(), line(external_order_id="B"), line()]))
    assert rejections(path) == [
        (2, "Left out with its order “A-1”: see row 4."),
        (4, "Line item id “1” is used in row 2 of the order too."),
    ]


def test_rows_that_disagree_about_their_order_reject_it(tmp_path: Path) -> None:
    path = csv_file(tmp_path, csv_text([line(comment="soon"), line(line_item_id="2", comment="later")]))
    assert rejections(path) == [
        (2, "Left out with its order “A-1”: see row 3."),
        (3, "comment: “later” differs from “soon” in row 2 of the same order."),
    ]


def test_all_that_is_wrong_with_a_row_is_said_at_once(tmp_path: Path) -> None:
    path = csv_file(tmp_path, csv_text([line(quantity="x", deadline_at="soon")]))
    assert rejections(path) == [
        (
            2,
            (
                "deadline_at: “soon” is not a date like 2026-03-31 or 2026-03-31T16:00:00Z. "
                "quantity: “x” is not a whole number from 1 to 10,000."
            ),
        )
    ]


def test_bytes_of_another_encoding_are_named_by_row(tmp_path: Path) -> None:
    text = csv_text([line(), line(external_order_id="B", client_name="Köhler")])
    path = csv_file(tmp_path, text.encode("cp1252"))
    assert rejections(path, Layout()) == [
        (3, "Column 4 holds a byte (0xF6) that is not UTF-8: choose the file's encoding.")
    ]
    assert rejections(path) == []


def test_a_missing_closing_quote_does_not_swallow_the_message(tmp_path: Path) -> None:
    text = csv_text([line()]) + 'B,2,,"Bo' + "x" * 140_000 + "\n"
    assert rejections(csv_file(tmp_path, text)) == [
        (3, "A cell is longer than 131,072 characters: is a closing quote missing?")
    ]


def test_rows_of_one_order_may_lie_apart_and_share_what_they_say_once(tmp_path: Path) -> None:
    lines = [line(comment="fragile"), line(external_order_id="B"), line(line_item_id="2", client_name="", quantity="3")]
    made = drafts(csv_file(tmp_path, csv_text(lines)))
    assert [draft.order_id for draft in made] == ["B", "A-1"]
    assert made[1].fields == {
        "external_order_id": "A-1",
        "external_order_number": "1001",
        "comment": "fragile",
        "client": {"name": "Ada"},
        "order_items": [{"line_item_id": "1", "quantity": 2}, {"line_item_id": "2", "quantity": 3}],
    }


def test_lines_without_an_id_are_numbered_so_that_the_file_means_the_same_twice(tmp_path: Path) -> None:
    lines = [line(line_item_id=""), line(line_item_id="3"), line(line_item_id="")]
    made = drafts(csv_file(tmp_path, csv_text(lines)))
    assert [item["line_item_id"] for item in made[0].fields["order_items"]] == ["1", "3", "3-2"]


def test_what_our_export_guarded_comes_back_as_it_was(tmp_path: Path) -> None:
    made = drafts(csv_file(tmp_path, csv_text([line(comment="'=1+1")], HEADERS)))
    assert made[0].fields["comment"] == "=1+1"
