"""Which of a file's columns means what: guessed from the names, remembered for files with the same names, checked."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence

from dashboard.accounts.models import Organization
from orders.importing.columns import BY_NAME, COLUMNS
from orders.importing.errors import UnreadableFileError
from orders.models import ColumnMapping


def guess_mapping(headers: Sequence[str]) -> dict[str, str]:
    """Our column name -> the file's; exact names first, so that no synonym takes what another column is called."""
    free = {_plain(header): header for header in reversed(headers)}
    mapping: dict[str, str] = {}
    for words in ([(c.name, c.label) for c in COLUMNS], [c.synonyms for c in COLUMNS]):
        for column, names in zip(COLUMNS, words, strict=True):
            if column.name not in mapping:
                found = next((plain for name in names if (plain := _plain(name)) in free), None)
                if found is not None:
                    mapping[column.name] = free.pop(found)
    return mapping


def mapping_for(organization: Organization, headers: Sequence[str]) -> dict[str, str]:
    """What was chosen last time for these headers, else a guess."""
    known = ColumnMapping.objects.filter(organization=organization, headers_digest=headers_digest(headers)).first()
    return dict(known.mapping) if known else guess_mapping(headers)


def remember_mapping(organization: Organization, headers: Sequence[str], mapping: Mapping[str, str]) -> None:
    ColumnMapping.objects.update_or_create(
        organization=organization, headers_digest=headers_digest(headers), defaults={"mapping": dict(mapping)}
    )


def check_mapping(headers: Sequence[str], mapping: Mapping[str, str]) -> None:
    """Refuse a mapping that leaves a required column out, uses one twice or names one that the file doesn't have."""
    missing = [column for column in COLUMNS if column.required and not mapping.get(column.name)]
    if missing:
        names = " and ".join(f"“{column.name}” ({column.label})" for column in missing)
        raise UnreadableFileError(
            f"The file has no column for {names}, which every import needs. Its columns are: {', '.join(headers)}."
        )
    used: dict[str, str] = {}
    for name, header in mapping.items():
        if name not in BY_NAME or header not in headers:
            raise UnreadableFileError(f"The file has no column “{header}” for “{name}”.")
        if header in used:
            raise UnreadableFileError(f"The column “{header}” is mapped twice: to “{used[header]}” and to “{name}”.")
        used[header] = name


def headers_digest(headers: Sequence[str]) -> str:
    return hashlib.sha256(json.dumps(list(headers)).encode()).hexdigest()


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
