"""The three questions of an import: which file, how to read it, what its columns mean."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.conf import settings

from orders.importing.columns import BY_NAME, COLUMNS
from orders.importing.layout import DELIMITERS, ENCODINGS

PARTS = {
    "order": "Order",
    "client": "Client",
    "primary_client": "Primary client",
    "line": "Line item",
}


class UploadForm(forms.Form):
    file = forms.FileField(label="CSV or XLSX file", max_length=255)

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > settings.IMPORT_MAX_BYTES:
            raise forms.ValidationError(
                f"The file is larger than {settings.IMPORT_MAX_BYTES >> 20} MB: split it between two orders."
            )
        return file


class LayoutForm(forms.Form):
    encoding = forms.ChoiceField(choices=list(ENCODINGS.items()), widget=forms.Select(attrs={"aria-label": "Encoding"}))
    delimiter = forms.ChoiceField(
        choices=list(DELIMITERS.items()), widget=forms.Select(attrs={"aria-label": "Separator"})
    )


class MappingForm(forms.Form):
    """One field per column of the file, `column-<position>`: what it means, or nothing."""

    def __init__(self, *args: Any, headers: Sequence[str], mapping: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        meanings = {header: name for name, header in mapping.items()}
        self.headers = list(headers)
        for position, header in enumerate(headers):
            self.fields[f"column-{position}"] = forms.ChoiceField(
                label=header, choices=_choices(), required=False, initial=meanings.get(header, "")
            )

    def clean(self) -> dict[str, Any]:
        """Two columns with one meaning are an error at the second of them."""
        chosen = Counter[str]()
        for position, header in enumerate(self.headers):
            name = self.cleaned_data.get(f"column-{position}")
            if name:
                chosen[name] += 1
                if chosen[name] == 2:
                    self.add_error(
                        f"column-{position}",
                        f"“{BY_NAME[name].label}” is already taken: choose another for “{header}”.",
                    )
        return self.cleaned_data

    @property
    def mapping(self) -> dict[str, str]:
        chosen = {self.cleaned_data.get(f"column-{at}"): header for at, header in enumerate(self.headers)}
        return {name: header for name, header in chosen.items() if name}


def _choices() -> list[tuple[str, Any]]:
    groups = [
        (title, [(c.name, f"{c.label} *" if c.required else c.label) for c in COLUMNS if c.part == part])
        for part, title in PARTS.items()
    ]
    return [("", "Leave out"), *groups]
