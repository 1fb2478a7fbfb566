"""Pages of an import: choose a file, say what its columns mean, look at what would happen, let it happen."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dashboard.accounts.access import MemberRequest, requires
from dashboard.events.recording import Actor
from orders.errors import Conflict
from orders.importing import jobs
from orders.importing.access import get_import
from orders.importing.errors import UnreadableFileError
from orders.importing.forms import LayoutForm, MappingForm, UploadForm
from orders.importing.layout import Layout
from orders.importing.reading import UNDECODED, Row, read_rows
from orders.importing.rejects import rejects_path
from orders.importing.showing import STEPS, import_context
from orders.models import ImportJob

PREVIEW_ROWS = 20
# A file this small is checked before the page comes back; larger ones by a worker.
CHECKED_AT_ONCE = 1 << 20


@require_http_methods(["GET", "HEAD", "POST"])
@requires("orders.import")
def order_import(request: MemberRequest) -> HttpResponse:
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            job = jobs.start_import(
                organization=request.member.organization,
                actor=Actor.of_request(request),
                user=request.user,
                upload=file,
                name=file.name,
            )
        except UnreadableFileError as error:
            form.add_error("file", str(error))
        else:
            return redirect("order-import-job", pk=job.pk)
    recent = ImportJob.objects.filter(organization=request.member.organization).select_related("created_by")
    context = {"form": form, "recent": recent.order_by("-created_at")[:10]}
    return render(request, "orders/import.html", context, status=400 if form.errors else 200)


@require_safe
@requires("orders.import")
def order_import_job(request: MemberRequest, pk: UUID) -> HttpResponse:
    job = get_import(request.member, pk)
    wants_columns = "columns" in request.GET and job.state in (ImportJob.State.CHECKED, ImportJob.State.FAILED)
    if job.state == ImportJob.State.UPLOADED or wants_columns:
        return _columns_page(request, job, MappingForm(headers=job.headers, mapping=job.mapping))
    return render(request, "orders/import_job.html", import_context(job))


@require_POST
@requires("orders.import")
def order_import_layout(request: MemberRequest, pk: UUID) -> HttpResponse:
    job = get_import(request.member, pk)
    form = LayoutForm(request.POST)
    if form.is_valid():
        try:
            jobs.change_layout(
                organization=request.member.organization,
                actor=Actor.of_request(request),
                job_id=job.pk,
                **form.cleaned_data,
            )
        except (Conflict, UnreadableFileError) as error:
            messages.error(request, str(error))
    return redirect("order-import-job", pk=job.pk)


@require_POST
@requires("orders.import")
def order_import_check(request: MemberRequest, pk: UUID) -> HttpResponse:
    job = get_import(request.member, pk)
    form = MappingForm(request.POST, headers=job.headers, mapping=job.mapping)
    if not form.is_valid():
        return _columns_page(request, job, form)
    try:
        jobs.begin_check(
            organization=request.member.organization,
            actor=Actor.of_request(request),
            job_id=job.pk,
            mapping=form.mapping,
        )
    except UnreadableFileError as error:
        form.add_error(None, str(error))
        return _columns_page(request, job, form)
    except Conflict as error:
        messages.error(request, str(error))
    if job.file.size <= CHECKED_AT_ONCE:
        jobs.carry_out(job.pk)
    return redirect("order-import-job", pk=job.pk)


@require_POST
@requires("orders.import")
def order_import_run(request: MemberRequest, pk: UUID) -> HttpResponse:
    return _advance(request, pk, jobs.begin_run)


@require_POST
@requires("orders.import")
def order_import_cancel(request: MemberRequest, pk: UUID) -> HttpResponse:
    return _advance(request, pk, jobs.cancel_import)


@require_safe
@requires("orders.import")
def order_import_rejected(request: MemberRequest, pk: UUID) -> HttpResponseBase:
    """The rejected rows with their reasons, to mend and upload again."""
    job = get_import(request.member, pk)
    path = rejects_path(Path(job.file.path))
    if not path.exists():
        raise Http404("No row of this import was rejected.")
    name = f"{Path(job.file_name).stem}-rejected.csv"
    return FileResponse(path.open("rb"), as_attachment=True, filename=name, content_type="text/csv; charset=utf-8")


def _advance(request: MemberRequest, pk: UUID, service: Any) -> HttpResponse:
    job = get_import(request.member, pk)
    try:
        service(organization=request.member.organization, actor=Actor.of_request(request), job_id=job.pk)
    except Conflict as error:
        messages.error(request, str(error))
    return redirect("order-import-job", pk=job.pk)


def _columns_page(request: MemberRequest, job: ImportJob, form: MappingForm) -> HttpResponse:
    layout = Layout(**job.layout)
    rows = _preview(job, layout)
    context = {
        "job": job,
        "layout": layout,
        "layout_form": LayoutForm(initial=job.layout),
        "form": form,
        "rows": rows,
        "columns": [{"field": form[f"column-{at}"], "samples": _samples(rows, at)} for at in range(len(job.headers))],
        "earlier": jobs.earlier_import(job),
        "steps": STEPS,
    }
    return render(request, "orders/import_columns.html", context, status=400 if form.errors else 200)


def _preview(job: ImportJob, layout: Layout) -> list[Row]:
    try:
        first = itertools.islice(read_rows(Path(job.file.path), layout), 1, PREVIEW_ROWS + 1)
        return [Row(row.number, tuple(map(_printable, row.cells)), row.error) for row in first]
    except UnreadableFileError as error:
        return [Row(0, (), str(error))]


def _printable(cell: str) -> str:
    return UNDECODED.sub("�", cell).replace("\x00", "�")


def _samples(rows: list[Row], at: int) -> list[str]:
    """The first three different values of a column."""
    values = dict.fromkeys(row.cells[at] for row in rows if len(row.cells) > at and row.cells[at])
    return list(itertools.islice(values, 3))
