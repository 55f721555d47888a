"""Routes of the inbox, whose errors are sentences that its pages show."""

from collections.abc import Callable, Coroutine
from typing import Any, ClassVar

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from fastapi.routing import APIRoute
from loguru import logger
from sqlalchemy.exc import SQLAlchemyError

from controllers.failure_text import failure_text
from features.inbox.access import AccessRefused, InboxAccess
from features.inbox.conversation import ActRefused
from features.inbox.files import MAX_SENT_BYTES
from jobs.job_queue import Overloaded
from routes.bodies import BodyTooLarge, with_body

MEGABYTE = 1024 * 1024
#: Largest request of a page, in bytes.
MAX_BODY_BYTES = MEGABYTE


class InboxRoute(APIRoute):
    """A route of the inbox."""

    #: Largest request, in bytes.
    max_body_bytes: ClassVar[int] = MAX_BODY_BYTES

    async def admit(self, request: Request) -> None:
        """Raise AccessRefused if the body is not even read."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler, with what it raises as answers."""
        handle = super().get_route_handler()

        async def answer(request: Request) -> Response:
            try:
                await self.admit(request)
                return await handle(await with_body(request, self.max_body_bytes))
            except AccessRefused as refused:
                return refused.response()
            except ActRefused as refused:
                return _said(409, str(refused))
            except BodyTooLarge:
                return _said(413, f"That is larger than {self.max_body_bytes // MEGABYTE} MB.")
            except RequestValidationError:
                return _said(422, "The page sent what the bot cannot read. Reload the page.")
            except Overloaded:
                return _said(503, "The bot is busy. Try again.")
            except (SQLAlchemyError, OSError) as error:
                logger.error("the inbox cannot read or store: {}", failure_text(error))
                return _said(503, "The database cannot be reached. Try again.")

        return answer


class FileRoute(InboxRoute):
    """A route that takes a file."""

    max_body_bytes = MAX_SENT_BYTES

    async def admit(self, request: Request) -> None:
        """Read files of operators alone: they are large."""
        access: InboxAccess = request.state.inbox_access
        await access.operator(request)


def _said(status: int, message: str) -> Response:
    return JSONResponse({"message": message}, status)
