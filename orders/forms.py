"""The form of an order: text in, the schema's own words out. What is right is decided by `orders.schemas` alone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils import timezone

from orders.models import LineItem, Order, Priority, Production

MAX_NEW_ROWS = 200
MOMENT = forms.DateTimeInput(attrs={"type": "datetime-local", "step": "any"}, format="%Y-%m-%dT%H:%M")
CLIENT_FIELDS = {
    "client_name": "name",
    "client_external_id": "external_client_id",
    "client_company": "company",
    "client_phone": "phone",
    "client_email": "email",
}


def _text(label: str, help_text: str = "", *, required: bool = False, large: bool = False) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": 3}) if large else forms.TextInput()
    widget.use_required_attribute = lambda initial: False  # type: ignore[method-assign]  # the schema says it better
    return forms.CharField(label=label, required=required, strip=True, help_text=help_text, widget=widget)


class OrderForm(forms.Form):
    external_order_number = _text("Order number", "What people call it.", required=True)
    external_order_id = _text("Order id", "How both sides know the order. It can't be changed later.", required=True)
    marketplace_order_number = _text("Marketplace order number")
    priority = forms.ChoiceField(choices=Priority.choices, initial=Priority.MEDIUM)
    deadline_at = forms.CharField(label="Deadline (UTC)", required=False, widget=MOMENT)
    external_created_at = forms.CharField(label="Ordered at (UTC)", required=False, widget=MOMENT)
    counterparty_id = _text("Counterparty id")
    to_stock = forms.BooleanField(label="Made for stock", required=False)
    comment = _text("Comment", large=True)
    client_name = _text("Name", "Needed when there is a client.")
    client_external_id = _text("Client id", "Names a client that several orders share.")
    client_company = _text("Company")
    client_phone = _text("Phone")
    client_email = _text("E-mail")
    revision = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, order: Order | None = None, **kwargs: Any) -> None:
        self.order = order
        kwargs["initial"] = _initial(order) if order else None
        super().__init__(*args, **kwargs)
        if order:
            self.fields["external_order_id"].disabled = True
            self.fields["external_order_id"].help_text = "How both sides know the order."

    def values(self) -> dict[str, Any]:
        """In the schema's words. A new order leaves out what is empty; an edit says null, which takes it away."""
        said = self.cleaned_data
        names = [name for name in self.fields if name not in CLIENT_FIELDS and name != "revision"]
        values = {name: said[name] if said[name] != "" else None for name in names}
        values["client"] = self._client()
        return values if self.order else {name: value for name, value in values.items() if value is not None}

    def _client(self) -> dict[str, Any] | None:
        said = {key: self.cleaned_data.get(name) or None for name, key in CLIENT_FIELDS.items()}
        return said if any(said.values()) else None


class ItemForm(forms.Form):
    line_item_id = _text("Line item id", "Made up when empty.")
    sku = _text("SKU")
    product_name = _text("Product")
    quantity = _text("Quantity", required=True)
    deadline_at = forms.CharField(label="Deadline (UTC)", required=False, widget=MOMENT)
    comment = _text("Comment")

    def __init__(self, *args: Any, item: LineItem | None = None, **kwargs: Any) -> None:
        self.item = item
        kwargs["initial"] = _item_initial(item) if item else None
        super().__init__(*args, **kwargs)
        if item:
            self.fields["line_item_id"].disabled = True
            self.fields["line_item_id"].help_text = ""

    def values(self) -> dict[str, Any]:
        values = {name: value if value != "" else None for name, value in self.cleaned_data.items()}
        return values if self.item else {name: value for name, value in values.items() if value is not None}


