"""A dozen orders of a joinery, so that the first look at the console shows what it is for, made by the services."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from dashboard.accounts.models import Organization
from dashboard.events.recording import SYSTEM
from orders.models import Order
from orders.schemas import OrderInput, TagsInput, validate
from orders.services.ordering import cancel_order, create_order
from orders.services.productions import change_productions
from orders.services.relaying import is_relayed
from orders.services.tags import add_tags

CLIENTS = {
    "AURORA": ("Ines Aalto", "Aurora Hotels", "+358 9 555 0140", "ines@aurora-hotels.example"),
    "BRIGHT": ("Tom Bright", "Bright & Sons", "+44 20 5550 0117", "tom@bright-sons.example"),
    "KESTREL": ("Maya Okafor", "Kestrel Offices", "+44 161 555 0182", "maya@kestrel.example"),
    "LUMEN": ("Jonas Weiß", "Lumen Galerie", "+49 30 555 0199", "jonas@lumen.example"),
}


@dataclass(frozen=True)
class Wanted:
    number: int
    client: str
    due_in_days: int | None
    items: tuple[tuple[str, str, int], ...]
    priority: str = "Medium"
    comment: str = ""
    done: str = ""  # what has happened to it: started, done, stopped, cancelled
    tag: str = ""


ORDERS = (
    Wanted(2041, "AURORA", 21, (("DSK-160", "Writing desk, oak, 160 cm", 12), ("CHR-02", "Chair, oak", 24)), "High"),
    Wanted(
        2042, "BRIGHT", -3, (("SHF-90", "Wall shelf, walnut, 90 cm", 8),), "Highest", "Fitter comes at 8", "started"
    ),
    Wanted(2043, "KESTREL", 9, (("CNF-320", "Conference table, ash, 320 cm", 1), ("CHR-07", "Chair, ash", 14))),
    Wanted(2044, "LUMEN", 2, (("PLN-40", "Plinth, MDF white, 100 cm", 20),), "High", "", "", "Rush order"),
    Wanted(2045, "AURORA", 30, (("WRD-200", "Wardrobe, oak veneer, 200 cm", 6),), "Medium", "", "started"),
    Wanted(2046, "BRIGHT", None, (("BRD-01", "Cutting board, beech", 60),), "Low", "For stock"),
    Wanted(2047, "KESTREL", 14, (("PRT-180", "Partition, felt grey, 180 cm", 10),), "Medium", "", "stopped"),
    Wanted(2048, "LUMEN", -9, (("FRM-A2", "Frame A2, maple", 30),), "Medium", "", "done"),
    Wanted(2049, "AURORA", 45, (("BED-180", "Bed frame, oak, 180 cm", 16), ("NGT-45", "Night stand, oak", 32))),
    Wanted(2050, "BRIGHT", 6, (("STL-65", "Bar stool, beech", 9),), "Medium", "Ordered twice by mistake", "cancelled"),
    Wanted(2051, "KESTREL", 18, (("LCK-12", "Locker, birch, 12 doors", 4),), "Low"),
    Wanted(
        2052, "LUMEN", 27, (("VTR-120", "Vitrine, ash and glass, 120 cm", 3),), "Medium", "Glass is delivered to us"
    ),
)


def seed(organization: Organization, now: datetime) -> None:
    """Only once: whoever deletes nothing but changes these orders keeps the changes."""
    if Order.objects.filter(organization=organization, source="demo").exists():
        return
    for wanted in ORDERS:
        said = validate(OrderInput, _body(wanted, now))
        order = create_order(organization=organization, actor=SYSTEM, order=said, source="demo").order
        _live_a_little(organization, order, wanted)


def _body(wanted: Wanted, now: datetime) -> dict[str, Any]:
    name, company, phone, email = CLIENTS[wanted.client]
    due = None if wanted.due_in_days is None else (now + timedelta(days=wanted.due_in_days)).replace(microsecond=0)
    return {
        "external_order_id": f"JN-{wanted.number}",
        "external_order_number": str(wanted.number),
        "comment": wanted.comment or None,
        "deadline_at": due,
        "external_created_at": (now - timedelta(days=12, minutes=wanted.number % 60)).replace(microsecond=0),
        "to_stock": wanted.due_in_days is None,
        "priority": wanted.priority,
        "client": {
            "external_client_id": wanted.client,
            "name": name,
            "company": company,
            "phone": phone,
            "email": email,
        },
        "order_items": [
            {"line_item_id": f"{wanted.number}-{n}", "sku": sku, "product_name": product, "quantity": quantity}
            for n, (sku, product, quantity) in enumerate(wanted.items, start=1)
        ],
    }


def _live_a_little(organization: Organization, order: Order, wanted: Wanted) -> None:
    who: dict[str, Any] = {"organization": organization, "actor": SYSTEM, "order_id": order.pk}
    if wanted.tag:
        add_tags(**who, line_item_id=f"{wanted.number}-1", tags=TagsInput(tags=[wanted.tag]))
    if wanted.done == "cancelled":
        cancel_order(**who)
    elif wanted.done and not is_relayed(organization.pk):
        change_productions(**who, status="In progress")
        if wanted.done == "started":
            change_productions(**who, progress=40)
        else:
            change_productions(**who, status="Done" if wanted.done == "done" else "Stopped")
