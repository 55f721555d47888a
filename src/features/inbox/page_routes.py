"""The pages of the inbox, and the sessions of who looks at them."""

from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, RedirectResponse, Response

from features.inbox.access import InboxAccess, set_cookie
from features.inbox.api_route import InboxRoute
from features.inbox.schema import SignIn

PAGES = Path(__file__).with_name("pages")
#: Nothing of a page comes from elsewhere, and no other page may show it in a frame.
PAGE_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; "
        "object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'none'"
    ),
    "Cache-Control": "no-cache",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

router = APIRouter(prefix="/inbox", tags=["inbox"], route_class=InboxRoute, include_in_schema=False)


@router.get("")
async def inbox(request: Request) -> Response:
    """Return the page, or lead to the sign-in page."""
    if await access_of(request).find(request) is None:
        return to_sign_in(request)
    return FileResponse(PAGES / "index.html", headers=PAGE_HEADERS)


@router.get("/sign-in")
async def sign_in_page() -> Response:
    """Return the page that a link opens; the secret is behind the #, which no server sees."""
    return FileResponse(PAGES / "sign-in.html", headers=PAGE_HEADERS)


@router.get("/pages/{name}")
async def page_file(name: str) -> Response:
    """Return a script or a style."""
    found = next((one for one in PAGES.iterdir() if one.name == name), None)
    if found is None or found.suffix not in (".css", ".js"):
        return Response(status_code=404)
    return FileResponse(found, headers=PAGE_HEADERS)


@router.post("/api/session")
async def sign_in(request: Request, body: SignIn) -> Response:
    """Open a session."""
    return with_session(request, await access_of(request).sign_in(request, body.token))


@router.delete("/api/session")
async def sign_out(request: Request) -> Response:
    """End the session."""
    await access_of(request).operator(request)
    await access_of(request).sign_out(request)
    response = Response(status_code=204)
    response.delete_cookie("inbox_session", path=f"{root_of(request)}/inbox")
    return response


def root_of(request: Request) -> str:
    """Return the path that leads to this bot: empty, or that of a business below /tenants."""
    return str(request.scope.get("root_path", ""))


def to_sign_in(request: Request) -> Response:
    """Return an answer that leads to the sign-in page."""
    return RedirectResponse(f"{root_of(request)}/inbox/sign-in", 303)


def with_session(request: Request, secret: str) -> Response:
    """Return an answer by which the browser keeps a session."""
    response = Response(status_code=204)
    forwarded = request.headers.get("x-forwarded-proto") == "https"
    is_https = forwarded or request.url.scheme == "https"
    set_cookie(response, secret, path=f"{root_of(request)}/inbox", is_https=is_https)
    return response


def access_of(request: Request) -> InboxAccess:
    """Return what knows who asks."""
    access: InboxAccess = request.state.inbox_access
    return access
