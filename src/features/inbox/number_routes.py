"""Numbers of the inbox, as a page and as CSV, for supervisors."""

import csv
from datetime import date, timedelta
from io import StringIO
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response

from features.inbox.access import AccessRefused
from features.inbox.api_route import InboxRoute
from features.inbox.asking import inbox_of
from features.inbox.numbers import Numbers, Target, read_numbers, rows_of
from features.inbox.numbers_page import page
from features.inbox.page_routes import PAGE_HEADERS, access_of, to_sign_in

router = APIRouter(route_class=InboxRoute)
#: Messages are kept for so long.
Days = Annotated[int, Query(ge=1, le=90)]


@router.get("/numbers")
async def numbers(request: Request, days: Days = 30) -> Response:
    """Return the page, or lead to the sign-in page."""
    if await access_of(request).find(request) is None:
        return to_sign_in(request)
    found, since, until = await _numbers(request, days)
    now = inbox_of(request).clock()
    return HTMLResponse(page(found, since=since, until=until, now=now), headers=PAGE_HEADERS)


@router.get("/numbers.csv")
async def numbers_as_csv(request: Request, days: Days = 30) -> Response:
    """Return the numbers of each day."""
    found, _, _ = await _numbers(request, days)
    text = StringIO()
    csv.writer(text).writerows(rows_of(found))
    headers = {"Content-Disposition": 'attachment; filename="inbox.csv"'}
    return Response(text.getvalue(), headers=headers, media_type="text/csv; charset=utf-8")


async def _numbers(request: Request, days: int) -> tuple[Numbers, date, date]:
    operator = await access_of(request).operator(request)
    if not operator.is_supervisor:
        raise AccessRefused(403, "Only supervisors see this.")
    inbox = inbox_of(request)
    until = inbox.clock().astimezone(inbox.zone).date()
    since = until - timedelta(days=days - 1)
    target = Target(inbox.answer_minutes, inbox.clock())
    read = inbox.database.reader.run(lambda c, _: read_numbers(c, since, until, inbox.zone, target))
    return await read, since, until
