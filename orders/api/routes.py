"""The Public API's endpoints: each parses, calls one service and answers. What is around them is the door's."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any

import orjson
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from ninja import NinjaAPI, Query
from ninja.errors import HttpError, ValidationError
from ninja.parser import Parser
from ninja.security import APIKeyHeader

from dashboard.accounts.api_keys import allows
from dashboard.accounts.models import ApiKey, Organization
from dashboard.events.recording import Actor
from orders.access import order_by_external_id
from orders.api import listing
from orders.api.description import DESCRIPTION, ERRORS, described
from orders.api.door import Refused, too_large
from orders.api.replies import error_reply, json_reply, message_reply
from orders.api.shapes import ClientOut, MessageOut, OrderOut, WholeOrderOut, client_bodies, whole_order
from orders.errors import OrderError, invalid_details
from orders.schemas import AttachmentInput, ClientBatch, OrderChange, OrderInput, TagsInput, TagsReplacement
from orders.services.attachments import add_attachment
from orders.services.clients import upsert_clients
from orders.services.ordering import cancel_order, create_order, update_order
from orders.services.tags import add_tags, replace_tags

MOST_LISTED = 5_000
DONE = "The operation was done successfully"


class PublicApiKey(APIKeyHeader):
    """For the description; the door has checked the key already."""

    param_name = "x-api-key"

    def authenticate(self, request: HttpRequest, key: str | None) -> ApiKey | None:
        return request.__dict__.get("auth")


class Body(Parser):
    def parse_body(self, request: HttpRequest) -> Any:
        # Django has refused a body that says how long it is; one in chunks does not.
        if len(request.body) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            raise OrderError(too_large())
        try:
            return orjson.loads(request.body)
        except orjson.JSONDecodeError as error:
            message = f"The body is not JSON in UTF-8: {error.msg} (line {error.lineno}, column {error.colno})."
            raise OrderError(message) from error


api = NinjaAPI(
    title="Public API",
    version="1",
    description=DESCRIPTION,
    docs_url=None,
    openapi_url=None,
    auth=PublicApiKey(),
    parser=Body(),
    urls_namespace="public-api",
)


@api.exception_handler(OrderError)
def order_error(request: HttpRequest, error: OrderError) -> HttpResponse:
    return error_reply(error.status, error.message)


@api.exception_handler(HttpError)
def not_readable(request: HttpRequest, error: HttpError) -> HttpResponse:
    """Ninja wraps what the parser raised."""
    cause = error.__cause__
    return error_reply(error.status_code, cause.message if isinstance(cause, OrderError) else error.message)


@api.exception_handler(ValidationError)
def not_valid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    return error_reply(400, "; ".join(sentence for _, sentence in invalid_details(error.errors).problems[:10]))


def _for(request: HttpRequest, scope: str) -> tuple[Organization, Actor]:
    key: ApiKey = request.__dict__["auth"]
    if not allows(key, scope):
        raise Refused(HTTPStatus.UNAUTHORIZED, f"The key in x-api-key lacks the scope {scope}.")
    return key.organization, Actor.of_key(key, request.__dict__.get("request_id", ""))


@api.get("/orders", response={200: list[OrderOut], **ERRORS}, **described("list_orders"))
def list_orders(
    request: HttpRequest,
    limit: Annotated[int | None, Query(ge=1, le=MOST_LISTED)] = None,
    cursor: Annotated[int, Query(ge=0, le=1 << 53)] = 0,
) -> HttpResponseBase:
    organization, _ = _for(request, "orders:read")
    if limit is None:
        return listing.everything(request, organization, after=cursor)
    return listing.page(request, organization, limit=limit, after=cursor)


@api.post("/orders", response={201: WholeOrderOut, 200: WholeOrderOut, **ERRORS}, **described("create_order"))
def create(request: HttpRequest, order: OrderInput) -> HttpResponse:
    organization, actor = _for(request, "orders:write")
    result = create_order(organization=organization, actor=actor, order=order, source="api")
    return json_reply(whole_order(result.order), 201 if result.created else 200)


TAGS = "/orders/{path:external_order_id}/line-items/{path:line_item_id}/tags"


@api.post(TAGS, response={201: MessageOut, **ERRORS}, **described("add_tags"))
def post_tags(request: HttpRequest, external_order_id: str, line_item_id: str, tags: TagsInput) -> HttpResponse:
    organization, actor = _for(request, "orders:write")
    order = order_by_external_id(organization, external_order_id)
    add_tags(organization=organization, actor=actor, order_id=order.pk, line_item_id=line_item_id, tags=tags)
    return message_reply(DONE, 201)


@api.put(TAGS, response={200: MessageOut, **ERRORS}, **described("replace_tags"))
def put_tags(request: HttpRequest, external_order_id: str, line_item_id: str, tags: TagsReplacement) -> HttpResponse:
    organization, actor = _for(request, "orders:write")
    order = order_by_external_id(organization, external_order_id)
    replace_tags(organization=organization, actor=actor, order_id=order.pk, line_item_id=line_item_id, tags=tags)
    return message_reply(DONE)


@api.post(
    "/orders/{path:external_order_id}/line-items/{path:line_item_id}/attachments",
    response={201: MessageOut, **ERRORS},
    **described("add_attachment"),
)
def attach(
    request: HttpRequest, external_order_id: str, line_item_id: str, attachment: AttachmentInput
) -> HttpResponse:
    organization, actor = _for(request, "orders:write")
    order = order_by_external_id(organization, external_order_id)
    where: dict[str, Any] = {"order_id": order.pk, "line_item_id": line_item_id}
    add_attachment(organization=organization, actor=actor, attachment=attachment, **where)
    return message_reply(DONE, 201)


ORDER = "/orders/{path:external_order_id}"


@api.get(ORDER, response={200: WholeOrderOut, **ERRORS}, **described("read_order"))
def read(request: HttpRequest, external_order_id: str) -> HttpResponse:
    organization, _ = _for(request, "orders:read")
    return json_reply(whole_order(order_by_external_id(organization, external_order_id)))


@api.patch(ORDER, response={200: WholeOrderOut, **ERRORS}, **described("update_order"))
def update(request: HttpRequest, external_order_id: str, change: OrderChange) -> HttpResponse:
    organization, actor = _for(request, "orders:write")
    order = order_by_external_id(organization, external_order_id)
    result = update_order(organization=organization, actor=actor, order_id=order.pk, change=change)
    return json_reply(whole_order(result.order))


@api.delete(ORDER, response={200: MessageOut, **ERRORS}, **described("cancel_order"))
def cancel(request: HttpRequest, external_order_id: str) -> HttpResponse:
    organization, actor = _for(request, "orders:write")
    order = order_by_external_id(organization, external_order_id)
    result = cancel_order(organization=organization, actor=actor, order_id=order.pk)
    return message_reply(
        DONE if result.changed else f"Order {external_order_id} was cancelled already: nothing changed."
    )


@api.post("/clients/batch", response={200: list[ClientOut], **ERRORS}, **described("upsert_clients"))
def clients_batch(request: HttpRequest, batch: ClientBatch) -> HttpResponse:
    organization, actor = _for(request, "orders:write")
    return json_reply(client_bodies(upsert_clients(organization=organization, actor=actor, batch=batch)))
