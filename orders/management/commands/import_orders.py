"""`manage.py import_orders FILE.csv --org S [--dry-run]`: the console's import, with its result as JSON on stdout."""

from __future__ import annotations

import json
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.files import File
from django.core.management.base import BaseCommand, CommandError

from dashboard.accounts.models import Organization
from dashboard.events.recording import SYSTEM
from orders.importing import jobs
from orders.importing.errors import UnreadableFileError
from orders.importing.layout import ENCODINGS
from orders.importing.rejects import read_rejections
from orders.models import ImportJob


class Command(BaseCommand):
    help = "Import orders from a CSV or XLSX file; its columns are recognized by their names."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--org", required=True, metavar="SLUG")
        parser.add_argument("--dry-run", action="store_true", help="say what would happen and write nothing")
        parser.add_argument("--encoding", choices=list(ENCODINGS), help="instead of what the bytes look like")

    def handle(self, *args: Any, **options: Any) -> None:
        organization = Organization.objects.filter(slug=options["org"]).first()
        if organization is None:
            raise CommandError(f"There is no organization with the slug {options['org']}.")
        try:
            job = self._uploaded(organization, options["file"], options["encoding"])
            job = self._checked(job)
        except OSError as error:
            raise CommandError(f"{options['file']} can't be read: {error.strerror}.") from error
        except UnreadableFileError as error:
            raise CommandError(str(error)) from error
        if not options["dry_run"]:
            jobs.begin_run(organization=organization, actor=SYSTEM, job_id=job.pk)
            job = self._carried_out(job)
        self.stdout.write(json.dumps(summary(job), ensure_ascii=False))

    def _uploaded(self, organization: Organization, path: Path, encoding: str | None) -> ImportJob:
        with path.open("rb") as file:
            job = jobs.start_import(
                organization=organization, actor=SYSTEM, user=None, upload=File(file), name=path.name
            )
        if job.layout["odd_line"] and not encoding:
            self.stderr.write(
                f"Line {job.layout['odd_line']} is not UTF-8; the file is read as Windows-1252. "
                "Say --encoding utf-8 to have such rows rejected instead."
            )
        if not encoding:
            return job
        return jobs.change_layout(
            organization=organization,
            actor=SYSTEM,
            job_id=job.pk,
            encoding=encoding,
            delimiter=job.layout["delimiter"],
        )

    def _checked(self, job: ImportJob) -> ImportJob:
        jobs.begin_check(organization=job.organization, actor=SYSTEM, job_id=job.pk, mapping=job.mapping)
        return self._carried_out(job)

    def _carried_out(self, job: ImportJob) -> ImportJob:
        """A worker of a running deployment may have taken it first: then wait for that, and go on if it dies."""
        while True:
            jobs.carry_out(job.pk)
            job.refresh_from_db()
            if job.state not in jobs.UNDER_WAY:
                break
            time.sleep(0.2)
        if job.state not in (ImportJob.State.CHECKED, ImportJob.State.DONE):
            raise CommandError(job.error or f"The import was {job.get_state_display().lower()} from somewhere else.")
        return job


def summary(job: ImportJob) -> dict[str, Any]:
    counts = {result: job.counts.get(result, 0) for result in ("created", "updated", "unchanged")}
    rejected = [{"row": found.row, "error": found.error} for found in read_rejections(Path(job.file.path))]
    return {**counts, "rejected": rejected}
