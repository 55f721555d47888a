"""The endpoints of responses: made, whole or streamed, read again, and deleted."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from emulator.openai.answers import cut, usage
from emulator.openai.model import Said
from emulator.openai.parameters import object_of
from emulator.openai.responses.answers import conversation_id, response
from emulator.openai.responses.items import Item, read_items, resolved
from emulator.openai.responses.listing import listed
from emulator.openai.responses.requests import as_chat, check_response_request
from emulator.openai.responses.stream import stream
from emulator.openai.trouble import broken_off

if TYPE_CHECKING:  # the state holds the store of this package
    from emulator.openai.state import EmulatedOpenAI

Endpoint = Callable[[Request], Awaitable[Response]]


def responses_routes(
    state: "EmulatedOpenAI", guarded: Callable[[Endpoint], Endpoint]
) -> list[Route]:
    """Everything under /responses."""
    api = _ResponsesApi(state)
    one = "/responses/{id}"
    return [
        Route("/responses", guarded(api.create), methods=["POST"]),
        Route("/responses/input_tokens", guarded(api.count), methods=["POST"]),
        Route(one, guarded(api.get), methods=["GET"]),
        Route(one, guarded(api.delete), methods=["DELETE"]),
        Route(f"{one}/input_items", guarded(api.input_items)),
    ]


class _ResponsesApi:
    def __init__(self, state: "EmulatedOpenAI") -> None:
        self._state = state

    async def create(self, request: Request) -> Response:
        body = await object_of(request)
        check_response_request(body)
        self._state.require_model(body["model"])
        items = self._items(body)
        chat = as_chat(body, items)
        said = self._state.model.answer(chat)
        if not self._state.trouble.knows_no_limit:
            said = cut(said, chat)
        made = response(body, chat, said)
        dialect = self._state.dialect
        if made["store"]:
            self._state.responses.keep(made, items)
        if made["conversation"] and not dialect.has_error:
            self._state.conversations.get(made["conversation"]["id"]).add(items, made["output"])
        if not body.get("stream") or dialect.ignores_stream:
            return JSONResponse(made)
        events = list(stream(made, fails=dialect.has_error))
        broken = broken_off(events, self._state.trouble)
        return StreamingResponse(broken, media_type="text/event-stream")

    async def count(self, request: Request) -> Response:
        """How many tokens a request has, which is not made."""
        body = await object_of(request)
        check_response_request(body)
        chat = as_chat(body, self._items(body))
        count = usage(chat["messages"], Said(), 1)["prompt_tokens"]
        return JSONResponse({"object": "response.input_tokens", "input_tokens": count})

    async def get(self, request: Request) -> Response:
        return JSONResponse(self._state.responses.get(request.path_params["id"]).shown)

    async def delete(self, request: Request) -> Response:
        response_id = request.path_params["id"]
        self._state.responses.delete(response_id)
        return JSONResponse({"id": response_id, "object": "response", "deleted": True})

    async def input_items(self, request: Request) -> Response:
        kept = self._state.responses.get(request.path_params["id"])
        return JSONResponse(listed(kept.items, request.query_params))

    def _items(self, body: dict[str, Any]) -> list[Item]:
        """Return all items that the model is to see, those it goes on from first."""
        earlier: list[Item] = []
        if previous := body.get("previous_response_id"):
            earlier = list(self._state.responses.previous(previous).all_items)
        if (given := body.get("conversation")) is not None:
            earlier = self._state.conversations.named(conversation_id(given)).items
        return [*earlier, *resolved(read_items(body.get("input")), earlier)]
