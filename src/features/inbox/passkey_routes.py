"""What browsers ask for to make passkeys, and to sign in by them."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from domain.json import JsonObject
from features.inbox.api_route import InboxRoute
from features.inbox.asking import Given, inbox_of, operator_of
from features.inbox.page_routes import access_of, with_session
from features.inbox.passkeys import NOT_THIS_ONE
from features.inbox.schema import NewPasskey, PasskeyAnswer
from features.inbox.site import Site

router = APIRouter(route_class=InboxRoute)


@router.get("/api/passkeys")
async def passkeys(request: Request) -> JsonObject:
    """Return the operator's passkeys."""
    return {"passkeys": await inbox_of(request).passkeys.all(await operator_of(request))}


@router.post("/api/passkeys/options")
async def new_options(request: Request) -> JsonObject:
    """Return what the browser needs to make a passkey."""
    operator = await operator_of(request)
    return await inbox_of(request).passkeys.new_options(operator, _site(request))


@router.post("/api/passkeys", status_code=204)
async def add(request: Request, body: NewPasskey) -> None:
    """Keep a passkey that the browser made."""
    operator = await operator_of(request)
    await inbox_of(request).passkeys.add(operator, _site(request), body.name, body.credential)


@router.delete("/api/passkeys", status_code=204)
async def remove(request: Request, id: Given) -> None:
    """Let nobody sign in by a passkey any more."""
    await inbox_of(request).passkeys.remove(await operator_of(request), id)


@router.post("/api/session/options")
async def sign_in_options(request: Request) -> JsonObject:
    """Return what the browser needs to sign in by a passkey."""
    access_of(request).require_own_page(request)
    return await inbox_of(request).passkeys.sign_in_options(_site(request))


@router.post("/api/session/passkey")
async def sign_in(request: Request, body: PasskeyAnswer) -> Response:
    """Open a session for whoever has a passkey."""
    passkeys, site = inbox_of(request).passkeys, _site(request)

    async def enter() -> str | None:
        return await passkeys.sign_in(site, body.credential)

    secret = await access_of(request).enter(request, enter, otherwise=NOT_THIS_ONE)
    return with_session(request, secret)


def _site(request: Request) -> Site:
    """Return where the page is: browsers say it themselves, whatever proxies change."""
    return Site(request.headers.get("origin") or f"{request.url.scheme}://{request.url.netloc}")
