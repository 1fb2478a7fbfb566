"""The words of the OpenAPI document: what the contract says, and apart from it what we chose where it is silent."""

from __future__ import annotations

from typing import Any

from orders.api.shapes import ErrorOut

ERRORS: dict[int, Any] = dict.fromkeys((400, 401, 404, 409, 429, 500), ErrorOut)

DESCRIPTION = """
Transfer orders with their details and quantities, change them, cancel them. A line item of quantity N makes N
productions.

Every request carries `x-api-key`; `x-tenant-id` (the organization's UUID) is optional. Bodies are JSON.

**Limits** per key, all at once: 15 requests per second, 300 per minute, 4,000 per hour. Every answer says where you
stand in `X-RateLimit-Limit`, `X-RateLimit-Remaining` and `X-RateLimit-Reset` (seconds). Over a limit the answer is
429 and the key is blocked until that window resets.

**Errors** are `{"statusCode", "message", "error"}`; the message names the field or the header.

### Choices beyond the contract

- The headers describe the window with the least remaining. A request during a block moves its end to a full window
  after that request. 429 also has `Retry-After`. Callers without a valid key are limited by their address.
- A malformed `x-tenant-id` is 400, another organization's is 401, and so is a missing scope (`orders:read`,
  `orders:write`) and a request with two different keys.
- An unknown path and a method that a path does not take are 404. A body over 8 MB is 400.
- Every answer has `X-Request-Id`; one that you send is kept.
- `order_items` is the key of the line items, each with `line_item_id?`, `quantity`, `sku?`, `product_name?`,
  `comment?` and `deadline_at?`. A missing `line_item_id` is made and returned. `client`, `primary_client`,
  `counterparty_id` and `priority` can be written. Unknown fields are refused by name.
- Bounds: ids and SKUs 1 to 120 characters, names 200, product names 300, comments 10,000; 1 to 1,000 line items,
  quantity 1 to 10,000, 20,000 productions per order; 500 clients per batch; 50 tags of up to 80 characters and 100
  attachments per line item; dates from 1900 to 2199, without a zone in UTC.
- Creating the same order again answers 200 with the order that is there; another body under its `external_order_id`
  is 409.
- `PATCH /orders/{external_order_id}` changes what it names; null takes an optional value away. Line items match by
  `line_item_id`, others stay. A lower quantity cancels productions that are *To do*, newest first, else 400 with
  the number that have started.
- `DELETE /orders/{external_order_id}` sets `is_deleted` and cancels what is not done; it is 400 when all is done.
  Again it is 200 and changes nothing.
- `GET /orders/{external_order_id}` reads one order. `GET /orders` lists cancelled orders too; it takes `limit` (up
  to 5,000) and `cursor`, and names the next page in `Link`. Without them it lists everything.
- `POST .../tags` answers 409 when one of the tags is there, and adds none; `PUT .../tags` replaces them.
- The same attachment again is accepted and not added twice.
- `status` and `progress` of an order are derived from its productions.
"""

_CONTRACT = "[contract] "
_CHOICE = "[beyond the contract] "
_OPERATIONS = {
    "list_orders": ("List all orders", _CONTRACT + "`limit` and `cursor` are beyond it."),
    "create_order": ("Create an order", _CONTRACT + "200 for the same order again and 409 are beyond it."),
    "read_order": ("Read one order", _CHOICE),
    "update_order": ("Change an order", _CHOICE + "The contract says that it can be done, not how."),
    "cancel_order": ("Cancel an order", _CHOICE + "The contract says that it can be done, not how."),
    "add_tags": ("Add tags to a line item", _CONTRACT),
    "replace_tags": ("Replace the tags of a line item", _CONTRACT + "That it is PUT is beyond it."),
    "add_attachment": ("Attach a file to a line item, by its address", _CONTRACT),
    "upsert_clients": ("Create or update clients", _CONTRACT + "That up to 500 are taken at once is beyond it."),
}


def described(operation: str) -> dict[str, Any]:
    summary, note = _OPERATIONS[operation]
    return {"operation_id": operation, "summary": summary, "description": note.strip(), "by_alias": True}
