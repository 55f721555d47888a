"""`/api/v1/events`: other systems tell what happened, by HTTP."""

from collections.abc import Sequence
from typing import Annotated, ClassVar

from fastapi import APIRouter, Header, Path, Query, Request, Security
from fastapi.responses import JSONResponse, Response
from fastapi.security import HTTPBearer
from pydantic import BaseModel, Field

from features.events.envelope import MAX_EVENT_BYTES, MAX_ID_CHARS, Envelope
from features.events.intake import TENANT_DIFFERS, EventIntake
from features.events.reading import Flaw, Hints, UnreadableEvent, read
from features.events.registry import EventRules
from features.notifications.access import require
from features.notifications.api_keys import Caller, Scope
from features.notifications.api_route import ERRORS, ApiRoute
from features.notifications.problems import ApiError, Problem
from features.notifications.schema import DryRunResult


class EventRoute(ApiRoute):
    """A route of the events: small bodies."""

    largest: ClassVar[int] = MAX_EVENT_BYTES


router = APIRouter(
    prefix="/api/v1/events",
    tags=["events"],
    route_class=EventRoute,
    responses=ERRORS,
    dependencies=[Security(HTTPBearer(auto_error=False, description="A key: wak_..."))],
)

EventType = Annotated[str, Path(max_length=MAX_ID_CHARS)]
EventId = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=MAX_ID_CHARS,
        description="Id of the event, where the body has none.",
    ),
]


class Accepted(BaseModel):
    """The answer to an event that is stored."""

    id: str = Field(description="The id of the event: yours, or a hash of its content.")
    duplicate: bool = Field(description="Whether it was stored before; then nothing is sent.")


@router.post(
    "/{type}",
    status_code=202,
    response_model=Accepted,
    responses={200: {"model": DryRunResult, "description": "A dry run: nothing is sent"}},
)
async def tell(
    request: Request,
    type: EventType,
    body: Envelope,
    event_id: EventId = None,
    dry_run: Annotated[bool, Query(description="Show the message; store nothing.")] = False,
) -> Response:
    """Tell an event; its file in src/events decides what is sent to whom."""
    caller: Caller = request.state.caller
    require(caller, Scope.EVENTS)
    rules: EventRules = request.state.event_rules
    intake: EventIntake = request.state.events
    if body.type not in (None, type):
        raise ApiError(422, type_differs())
    try:
        event = read(rules, body, Hints((type,), id=event_id))
        prepared = intake.prepared(caller.tenant, event)
    except UnreadableEvent as error:
        intake.metrics.count(error.type, "refused")
        raise ApiError(status_of(error), *problems_of(error)) from None
    if dry_run:
        shown = await intake.sender.preview(event, caller.tenant)
        return JSONResponse(shown.model_dump(mode="json"))
    is_new = await intake.store_one(prepared)
    answer = Accepted(id=event.id, duplicate=not is_new)
    return JSONResponse(answer.model_dump(), 202)


def status_of(error: UnreadableEvent) -> int:
    """Return the status of HTTP for an event that leads to no message."""
    known = {"type_unknown": 404, TENANT_DIFFERS: 403}
    return next((known[one.code] for one in error.flaws if one.code in known), 422)


def problems_of(error: UnreadableEvent) -> Sequence[Problem]:
    """Return what is wrong with an event as the API tells it."""
    return [
        Problem(code=one.code, field=one.field, message=one.message, fix=one.fix)
        for one in error.flaws
    ]


def type_differs() -> Problem:
    """Return the problem of a body with another type than the address."""
    flaw = Flaw("type_differs", "type", "The body has another type than the address.", "")
    return Problem(code=flaw.code, field=flaw.field, message=flaw.message, fix="Leave one out.")
