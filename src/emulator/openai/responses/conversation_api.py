"""The endpoints of conversations and of their items."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from emulator.openai.parameters import check_metadata, invalid, missing, object_of, unknown
from emulator.openai.responses.conversations import Conversation
from emulator.openai.responses.items import Item, items_of, resolved
from emulator.openai.responses.listing import MAX_LISTED_ITEMS, listed

if TYPE_CHECKING:  # the state holds the store of this package
    from emulator.openai.state import EmulatedOpenAI

Endpoint = Callable[[Request], Awaitable[Response]]
#: Items that can be added at once.
MAX_ADDED_ITEMS = 20


def conversation_routes(
    state: "EmulatedOpenAI", guarded: Callable[[Endpoint], Endpoint]
) -> list[Route]:
    """Everything under /conversations."""
    api = _ConversationApi(state)
    one = "/conversations/{id}"
    item = f"{one}/items/{{item_id}}"
    return [
        Route("/conversations", guarded(api.create), methods=["POST"]),
        Route(one, guarded(api.get), methods=["GET"]),
        Route(one, guarded(api.update), methods=["POST"]),
        Route(one, guarded(api.delete), methods=["DELETE"]),
        Route(f"{one}/items", guarded(api.items), methods=["GET"]),
        Route(f"{one}/items", guarded(api.add_items), methods=["POST"]),
        Route(item, guarded(api.item), methods=["GET"]),
        Route(item, guarded(api.delete_item), methods=["DELETE"]),
    ]


class _ConversationApi:
    def __init__(self, state: "EmulatedOpenAI") -> None:
        self._state = state

    async def create(self, request: Request) -> Response:
        body = await object_of(request) if await request.body() else {}
        _check_names(body, "items", "metadata")
        made = self._state.conversations.create(_metadata(body), _items(body.get("items") or []))
        return JSONResponse(made.shown())

    async def get(self, request: Request) -> Response:
        return JSONResponse(self._of(request).shown())

    async def update(self, request: Request) -> Response:
        conversation, body = self._of(request), await object_of(request)
        _check_names(body, "metadata")
        if "metadata" not in body:
            raise missing("metadata")
        conversation.metadata = _metadata(body)
        return JSONResponse(conversation.shown())

    async def delete(self, request: Request) -> Response:
        conversation_id = self._of(request).id
        self._state.conversations.delete(conversation_id)
        shown = {"id": conversation_id, "object": "conversation.deleted", "deleted": True}
        return JSONResponse(shown)

    async def items(self, request: Request) -> Response:
        return JSONResponse(listed(self._of(request).items, request.query_params))

    async def add_items(self, request: Request) -> Response:
        conversation, body = self._of(request), await object_of(request)
        _check_names(body, "items")
        if body.get("items") is None:
            raise missing("items")
        given = resolved(_items(body["items"]), conversation.items)
        page = {"limit": str(MAX_LISTED_ITEMS), "order": "asc"}
        return JSONResponse(listed(conversation.add(given), page))

    async def item(self, request: Request) -> Response:
        return JSONResponse(self._of(request).item(request.path_params["item_id"]))

    async def delete_item(self, request: Request) -> Response:
        conversation = self._of(request)
        conversation.items.remove(conversation.item(request.path_params["item_id"]))
        return JSONResponse(conversation.shown())

    def _of(self, request: Request) -> Conversation:
        return self._state.conversations.get(request.path_params["id"])


def _check_names(body: dict[str, Any], *known: str) -> None:
    for name in sorted(body.keys() - {*known}):
        raise unknown(name)


def _metadata(body: dict[str, Any]) -> dict[str, Any]:
    check_metadata(body.get("metadata"))
    return body.get("metadata") or {}


def _items(given: Any) -> list[Item]:
    if not isinstance(given, list):
        raise invalid("items", "expected an array")
    if len(given) > MAX_ADDED_ITEMS:
        problem = f"array too long. Expected an array with maximum length {MAX_ADDED_ITEMS}"
        raise invalid("items", f"{problem}, but got an array with length {len(given)} instead")
    return items_of(given, "items")
