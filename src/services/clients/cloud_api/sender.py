"""Sends messages to Meta: one attempt, or more where repeating cannot send a message twice."""

import asyncio
import re
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, Self

from domain.phone import other_writing
from schemas.cloud_api_limits import MAX_CALLBACK_DATA_CHARS
from schemas.cloud_api_schema import MediaType, OutgoingMessage
from services.clients.cloud_api.client import CloudApi
from services.clients.cloud_api.errors import Rejected, Throttled, Unavailable
from services.clients.cloud_api.from_environment import (
    cloud_api_from_environment,
    script_environment,
)
from services.clients.cloud_api.media import MediaFile
from services.clients.http import make_http_client

#: Error code of a recipient whom a test number may not write to.
NOT_ALLOWED = 131030
#: What Meta says of a template that it took and does not deliver yet.
HELD = frozenset({"held_for_quality_assessment", "paused"})
#: Attempts of a direct call. Only messages that Meta throttled are sent again.
MAX_ATTEMPTS = 3
#: Longest pause before another attempt of a direct call, in seconds.
MAX_WAIT_SECONDS = 10.0
_USER_ID = re.compile(r"[A-Z]{2}\.(ENT\.)?[0-9A-Za-z]{1,128}")
_SEPARATORS = re.compile(r"[\s().-]")


@dataclass(frozen=True, slots=True)
class SentMessage:
    """Meta's answer to a message that it accepted. The message is not yet delivered."""

    message_id: str
    #: WhatsApp id of the recipient; None if their phone number is hidden.
    wa_id: str | None = None
    #: Business-scoped user id of the recipient, if Meta gave one.
    user_id: str | None = None
    #: Whether Meta waits with it until it knows how people like the template.
    is_held: bool = False


class Ledger(Protocol):
    """Checks direct sends, and keeps rows about them."""

    async def send(
        self,
        to: str | None,
        recipient: str | None,
        message: OutgoingMessage,
        attempt: Callable[[OutgoingMessage, str], Awaitable[SentMessage]],
    ) -> SentMessage:
        """Call `attempt` with what may be sent, and an id that comes back in its statuses."""
        ...


