"""What a kill, a rival and a second thought do to an import that is under way."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.files import File
from django.utils import timezone

from dashboard.accounts.access import Member
from dashboard.accounts.models import Organization
from dashboard.events.models import Event
from dashboard.events.recording import SYSTEM
from orders.errors import Conflict
from orders.importing import jobs, passes
from orders.importing.errors import UnreadableFileError
from orders.importing.rejects import read_rejections
from orders.importing.writing import Outcome, write_drafts
from orders.models import ColumnMapping, ImportJob, Order, Production
from tests.orders.importing.files import csv_file, csv_text, line

State = ImportJob.State


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passes, "CHUNK_ORDERS", 5)


@pytest.fixture
def upload(northwind: Organization, tmp_path: Path) -> Callable[[str], ImportJob]:
    def start(text: str) -> ImportJob:
        with csv_file(tmp_path, text).open("rb") as file:
            return jobs.start_import(
                organization=northwind, actor=SYSTEM, user=None, upload=File(file), name="orders.csv"
            )

    return start


def checked(job: ImportJob) -> ImportJob:
    jobs.begin_check(organization=job.organization, actor=SYSTEM, job_id=job.pk, mapping=job.mapping)
    jobs.carry_out(job.pk)
    job.refresh_from_db()
    return job


def begin(job: ImportJob) -> None:
    jobs.begin_run(organization=job.organization, actor=SYSTEM, job_id=job.pk)


def twenty_three_orders() -> str:
    """Every fourth one is rejected."""
    return csv_text(line(external_order_id=f"A-{n}", quantity="0" if n % 4 == 0 else "2") for n in range(23))


def kill_in_chunk(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """The process dies after the chunk's orders were written and before its transaction ends."""
    calls = []

    def dying(**arguments: object) -> list[Outcome]:
        outcomes = write_drafts(**arguments)
        calls.append(outcomes)
        if len(calls) == number:
            raise SystemExit
        return outcomes

    monkeypatch.setattr(passes, "write_drafts", dying)


def test_a_killed_import_goes_on_where_it_was(
    upload: Callable[[str], ImportJob], monkeypatch: pytest.MonkeyPatch
) -> None:
    job = checked(upload(twenty_three_orders()))
    begin(job)
    with monkeypatch.context() as patched:
        kill_in_chunk(patched, 3)
        with pytest.raises(SystemExit):
            jobs.carry_out(job.pk)
    job.refresh_from_db()
    assert (job.state, job.orders_done, Order.objects.count()) == (State.RUNNING, 10, 7)

    jobs.carry_out(job.pk)
    assert Order.objects.count() == 7, "its heartbeat is fresh: another worker may still be at it"

    ImportJob.objects.update(heartbeat_at=timezone.now() - 2 * jobs.STALE)
    jobs.carry_out(job.pk)
    job.refresh_from_db()
    assert (job.state, job.orders_done, job.rows_done) == (State.DONE, 23, 23)
    assert job.counts == {"created": 17, "rejected": 6}
    assert [rejected["row"] for rejected in job.rejected] == [2, 6, 10, 14, 18, 22]
    assert [rejected.row for rejected in read_rejections(Path(job.file.path))] == [2, 6, 10, 14, 18, 22]
    assert (Order.objects.count(), Production.objects.count()) == (17, 34)
    assert Event.objects.filter(kind="order.created").count() == 17
    assert len(job.first_orders) == 17


def test_two_workers_at_one_pass_write_nothing_twice(
    upload: Callable[[str], ImportJob], monkeypatch: pytest.MonkeyPatch
) -> None:
    job = checked(upload(twenty_three_orders()))
    begin(job)
    seen = []

    def overtaken(**arguments: object) -> list[Outcome]:
        """The rival was thought dead, goes through the whole file, and then the first one wakes up again."""
        if not seen:
            seen.append(True)
            ImportJob.objects.update(heartbeat_at=timezone.now() - 2 * jobs.STALE)
        return write_drafts(**arguments)

    monkeypatch.setattr(passes, "write_drafts", overtaken)
    first = ImportJob.objects.select_related("organization").get(pk=job.pk)
    jobs.carry_out(job.pk)
    with pytest.raises(passes.PassInterruptedError):
        passes.run_pass(first, SYSTEM)
    assert Order.objects.count() == 17


def test_an_import_that_was_stopped_stays_stopped(
    upload: Callable[[str], ImportJob], monkeypatch: pytest.MonkeyPatch
) -> None:
    job = checked(upload(twenty_three_orders()))
    begin(job)

    def stopped(**arguments: object) -> list[Outcome]:
        outcomes = write_drafts(**arguments)
        ImportJob.objects.update(state=State.CANCELLED)
        return outcomes

    monkeypatch.setattr(passes, "write_drafts", stopped)
    jobs.carry_out(job.pk)
    job.refresh_from_db()
    assert (job.state, job.orders_done, Order.objects.count()) == (State.CANCELLED, 5, 3)
    with pytest.raises(Conflict, match="is cancelled, so this can't be done now"):
        begin(job)


def test_what_was_lost_is_picked_up(upload: Callable[[str], ImportJob], monkeypatch: pytest.MonkeyPatch) -> None:
    woken: list[object] = []
    monkeypatch.setattr(jobs, "wake_import", woken.append)
    job = checked(upload(twenty_three_orders()))
    assert jobs.pick_up_imports() == []
    begin(job)
    assert jobs.pick_up_imports() == [job.pk]
    ImportJob.objects.update(heartbeat_at=timezone.now() - dt.timedelta(seconds=1))
    assert jobs.pick_up_imports() == []
    assert woken == [job.pk]


def test_the_mapping_is_remembered_for_the_same_headers(upload: Callable[[str], ImportJob]) -> None:
    text = csv_text([line()]).replace("comment", "what")
    job = upload(text)
    assert "comment" not in job.mapping
    jobs.begin_check(
        organization=job.organization, actor=SYSTEM, job_id=job.pk, mapping={**job.mapping, "comment": "what"}
    )
    assert upload(text).mapping["comment"] == "what"
    assert ColumnMapping.objects.count() == 1


def test_a_file_that_was_imported_before_is_recognized(upload: Callable[[str], ImportJob]) -> None:
    first = checked(upload(twenty_three_orders()))
    begin(first)
    jobs.carry_out(first.pk)
    second = checked(upload(twenty_three_orders()))
    assert jobs.earlier_import(second) == first
    assert second.counts == {"unchanged": 17, "rejected": 6}
    assert jobs.earlier_import(first) is None


def test_a_refused_file_leaves_nothing_behind(upload: Callable[[str], ImportJob], tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError):
        upload("")
    assert not ImportJob.objects.exists()
    assert not [path for path in (tmp_path / "media").rglob("*") if path.is_file()]


def test_an_import_is_its_members_doing(mara: Member, tmp_path: Path) -> None:
    with csv_file(tmp_path, csv_text([line()])).open("rb") as file:
        job = jobs.start_import(
            organization=mara.organization, actor=SYSTEM, user=mara.user, upload=File(file), name="../o.csv"
        )
    begin(checked(job))
    jobs.carry_out(job.pk)
    assert Event.objects.get(kind="order.created").actor == f"user:{mara.user.pk}"
    assert Event.objects.get(kind="import.finished").data == {"counts": {"created": 1}}
    assert job.file_name == "o.csv"
