import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from dashboard.accounts.access import Member
from orders.importing import jobs
from orders.importing.showing import render_import_job
from orders.models import ColumnMapping, ImportJob, Order
from tests.orders.importing.files import csv_text, line

State = ImportJob.State
ClientOf = Callable[[Member], Client]
STEPS = ("order-import-layout", "order-import-check", "order-import-run", "order-import-cancel")


@pytest.fixture
def browser(mara: Member, client_of: ClientOf) -> Client:
    return client_of(mara)


def upload(browser: Client, text: str | bytes, name: str = "orders.csv") -> ImportJob:
    content = text if isinstance(text, bytes) else text.encode()
    answer = browser.post(reverse("order-import"), {"file": SimpleUploadedFile(name, content)})
    assert answer.status_code == 302, answer.content.decode()
    return ImportJob.objects.get(pk=answer.url.rsplit("/", 1)[1])


def page(name: str, job: ImportJob) -> str:
    return reverse(name, args=[job.pk])


def columns_of(job: ImportJob) -> dict[str, str]:
    meanings = {header: name for name, header in job.mapping.items()}
    return {f"column-{at}": meanings.get(header, "") for at, header in enumerate(job.headers)}


def check(browser: Client, job: ImportJob) -> None:
    answer = browser.post(page("order-import-check", job), columns_of(job))
    assert answer.status_code == 302, answer.content.decode()
    job.refresh_from_db()


def run(browser: Client, job: ImportJob) -> None:
    assert browser.post(page("order-import-run", job)).status_code == 302
    jobs.carry_out(job.pk)
    job.refresh_from_db()


def test_mara_imports_a_file_from_upload_to_done(browser: Client) -> None:
    job = upload(browser, csv_text([line(), line(external_order_id="A-2", quantity="0")]))
    shown = browser.get(page("order-import-job", job)).content.decode()
    assert "What does each column mean?" in shown
    assert "“0”" not in shown

    check(browser, job)
    assert (job.state, job.counts) == (State.CHECKED, {"created": 1, "rejected": 1})
    assert not Order.objects.exists()
    shown = browser.get(page("order-import-job", job)).content.decode()
    assert "Import these orders" in shown
    assert "quantity: “0” is not a whole number from 1 to 10,000." in shown

    run(browser, job)
    assert (job.state, Order.objects.count()) == (State.DONE, 1)
    shown = browser.get(page("order-import-job", job)).content.decode()
    assert Order.objects.get().order_key in shown
    assert "source=import" in shown


def test_run_pressed_twice_imports_once(browser: Client) -> None:
    job = upload(browser, csv_text([line()]))
    check(browser, job)
    run(browser, job)
    finished = job.finished_at
    run(browser, job)
    assert (job.finished_at, Order.objects.count()) == (finished, 1)


def test_the_same_file_again_says_that_nothing_would_change(browser: Client) -> None:
    for _ in range(2):
        job = upload(browser, csv_text([line()]))
        shown = browser.get(page("order-import-job", job)).content.decode()
        check(browser, job)
        if job.counts.get("created"):
            run(browser, job)
    assert "This very file was imported before" in shown
    shown = browser.get(page("order-import-job", job)).content.decode()
    assert "Nothing would change" in shown
    assert "Import these orders" not in shown


def test_rejected_rows_come_back_as_a_file_to_mend(browser: Client) -> None:
    job = upload(browser, csv_text([line(quantity="0", comment="-@x")]), "März.csv")
    assert browser.get(page("order-import-rejected", job)).status_code == 404
    check(browser, job)
    answer = browser.get(page("order-import-rejected", job))
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    assert text.splitlines()[0].startswith("rejected row,reason,external_order_id")
    assert text.splitlines()[1].endswith(",A-1,1001,,Ada,1,0,'-@x")
    mended = upload(browser, text.replace(",1,0,'", ",1,2,'"))
    check(browser, mended)
    run(browser, mended)
    assert Order.objects.get().comment == "-@x"


def test_a_column_can_be_given_another_meaning(browser: Client) -> None:
    job = upload(browser, csv_text([line(comment="blue")]).replace("comment", "what"))
    answer = browser.post(page("order-import-check", job), {**columns_of(job), "column-6": "product_name"})
    assert answer.status_code == 302
    job.refresh_from_db()
    run(browser, job)
    assert Order.objects.get().line_items.get().product_name == "blue"
    assert ColumnMapping.objects.get().mapping["product_name"] == "what"
    assert upload(browser, csv_text([line()]).replace("comment", "what")).mapping["product_name"] == "what"


