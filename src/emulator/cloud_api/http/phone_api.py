"""The phone page: people, conversations, files, a stream of events, the clock."""

from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from emulator.cloud_api.state.account import Account
from emulator.cloud_api.state.files import sent_file
from emulator.cloud_api.state.people import Person, wa_id_of
from emulator.json import JsonObject
from emulator.refusals import explained, object_of
from emulator.streams import event_stream

#: Types of entries that are nothing said: the list of people goes on showing what was before.
SILENT = frozenset(
    {"read", "typing", "reaction", "refused", "clock", "operator", "event", "notify"}
)
PAGES = Path(__file__).parents[1] / "pages"
#: People listed on the page, those who wrote last first.
MAX_LISTED_PEOPLE = 500
#: Switches of a person that the page may set.
SWITCHES = frozenset({"is_on_whatsapp", "wants_offers", "is_in_story"})
#: Content policy: only pictures and media of messages may come from elsewhere.
POLICY = "default-src 'self'; img-src 'self' https: blob: data:; media-src 'self' https: blob:"
PAGE_HEADERS = {"Cache-Control": "no-cache", "Content-Security-Policy": POLICY}


def phone_routes(account: Account) -> list[Route | Mount]:
    """The page at /phone, and its own part of /emulator/."""
    phone = _Phone(account)
    return [
        Route("/", phone.front),
        Route("/phone", phone.page),
        Mount("/pages", StaticFiles(directory=PAGES)),
        Route("/emulator/contacts", phone.contacts, methods=["GET"]),
        Route("/emulator/contacts", explained(phone.add_contact), methods=["POST"]),
        Route("/emulator/contacts/{wa_id}/files", explained(phone.send_file), methods=["POST"]),
        Route("/emulator/media/{file_id}", phone.media),
        Route("/emulator/events", phone.events),
    ]


class _Phone:
    def __init__(self, account: Account) -> None:
        self._account = account

    async def front(self, request: Request) -> Response:
        """Lead the bare address to the phone page."""
        return RedirectResponse("/phone")

    async def page(self, request: Request) -> Response:
        return FileResponse(PAGES / "phone.html", headers=PAGE_HEADERS)

    async def contacts(self, request: Request) -> Response:
        """The people heard of last, and from which event on to listen."""
        config = self._account.config
        return JSONResponse(
            {
                "last_event": self._account.feed.place(self._account.feed.last),
                "now": self._account.clock(),
                "ahead": self._account.clock.ahead,
                "window_seconds": config.window_seconds,
                "business": config.display_phone_number,
                "numbers": [one.metadata for one in self._account.lines],
                "bot": self._account.bot.shown(),
                "inbox": config.inbox_url,
                "contacts": [_shown(one) for one in self._account.people.recent(MAX_LISTED_PEOPLE)],
            }
        )

    async def add_contact(self, request: Request) -> Response:
        """Body: {"wa_id", "name", and switches of `Person` that can be set}."""
        given = await object_of(request)
        person = self._account.people.get(wa_id_of(given.get("wa_id")))
        person.introduce(given.get("name"), hides_phone=given.get("hides_phone"))
        for switch in SWITCHES & given.keys():
            setattr(person, switch, bool(given[switch]))
        return JSONResponse(_shown(person))

    async def send_file(self, request: Request) -> Response:
        """The body is the file; `name`, `caption` and `voice` are in the query."""
        person = self._account.people.get(wa_id_of(request.path_params["wa_id"]))
        asked, content = request.query_params, await request.body()
        mime_type = request.headers.get("content-type", "application/octet-stream")
        message = sent_file(
            self._account.files,
            content,
            mime_type,
            name=asked.get("name", "file"),
            caption=asked.get("caption", ""),
            is_voice="voice" in asked,
        )
        to = asked.get("to_number")
        return JSONResponse(self._account.say(person, message, to=to))

    async def media(self, request: Request) -> Response:
        """A file of either side, for the page: without token."""
        file = self._account.files.get(request.path_params["file_id"])
        if file is None:
            return Response(status_code=404)
        headers = {"Content-Security-Policy": "sandbox", "X-Content-Type-Options": "nosniff"}
        return Response(file.content, media_type=file.mime_type, headers=headers)

    async def events(self, request: Request) -> Response:
        """Each new entry of any conversation."""
        return event_stream(self._account.feed, request)


def _shown(person: Person) -> dict[str, Any]:
    return {
        "wa_id": person.wa_id,
        "user_id": person.user_id,
        "name": person.name,
        "hides_phone": person.hides_phone,
        "is_on_whatsapp": person.is_on_whatsapp,
        "wants_offers": person.wants_offers,
        "is_in_story": person.is_in_story,
        "wrote_at": person.wrote_at,
        "last_entry": next((one for one in reversed(person.entries) if _is_said(one)), None),
    }


def _is_said(entry: JsonObject) -> bool:
    return entry["type"] not in SILENT
