"""Routes whose errors all have one envelope; a key is checked before a body is read."""

import re
from collections.abc import Callable, Coroutine, Iterator
from typing import Any, ClassVar

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from fastapi.routing import APIRoute
from loguru import logger
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException

from controllers.failure_text import failure_text
from features.notifications.access import Access
from features.notifications.problems import ApiError, Code, ErrorResponse, Problem
from jobs.job_queue import Overloaded
from routes.bodies import BodyTooLarge, with_body

#: Largest request, in bytes.
MAX_BODY_BYTES = 1024 * 1024
#: Seconds after which a caller may try again.
RETRY_SECONDS = "5"
#: Longest place of a wrong value that is told.
MAX_FIELD_CHARS = 300

#: What every route may answer besides, for OpenAPI.
ERRORS: dict[int | str, dict[str, Any]] = {
    status: {"model": ErrorResponse, "description": description}
    for status, description in (
        (400, "The request is no JSON, or lacks a header"),
        (401, "The key is missing or wrong"),
        (403, "The key is for something else"),
        (404, "There is nothing of this id, or no key at all"),
        (409, "It is too late, or the budget is spent"),
        (413, "More than 1 MB"),
        (422, "Something in the request is wrong; nothing is stored"),
        (429, "Too many requests, or wrong keys; Retry-After says when to go on"),
        (503, "Not stored: try again"),
    )
}
#: Pydantic's types of errors that have a code of their own.
_CODES = {"missing": Code.FIELD_MISSING, "extra_forbidden": Code.FIELD_UNKNOWN}
#: What pydantic adds to the place of a value that may have several forms.
_FORMS = frozenset({"list[str]", "dict[str,str]", "str", "Button"})


class ApiRoute(APIRoute):
    """A route of the API, or of another feature's API with the same keys."""

    #: Largest request, in bytes.
    largest: ClassVar[int] = MAX_BODY_BYTES

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler, with what it raises as answers."""
        handle = super().get_route_handler()

        async def answer(request: Request) -> Response:
            try:
                access: Access = request.state.notification_access
                request.state.caller = await access.caller(request)
                return await handle(await with_body(request, self.largest))
            except ApiError as error:
                return _refused(error)
            except RequestValidationError as error:
                return _refused(_invalid(error))
            except HTTPException:  # FastAPI: a body that is no text
                return _refused(ApiError(400, _no_json()))
            except BodyTooLarge:
                return _refused(_too_large(self.largest))
            except Overloaded:
                return _refused(_not_stored())
            except (SQLAlchemyError, OSError) as error:
                logger.error("WhatsApp notifications could not be stored: {}", failure_text(error))
                return _refused(_not_stored())

        return answer


def _refused(error: ApiError) -> Response:
    body = error.response().model_dump(mode="json")
    return JSONResponse(body, error.status, error.headers)


def _invalid(error: RequestValidationError) -> ApiError:
    problems = [_problem(one) for one in error.errors()]
    outer = {start for one in problems for start in _places_around(one.field)}
    # Of something that may have one of two forms, what is wrong inside says more.
    inner = [one for one in problems if one.field not in outer]
    codes = {one.code for one in problems}
    if Code.TOO_MANY_ITEMS in codes:
        return ApiError(413, *inner)
    return ApiError(400 if Code.JSON_INVALID in codes else 422, *inner)


def _problem(error: dict[str, Any]) -> Problem:
    kind, place = str(error["type"]), error["loc"]
    if kind == "json_invalid" or place == ("body",):
        return _no_json()
    if kind == "too_long" and place == ("body", "items"):
        return Problem(
            code=Code.TOO_MANY_ITEMS,
            field="items",
            message="A request has at most 1,000 items.",
            fix="Send the rest in a second request, with a key of its own.",
        )
    return Problem(
        code=_CODES.get(kind, Code.FIELD_INVALID),
        field=_field(place),
        message=f"{error['msg']}.".replace("Value error, ", ""),
        fix="docs/notifications.md has the form of a request.",
    )


def _field(place: tuple[str | int, ...]) -> str:
    """Return a place as people write it: `items[0].template.name`; names may be the caller's."""
    parts = [one for one in place[1:] if one not in _FORMS]
    written = "".join(f"[{one}]" if isinstance(one, int) else f".{one}" for one in parts)
    return written.removeprefix(".")[:MAX_FIELD_CHARS]


def _places_around(field: str) -> Iterator[str]:
    """Yield `items[0].template` and `items[0]` and `items`, for `items[0].template.name`."""
    return (field[: one.start()] for one in re.finditer(r"[.\[]", field))


def _no_json() -> Problem:
    return Problem(
        code=Code.JSON_INVALID,
        message="The body is not JSON.",
        fix="Send JSON with Content-Type: application/json.",
    )


def _too_large(largest: int) -> ApiError:
    return ApiError(
        413,
        Problem(
            code=Code.BODY_TOO_LARGE,
            message=f"The body is larger than {largest // 1024:,} kB.",
            fix="Send less in a request.",
        ),
    )


def _not_stored() -> ApiError:
    return ApiError(
        503,
        Problem(
            code=Code.OVERLOADED,
            message="Nothing was stored: the bot is busy, or its database cannot be reached.",
            fix="Send the same request again, with the same Idempotency-Key.",
        ),
        headers={"Retry-After": RETRY_SECONDS},
    )
