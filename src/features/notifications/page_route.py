"""`/operators/statistics`: a page for browsers, which ask for the key as a password."""

import asyncio
from datetime import timedelta

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, PlainTextResponse, Response

from features.notifications.access import Access, require
from features.notifications.api_keys import Scope
from features.notifications.problems import ApiError
from features.notifications.queries import NotificationQueries
from features.notifications.statistics.groups import GroupBy
from features.notifications.statistics.page import page
from jobs.job_queue import Overloaded

#: Days that the page shows.
DAYS = 30
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
ASKS = {"WWW-Authenticate": 'Basic realm="Key with the scope read, as the password"'}

router = APIRouter(tags=["notifications"], include_in_schema=False)


@router.get("/operators/statistics")
async def show(request: Request) -> Response:
    """Show what became of the messages of the last 30 days."""
    access: Access = request.state.notification_access
    queries: NotificationQueries = request.state.notification_queries
    try:
        caller = await access.caller(request, is_browser=True)
        require(caller, Scope.READ)
    except Overloaded:
        return PlainTextResponse("The bot is busy: try again in a moment.", 503)
    except ApiError as error:
        told = "\n".join(f"{one.message} {one.fix}" for one in error.problems)
        headers = ASKS if error.status == 401 else error.headers
        return PlainTextResponse(told, error.status, headers)
    until = queries.clock()
    since = until - timedelta(days=DAYS - 1)
    since = since.replace(hour=0, minute=0, second=0, microsecond=0)
    groupings: tuple[list[GroupBy], ...] = ([], [GroupBy.DAY], [GroupBy.TEMPLATE, GroupBy.LANGUAGE])
    whole, days, templates = [
        (await queries.counts(caller, since, until, by)).groups for by in groupings
    ]
    shown = await asyncio.to_thread(
        page, whole, days, templates, since=since.date(), until=until.date()
    )
    return HTMLResponse(shown, headers=HEADERS)