class MessageSender:
    """Sends messages from one phone number. Each subclass has one default instance a process."""

    _default: ClassVar["MessageSender | None"] = None
    #: Event loop and generator of a default instance that was opened here, not given to `use`.
    _loop: ClassVar[asyncio.AbstractEventLoop | None] = None
    _opened: ClassVar[AsyncGenerator["MessageSender"] | None] = None

    def __init__(
        self, api: CloudApi, *, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        self._api = api
        self._sleep = sleep
        self._ledger: Ledger | None = None

    @classmethod
    def use(cls, service: "MessageSender | None") -> None:
        """Choose the instance that calls on the class use.

        Args:
            service: The instance. Its owner closes it. None goes back to the environment.

        Example:
            >>> WhatsAppService.use(WhatsAppService(api))
        """
        cls._default, cls._loop = service, None

    @classmethod
    async def default(cls) -> "MessageSender":
        """Return the instance of `use`, or open one from the environment for the running loop.

        It reads WP_ACCESS_TOKEN and WP_PHONE_ID from the environment or .env, and raises
        EnvironmentError if one is missing. Its connections are closed when the loop ends.
        """
        loop = asyncio.get_running_loop()
        if cls._default is None or cls._loop not in (None, loop):
            cls._opened = cls._open()
            cls._default, cls._loop = await anext(cls._opened), loop
        return cls._default

    @classmethod
    async def close(cls) -> None:
        """Close the connections that calls on the class opened; the next call opens new ones.

        Scripts need it only if their event loop goes on: the end of the loop closes them too. An
        instance given to `use` stays as it is.

        Example:
            >>> await WhatsAppService.close()
        """
        if cls._opened is not None and cls._loop is asyncio.get_running_loop():
            opened, cls._opened, cls._default, cls._loop = cls._opened, None, None, None
            await opened.aclose()

    @classmethod
    async def _open(cls) -> AsyncGenerator[Self]:
        """Yield an instance; asyncio closes generators that are open when their loop ends."""
        http = make_http_client()
        try:
            yield cls(cloud_api_from_environment(script_environment(), http))
        finally:
            await http.aclose()

    @property
    def phone_number_id(self) -> str:
        """Return Meta's id of the phone number that sends."""
        return self._api.phone_number_id

    async def deliver(
        self,
        message: OutgoingMessage | Mapping[str, Any],
        *,
        to: str | None = None,
        recipient: str | None = None,
        callback_data: str | None = None,
    ) -> SentMessage:
        """Send a message in one attempt, for callers that retry by themselves.

        `to` is a phone number or a user id, `recipient` a user id. `callback_data`, of at most
        512 characters, comes back in the statuses of the message. Raises WhatsAppError if Meta
        refuses the message or gives no usable answer, and ValueError without a recipient. A test
        number that does not know a recipient (131030) is tried once with the shorter way of
        writing numbers of Argentina, Brazil and Mexico.
        """
        payload = message.payload() if isinstance(message, OutgoingMessage) else message
        request: dict[str, Any] = {
            "messaging_product": "whatsapp",
            "recipient_type": "individual",
            **recipient_of(to, recipient),
            **payload,
        }
        if callback_data is not None:
            if len(callback_data) > MAX_CALLBACK_DATA_CHARS:
                raise ValueError(f"callback_data has at most {MAX_CALLBACK_DATA_CHARS} characters")
            request["biz_opaque_callback_data"] = callback_data
        try:
            return _sent(await self._api.post_message(request))
        except Rejected as error:
            other = other_writing(request.get("to", "").removeprefix("+"))
            if error.code != NOT_ALLOWED or other is None:
                raise
            return _sent(await self._api.post_message({**request, "to": f"+{other}"}))

    async def _upload(self, file: MediaFile, kind: MediaType | None = None) -> str:
        if kind is not None and file.kind is not kind:
            raise ValueError(f"{file.name} is of type {file.kind}: send it as that, not as {kind}")
        with file.open() as content:
            return await self._api.upload(content, mime_type=file.mime_type, filename=file.name)

    def keep_books(self, ledger: Ledger) -> None:
        """Have direct sends checked and kept by a process that has a database."""
        self._ledger = ledger

    async def _send(self, to: str, message: OutgoingMessage) -> SentMessage:
        """Send a message; in a process with a database, its ledger knows of it."""
        if self._ledger is None:
            return await self._try(to, message)
        whom = recipient_of(to)
        digits = whom.get("to", "").removeprefix("+") or None

        async def attempt(allowed: OutgoingMessage, callback_data: str) -> SentMessage:
            return await self._try(to, allowed, callback_data)

        return await self._ledger.send(digits, whom.get("recipient"), message, attempt)

    async def _try(
        self, to: str, message: OutgoingMessage, callback_data: str | None = None
    ) -> SentMessage:
        """Send again what Meta throttled. Other failures may hide a message that was sent."""
        for _ in range(MAX_ATTEMPTS - 1):
            try:
                return await self.deliver(message, to=to, callback_data=callback_data)
            except Throttled as error:
                wait = error.retry_after.total_seconds()
                if wait > MAX_WAIT_SECONDS:
                    raise
                await self._sleep(wait)
        return await self.deliver(message, to=to, callback_data=callback_data)


def _sent(answer: Mapping[str, Any]) -> SentMessage:
    try:
        contact = (answer.get("contacts") or [{}])[0]
        message = answer["messages"][0]
        is_held = message.get("message_status") in HELD
        return SentMessage(message["id"], contact.get("wa_id"), contact.get("user_id"), is_held)
    except (LookupError, TypeError) as error:
        raise Unavailable("Meta's answer names no message", ambiguous=True) from error


def recipient_of(to: str | None, recipient: str | None = None) -> dict[str, str]:
    """Return the fields of a request that name the recipient; raise ValueError without one.

    Numbers get a "+": without it, Meta may read them as numbers of the sender's country. A user
    id in `to` moves to `recipient`: in `to`, Meta would accept it and deliver nothing.
    """
    fields = {}
    if to and _USER_ID.fullmatch(to):
        fields["recipient"] = to
    elif to:
        digits = _SEPARATORS.sub("", to).removeprefix("+")
        if not (digits.isascii() and digits.isdecimal()):
            raise ValueError("the recipient is neither a phone number nor a user id")
        fields["to"] = f"+{digits}"
    if recipient:
        fields["recipient"] = recipient
    if not fields:
        raise ValueError("a message needs a recipient: a phone number or a user id")
    return fields
