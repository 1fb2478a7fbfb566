"""What Hesh's answers mean. A body that can't be read leaves an unknown outcome."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import orjson

from dashboard.upstream.adapters import Answer, Verdict
from dashboard.upstream.models import Attempt

# What a refusal may name: the fields of the calls' bodies.
FIELDS = frozenset(
    {
        "external_order_id",
        "external_order_number",
        "marketplace_order_number",
        "comment",
        "deadline_at",
        "external_created_at",
        "to_stock",
        "priority",
        "counterparty_id",
        "client",
        "primary_client",
        "order_items",
        "line_item_id",
        "quantity",
        "sku",
        "product_name",
        "name",
        "phone",
        "email",
        "company",
        "external_client_id",
        "clients",
        "tags",
        "apply_to_nested_productions",
        "url",
        "file_name",
        "is_primary",
    }
)
_WORD = re.compile(r"[A-Za-z_]\w*(?:(?:\.|\[)\w+\]?)*")


def verdict(attempt: Attempt, answer: Answer) -> Verdict:
    """Of a complete 2xx or 4xx answer. Raises ValueError when a 2xx can't be read."""
    status = answer.status or 0
    if status >= 400:
        return _refusal(attempt, answer, status)
    if attempt.operation == "create":
        return _created(attempt, order_in(parsed(answer)))
    if attempt.operation == "read":
        return Verdict("delivered", claims={"exists": bool(order_in(parsed(answer)))})
    if status != 204 and not isinstance(parsed(answer), dict | list):
        raise ValueError("it is neither an object nor a list")
    return Verdict("delivered")


def parsed(answer: Answer) -> Any:
    try:
        return orjson.loads(answer.body)
    except orjson.JSONDecodeError as error:
        raise ValueError("it is not JSON") from error


def order_in(body: Any) -> Mapping[str, Any]:
    """The order of an answer, bare or in an envelope."""
    order = body.get("data", body) if isinstance(body, dict) else body
    if not isinstance(order, dict) or not ({"id", "external_order_id", "order_key"} & order.keys()):
        raise ValueError("it holds no order")
    return order


def _created(attempt: Attempt, order: Mapping[str, Any]) -> Verdict:
    expected = (attempt.claims or {}).get("external_order_id")
    echoed = order.get("external_order_id")
    if echoed is not None and echoed != expected:
        raise ValueError(f"it is about another order, {str(echoed)[:60]}")
    return Verdict("delivered", remote_id=str(order.get("id") or ""))


def _refusal(attempt: Attempt, answer: Answer, status: int) -> Verdict:
    if attempt.operation == "cancel" and status == 404:
        return Verdict("delivered", "The upstream has no such order (any more).")
    if attempt.operation == "read" and status == 404:
        return Verdict("delivered", "The upstream offers no read of a single order.", claims={"exists": False})
    if attempt.operation == "add_tags" and status == 409 and _all_there(attempt):
        return Verdict("delivered", "The upstream has the tags already.")
    message = message_in(answer)
    return Verdict("refused", f"{message} (HTTP {status})", reason_field=field_in(message))


def _all_there(attempt: Attempt) -> bool:
    """A conflict says that one is there: all of them if there is only one, or if the same call went out before."""
    claims = attempt.claims or {}
    return bool(claims.get("again")) or len(claims.get("added", ())) == 1


def message_in(answer: Answer) -> str:
    try:
        body = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        return "The upstream refused it without a readable reason"
    said = body.get("message") or body.get("error") if isinstance(body, dict) else None
    if isinstance(said, list):
        said = "; ".join(str(one) for one in said)
    return str(said)[:400] if said else "The upstream refused it without a reason"


def field_in(message: str) -> str:
    """The first word that is a field's name or a path to one: `order_items[3].quantity`, `order_items.3.quantity`."""
    for found in _WORD.finditer(message):
        word = found[0]
        last = re.split(r"[.\[]", word.replace("]", ""))[-1]
        if last in FIELDS and (word != last or "_" in word or found.start() == 0 or word in {"quantity", "sku"}):
            return word[:120]
    return ""


def listed(answer: Answer) -> dict[str, Mapping[str, Any]]:
    """All orders of the list by external id. An incomplete list can't say no, so it can't be read."""
    body = parsed(answer)
    if isinstance(body, dict) and isinstance(body.get("data"), list):
        meta = body.get("meta") or {}
        if isinstance(meta, dict) and meta.get("next"):
            raise ValueError("it is only one page of the list")
        body = body["data"]
    if not isinstance(body, list) or not all(isinstance(one, dict) for one in body):
        raise ValueError("it is not a list of orders")
    if 'rel="next"' in {name.lower(): value for name, value in answer.headers.items()}.get("link", ""):
        raise ValueError("it is only one page of the list")
    return {str(one["external_order_id"]): one for one in body if one.get("external_order_id") is not None}
