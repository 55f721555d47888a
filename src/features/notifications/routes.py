"""`/api/v1/notifications`: other systems send messages, and read what became of them."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Header, Path, Query, Request, Security
from fastapi.responses import JSONResponse, Response
from fastapi.security import HTTPBearer

from features.notifications.acceptance import StoredResponse
from features.notifications.access import require
from features.notifications.api_keys import Caller, Scope
from features.notifications.api_route import ERRORS, ApiRoute
from features.notifications.queries import NotificationQueries
from features.notifications.reading import Filter
from features.notifications.schema import (
    MAX_REFERENCE_CHARS,
    BatchResult,
    CancelResult,
    DryRunResult,
    NotificationList,
    NotificationRequest,
    NotificationView,
    PauseList,
)
from features.notifications.service import NotificationService
from features.notifications.stage import Status
from features.notifications.statistics.groups import GroupBy
from features.notifications.statistics.periods import begin_of_hour
from features.notifications.statistics.schema import StatisticsResult
from features.notifications.statistics.table import as_csv
from features.notifications.template_schema import Moment
from utils.storable_text import StorableText

#: Most notifications on a page of a list.
MAX_PAGE = 200
#: Time that statistics cover unless a caller says otherwise.
STATISTICS_TIME = timedelta(days=30)

_NAMES = "|".join(GroupBy)
_BY = f"^((({_NAMES}),)*({_NAMES}))?$"

router = APIRouter(
    prefix="/api/v1/notifications",
    tags=["notifications"],
    route_class=ApiRoute,
    responses=ERRORS,
    dependencies=[Security(HTTPBearer(auto_error=False, description="A key: wak_..."))],
)

Id = Annotated[str, Path(max_length=64, pattern="^ntf_[0-9a-f]+$")]
BatchId = Annotated[str, Path(max_length=64, pattern="^bat_[0-9a-f]+$")]
PauseId = Annotated[str, Path(max_length=600, pattern="^(batch|template):[^/]+$")]
IdempotencyKey = Annotated[
    str | None,
    Header(
        min_length=1,
        max_length=255,
        pattern=r"^[\x21-\x7e]+$",
        description="Needed for several items: the same key sends them once.",
    ),
]
Reference = Annotated[StorableText | None, Query(max_length=MAX_REFERENCE_CHARS)]


@router.post(
    "",
    status_code=202,
    response_model=BatchResult,
    responses={200: {"model": DryRunResult, "description": "A dry run: nothing is sent"}},
)
async def send(
    request: Request, body: NotificationRequest, idempotency_key: IdempotencyKey = None
) -> Response:
    """Send up to 1,000 messages, all or nothing unless `on_error` is `partial`."""
    caller, service = _caller(request, Scope.SEND), _service(request)
    if body.dry_run:
        return JSONResponse((await service.preview(caller, body)).model_dump(mode="json"))
    return _accepted(await service.accept(caller, body, idempotency_key))


@router.get("")
async def show_many(
    request: Request,
    reference: Reference = None,
    batch: StorableText | None = None,
    template: StorableText | None = None,
    status: Status | None = None,
    after: StorableText | None = None,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 50,
) -> NotificationList:
    """List notifications, the newest first."""
    caller = _caller(request, Scope.READ)
    wanted = Filter(reference, batch, template, status, after)
    return await _queries(request).page(caller, wanted, limit)


@router.get(
    "/statistics",
    response_model=StatisticsResult,
    responses={200: {"content": {"text/csv": {}}, "description": "JSON, or CSV if asked for"}},
)
async def count(
    request: Request,
    since: Annotated[Moment | None, Query(alias="from")] = None,
    until: Annotated[Moment | None, Query(alias="to")] = None,
    by: Annotated[str, Query(pattern=_BY, description="Such as `day,template`.")] = "",
) -> Response:
    """Count the messages that were accepted in a time, by status.

    By default, these are the last 30 days, from the beginning of an hour on.
    """
    caller, queries = _caller(request, Scope.READ), _queries(request)
    end = until or queries.clock()
    begin = since or begin_of_hour(end, before=STATISTICS_TIME)
    names = [GroupBy(one) for one in by.split(",") if one]
    found = await queries.counts(caller, begin, end, names)
    if "text/csv" in request.headers.get("accept", ""):
        return Response(as_csv(found.groups, names), media_type="text/csv")
    return JSONResponse(found.model_dump(mode="json"))


@router.get("/pauses")
async def pauses(request: Request) -> PauseList:
    """List batches and templates that are paused because too many of their messages failed."""
    return await _queries(request).pauses(_caller(request, Scope.READ))


@router.delete("/pauses/{id}", status_code=204)
async def resume(request: Request, id: PauseId) -> Response:
    """Let a batch or a template go on that is paused."""
    await _queries(request).resume(_caller(request, Scope.SEND), id)
    return Response(status_code=204)


@router.get("/{id}")
async def show(request: Request, id: Id) -> NotificationView:
    """Return a notification, with the time of each of its statuses."""
    return await _queries(request).one(_caller(request, Scope.READ), id)


@router.delete("/{id}")
async def cancel(request: Request, id: Id) -> CancelResult:
    """Cancel a notification that Meta does not have yet."""
    return await _queries(request).cancel(_caller(request, Scope.SEND), id)


@router.delete("/batches/{id}")
async def cancel_batch(
    request: Request,
    id: BatchId,
) -> CancelResult:
    """Cancel those notifications of a batch that Meta does not have yet."""
    return await _queries(request).cancel_batch(_caller(request, Scope.SEND), id)


@router.post("/{id}/retry", status_code=202, response_model=BatchResult)
async def retry(request: Request, id: Id) -> Response:
    """Send a notification again that was not delivered, under a new id."""
    caller = _caller(request, Scope.SEND)
    return _accepted(await _service(request).retry(caller, id))


def _accepted(stored: StoredResponse) -> Response:
    headers = {"Idempotent-Replayed": "true"} if stored.is_replayed else None
    return Response(stored.response, 202, headers, "application/json")


def _caller(request: Request, scope: Scope) -> Caller:
    """Return who asks. Raise ApiError if their key is for something else."""
    caller: Caller = request.state.caller
    require(caller, scope)
    return caller


def _service(request: Request) -> NotificationService:
    service: NotificationService = request.state.notifications
    return service


def _queries(request: Request) -> NotificationQueries:
    queries: NotificationQueries = request.state.notification_queries
    return queries