class OrderForms:
    """An order's form with one for each line item: those it has, then new ones, which a submit button adds."""

    def __init__(self, data: Mapping[str, str] | None = None, *, order: Order | None = None, new_rows: int = 0) -> None:
        known: list[LineItem | None] = list(order.line_items.order_by("position")) if order else []
        self.new_rows = min(_whole(data.get("new_rows")), MAX_NEW_ROWS) if data is not None else new_rows
        rows = known + [None] * self.new_rows
        self.head = OrderForm(data, order=order)
        self.items = [ItemForm(data, item=item, prefix=f"item-{at}") for at, item in enumerate(rows)]

    @classmethod
    def with_another_row(cls, data: Mapping[str, str], *, order: Order | None = None) -> OrderForms:
        """What was typed so far and one row more, without a word about what is still missing."""
        made = cls(order=order, new_rows=min(_whole(data.get("new_rows")) + 1, MAX_NEW_ROWS))
        for form in made.parts:
            for name in form.fields:
                if (typed := data.get(form.add_prefix(name))) is not None:
                    form.initial[name] = typed
        made.head.initial["to_stock"] = "to_stock" in data
        return made

    def is_valid(self) -> bool:
        """So that there is cleaned data; empty required fields are named here, all else by the schema."""
        # Every form is asked, so that each shows its errors.
        return sum(not form.is_valid() for form in self.parts) == 0

    @property
    def parts(self) -> list[forms.Form]:
        return [self.head, *self.items]

    def values(self) -> dict[str, Any]:
        return {**self.head.values(), "order_items": [item.values() for item in self.items]}

    def add_problems(self, problems: Iterable[tuple[str, str]]) -> None:
        """Each at the field that it names, in our words or in the upstream's."""
        for name, sentence in problems:
            form, field = self.field_of(name)
            form.add_error(field, sentence)

    def field_of(self, name: str) -> tuple[forms.Form, str | None]:
        if found := re.match(r"(?:order_items|items|line_items)(?:\[|\.)(\d+)\]?\.?(\w*)", name):
            at = int(found[1])
            if at < len(self.items):
                return self.items[at], found[2] if found[2] in self.items[at].fields else None
        part, _, key = name.partition(".")
        if part == "client":
            name = next((field for field, meant in CLIENT_FIELDS.items() if meant == key), "client_name")
        return self.head, name if name in self.head.fields else None


class NoteForm(forms.Form):
    text = forms.CharField(label="Note", max_length=2_000, widget=forms.Textarea(attrs={"rows": 2}))


class TagsForm(forms.Form):
    tags = forms.CharField(label="Tags", help_text="Several are separated by commas.", max_length=1_000)

    def values(self) -> dict[str, Any]:
        return {"tags": [tag for part in self.cleaned_data["tags"].split(",") if (tag := part.strip())]}


class AttachmentForm(forms.Form):
    url = forms.CharField(
        label="Address of the file", help_text="The upstream fetches it from there.", max_length=2_000
    )
    file_name = forms.CharField(label="File name", required=False, max_length=255)
    is_primary = forms.BooleanField(label="Main picture of the line item", required=False)

    def values(self) -> dict[str, Any]:
        return {**self.cleaned_data, "file_name": self.cleaned_data["file_name"] or None}


class ProductionsForm(forms.Form):
    status = forms.ChoiceField(
        choices=[("", "Keep the status"), *Production.Status.choices],
        required=False,
        widget=forms.Select(attrs={"aria-label": "New status"}),
    )
    progress = forms.IntegerField(
        min_value=0,
        max_value=100,
        required=False,
        widget=forms.NumberInput(attrs={"aria-label": "Progress in percent"}),
    )
    scope = forms.ChoiceField(
        choices=[("selected", "the selected ones"), ("all", "all of the order")],
        widget=forms.Select(attrs={"aria-label": "Which productions"}),
    )


def _initial(order: Order) -> dict[str, Any]:
    names = [name for name in OrderForm.base_fields if hasattr(order, name)]
    initial = {name: getattr(order, name) for name in names}
    initial |= {name: _typed(initial[name]) for name in ("deadline_at", "external_created_at")}
    if order.client:
        initial |= {name: getattr(order.client, key) or "" for name, key in CLIENT_FIELDS.items()}
    return initial


def _item_initial(item: LineItem) -> dict[str, Any]:
    initial = {name: getattr(item, name) for name in ItemForm.base_fields}
    return {**initial, "deadline_at": _typed(item.deadline_at)}


def _typed(moment: Any) -> str:
    """As a datetime-local input has it; with seconds only where there are some, so that saving changes nothing."""
    if moment is None:
        return ""
    local = timezone.localtime(moment).replace(tzinfo=None)
    exact = "milliseconds" if local.microsecond else "seconds"
    return local.isoformat(timespec=exact if local.second or local.microsecond else "minutes")


def _whole(text: str | None) -> int:
    return int(text) if text and text.isdigit() and len(text) < 4 else 0
