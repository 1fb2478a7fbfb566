import zipfile
from pathlib import Path

import pytest

from orders.importing.errors import UnreadableFileError
from orders.importing.layout import detect
from orders.importing.reading import read_headers, read_rows
from tests.orders.importing.files import csv_file, csv_text, line, xlsx_file


@pytest.mark.parametrize(
    ("encoding", "delimiter"),
    [("utf-8", ","), ("utf-8", ";"), ("utf-8", "\t"), ("utf-8-sig", ","), ("utf-16", ";"), ("utf-16-le", ",")],
)
def test_encoding_and_delimiter_are_told_from_the_bytes(tmp_path: Path, encoding: str, delimiter: str) -> None:
    text = csv_text([line(client_name="Zoë, Löwe & Søn; 東京")], delimiter=delimiter)
    bom = b"\xff\xfe" if encoding == "utf-16-le" else b""
    path = csv_file(tmp_path, bom + text.encode(encoding))
    layout = detect(path)
    assert layout.delimiter == delimiter
    assert not layout.odd_line
    rows = list(read_rows(path, layout))
    assert rows[1].cells[3] == "Zoë, Löwe & Søn; 東京"
    assert rows[0].cells[0] == "external_order_id"


def test_other_bytes_are_offered_as_windows_1252_and_their_line_is_named(tmp_path: Path) -> None:
    lines = [line(external_order_id="A-1"), line(external_order_id="A-2", client_name="Köhler")]
    layout = detect(csv_file(tmp_path, csv_text(lines).encode("cp1252")))
    assert (layout.encoding, layout.odd_line) == ("cp1252", 3)
    assert "Köhler" in layout.odd_text


def test_odd_bytes_far_into_a_file_are_found(tmp_path: Path) -> None:
    text = csv_text(line(external_order_id=f"A-{n}") for n in range(60_000)).encode() + "Käse".encode("cp1252")
    assert detect(csv_file(tmp_path, text)).odd_line == 60_002


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file is empty: it needs a row of column names and one row per line item."),
        (b"\xef\xbb\xbf\r\n\r\n", "The file is empty: it needs a row of column names and one row per line item."),
        (b"\x89PNG\r\n\x1a\n" + bytes(400), "The file is neither CSV nor XLSX: it holds binary data"),
        ("a,b\n1,2\n".encode("utf-16-le"), "The file is neither CSV nor XLSX: it holds binary data"),
    ],
)
def test_what_is_no_table_is_refused_in_one_sentence(tmp_path: Path, content: bytes, sentence: str) -> None:
    with pytest.raises(UnreadableFileError, match=sentence):
        detect(csv_file(tmp_path, content))


def test_headers_are_made_unique_and_named(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "Name,,Name\n1,2,3\n")
    assert read_headers(path, detect(path)) == ["Name", "Column 2", "Name (2)"]


def test_a_workbook_is_read_by_its_values(tmp_path: Path) -> None:
    path = xlsx_file(tmp_path, [["id", "qty", "when", "yes"], ["A", 12.0, None, True], [None, None], ["B", 3]])
    rows = list(read_rows(path, detect(path)))
    assert [(row.number, row.cells) for row in rows] == [
        (1, ("id", "qty", "when", "yes")),
        (2, ("A", "12", "", "true")),
        (4, ("B", "3")),
    ]


def test_a_formula_in_a_workbook_is_named_by_cell(tmp_path: Path) -> None:
    path = xlsx_file(tmp_path, [["id", "qty"], ["A", "=1+1"]])
    assert list(read_rows(path, detect(path)))[1].error == "Cell B holds a formula: paste its value instead."


def test_an_archive_that_is_no_workbook_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "orders.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "hello")
    with pytest.raises(UnreadableFileError, match="a ZIP archive but not an XLSX workbook"):
        read_headers(path, detect(path))


def test_a_workbook_that_unpacks_into_far_too_much_is_refused(tmp_path: Path) -> None:
    path = xlsx_file(tmp_path, [["id"], ["A"]])
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("xl/more/sharedStrings.xml", bytes(97 << 20))
    with pytest.raises(
        UnreadableFileError, match=r"The workbook unpacks to 97 MB, which is too much: save it as CSV\."
    ):
        read_headers(path, detect(path))


def test_a_workbook_with_a_document_type_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "orders.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xl/workbook.xml", '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol">]><workbook/>')
    with pytest.raises(UnreadableFileError, match="declares a document type, which is not allowed"):
        read_headers(path, detect(path))