@pytest.mark.parametrize(
    ("columns", "sentence"),
    [
        ({"column-5": ""}, "The file has no column for “quantity” (Quantity), which every import needs."),
        ({"column-6": "quantity"}, "“Quantity” is already taken: choose another for “comment”."),
        ({"column-6": "colour"}, "colour is not one of the available choices."),
    ],
)
def test_columns_that_make_no_sense_are_named(browser: Client, columns: dict[str, str], sentence: str) -> None:
    job = upload(browser, csv_text([line()]))
    answer = browser.post(page("order-import-check", job), {**columns_of(job), **columns})
    assert answer.status_code == 400
    assert sentence in answer.content.decode().replace("&#x27;", "'")
    job.refresh_from_db()
    assert job.state == State.UPLOADED


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The submitted file is empty."),
        (b"\n\n", "The file is empty: it needs a row of column names and one row per line item."),
        (b"\x89PNG" + bytes(99), "The file is neither CSV nor XLSX: it holds binary data"),
    ],
)
def test_a_file_that_is_no_table_is_refused_at_the_field(browser: Client, content: bytes, sentence: str) -> None:
    answer = browser.post(reverse("order-import"), {"file": SimpleUploadedFile("x.csv", content)})
    assert answer.status_code == 400
    assert sentence in answer.content.decode()
    assert not ImportJob.objects.exists()


def test_a_file_over_the_limit_is_refused(browser: Client, settings: object) -> None:
    settings.IMPORT_MAX_BYTES = 1 << 20
    answer = browser.post(reverse("order-import"), {"file": SimpleUploadedFile("x.csv", bytes((1 << 20) + 1))})
    assert answer.status_code == 400
    assert "The file is larger than 1 MB" in answer.content.decode()


def test_another_encoding_is_offered_said_and_can_be_changed(browser: Client) -> None:
    job = upload(browser, csv_text([line(client_name="Köhler")]).encode("cp1252"))
    shown = browser.get(page("order-import-job", job)).content.decode()
    assert "Line 2 can't be read as UTF-8" in shown.replace("&#x27;", "'")
    assert "Köhler" in shown
    answer = browser.post(page("order-import-layout", job), {"encoding": "utf-8", "delimiter": ","})
    assert answer.status_code == 302
    shown = browser.get(page("order-import-job", job)).content.decode()
    assert "Column 4 holds a byte (0xF6) that is not UTF-8" in shown


def test_a_stopped_import_can_not_be_run(browser: Client) -> None:
    job = upload(browser, csv_text([line()]))
    check(browser, job)
    for _ in range(2):
        assert browser.post(page("order-import-cancel", job)).status_code == 302
    run(browser, job)
    assert (job.state, Order.objects.count()) == (State.CANCELLED, 0)
    shown = browser.get(page("order-import-job", job)).content.decode()
    assert "is cancelled, so this can't be done now." in shown.replace("&#x27;", "'")


def test_the_part_that_is_pushed_is_the_part_of_a_fresh_page(browser: Client, mara: Member) -> None:
    job = upload(browser, csv_text([line()]))
    check(browser, job)
    pushed = render_import_job(mara.organization, str(job.pk), mara.roles)
    whole = browser.get(page("order-import-job", job)).content.decode()
    found = re.search(rf'<section class="stack" id="import-job-{job.pk}".*</section>', whole, re.DOTALL)
    assert found
    assert found[0] == pushed.strip()


def test_a_stranger_sees_nothing_of_it(browser: Client, vera: Member, client_of: ClientOf) -> None:
    job = upload(browser, csv_text([line()]))
    stranger = client_of(vera)
    for name in ("order-import-job", "order-import-rejected"):
        assert stranger.get(page(name, job)).status_code == 404
    for name in STEPS:
        assert stranger.post(page(name, job)).status_code == 404
    assert render_import_job(vera.organization, str(job.pk), vera.roles) == ""
    job.refresh_from_db()
    assert job.state == State.UPLOADED


def test_who_may_not_import_is_told_so(browser: Client, lena: Member, sam: Member, client_of: ClientOf) -> None:
    job = upload(browser, csv_text([line()]))
    for member in (lena, sam):
        reader = client_of(member)
        assert reader.get(reverse("order-import")).status_code == 403
        assert reader.get(page("order-import-job", job)).status_code == 403
        assert {reader.post(page(name, job)).status_code for name in STEPS} == {403}
    assert ImportJob.objects.get().state == State.UPLOADED


def test_the_anonymous_are_led_to_the_sign_in(browser: Client) -> None:
    job = upload(browser, csv_text([line()]))
    visitor = Client()
    for url in (reverse("order-import"), page("order-import-job", job)):
        assert visitor.get(url)["Location"].startswith("/sign-in")
    for name in STEPS:
        assert visitor.post(page(name, job))["Location"].startswith("/sign-in")


def test_changes_are_made_by_post_only(browser: Client, tmp_path: Path) -> None:
    job = upload(browser, csv_text([line()]))
    assert {browser.get(page(name, job)).status_code for name in STEPS} == {405}
    assert browser.post(page("order-import-job", job)).status_code == 405
    assert browser.put(reverse("order-import")).status_code == 405
