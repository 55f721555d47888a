"""What the pages of the inbox ask for about operators: invitations, presence, what they did."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from sqlalchemy import Connection

from domain.json import JsonObject
from features.inbox import masks, operators, staff
from features.inbox.access import AccessRefused
from features.inbox.api_route import InboxRoute
from features.inbox.asking import Given, inbox_of, operator_of
from features.inbox.html_page import html_page
from features.inbox.masks import SHOWS_ALL
from features.inbox.operators import Operator, Role
from features.inbox.page_routes import PAGE_HEADERS, access_of, root_of, to_sign_in
from features.inbox.schema import Away, Invitation, Switch
from features.inbox.staff_page import page
from storage.tables import users

BUSINESSES = (
    "<h2>Your businesses</h2><p>The inboxes that were opened in this browser. Each has operators "
    "of its own: open the link of an invitation here to see one more.</p>"
    '<ul id="businesses" class="cards"></ul>'
)

router = APIRouter(route_class=InboxRoute)


@router.get("/team")
async def team(request: Request) -> Response:
    """Return the page, or lead to the sign-in page."""
    if await access_of(request).find(request) is None:
        return to_sign_in(request)
    operator, inbox = await _supervisor(request), inbox_of(request)

    def read(connection: Connection, _now: float) -> str:
        acts = staff.audit(connection)
        keys = sorted({one["key"] for one in acts if one["key"]})
        known = users.people(connection, users.by_key, keys)
        return page(
            operators.all_operators(connection),
            acts,
            {key: SHOWS_ALL.name(user) for key, user in known.items()},
            operator=operator,
            are_hidden=masks.are_hidden(connection),
            now=inbox.clock(),
            zone=inbox.zone,
        )

    return HTMLResponse(await inbox.database.reader.run(read), headers=PAGE_HEADERS)


@router.get("/businesses")
async def businesses(request: Request) -> Response:
    """Return the page with the inboxes that the browser knows, or lead to the sign-in page."""
    operator = await access_of(request).find(request)
    if operator is None:
        return to_sign_in(request)
    shown = html_page(
        "Businesses", BUSINESSES, is_supervisor=operator.is_supervisor, script="businesses.js"
    )
    return HTMLResponse(shown, headers=PAGE_HEADERS)


@router.get("/api/counts")
async def counts(request: Request) -> JsonObject:
    """Return how many people wait, are unread, and call the operator."""
    return await inbox_of(request).counts(await operator_of(request))


@router.get("/api/audit")
async def audit(request: Request) -> JsonObject:
    """Return what operators did lately, to supervisors."""
    await _supervisor(request)
    return {"acts": await inbox_of(request).staff.audit()}


@router.post("/api/operators")
async def invite(request: Request, body: Invitation) -> JsonObject:
    """Return the path of a link that signs an operator in, to admins."""
    admin = await _admin(request)
    secret = await inbox_of(request).staff.invite(admin, body.name, body.role)
    return {"path": f"{root_of(request)}/inbox/sign-in#{secret}"}


@router.delete("/api/operators", status_code=204)
async def revoke(request: Request, name: Given) -> None:
    """End all sessions of an operator, for admins."""
    await inbox_of(request).staff.revoke(await _admin(request), name)


@router.post("/api/masks", status_code=204)
async def hide_numbers(request: Request, body: Switch) -> None:
    """Hide the numbers of people from agents, for supervisors."""
    await inbox_of(request).staff.hide_numbers(await _supervisor(request), is_on=body.is_on)


@router.post("/api/away", status_code=204)
async def set_away(request: Request, body: Away) -> None:
    """Note whether the operator wants no conversations for now."""
    await inbox_of(request).staff.set_away(await operator_of(request), is_away=body.is_away)


async def _supervisor(request: Request) -> Operator:
    operator = await operator_of(request)
    if not operator.is_supervisor:
        raise AccessRefused(403, "Only supervisors see this.")
    return operator


async def _admin(request: Request) -> Operator:
    operator = await operator_of(request)
    if operator.role is not Role.ADMIN:
        raise AccessRefused(403, "Only admins do this.")
    return operator
