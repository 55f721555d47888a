"""Messages that code sends through `WhatsAppService` itself are checked and kept like others."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from loguru import logger

from domain.user import User
from jobs.commit import CommitJobs
from schemas.cloud_api_schema import OutgoingMessage, TemplateMessage
from services.clients.cloud_api.errors import WhatsAppError
from services.clients.cloud_api.sender import SentMessage
from services.sending.closed_window import allowed
from services.sending.outbox import QueueObserver
from storage.engine.group_commit import GroupCommit
from storage.engine.write import Write
from storage.tables import deliveries
from storage.tables.users import Users

#: Sends a message with an id that comes back in its statuses.
Attempt = Callable[[OutgoingMessage, str], Awaitable[SentMessage]]


@dataclass(frozen=True, slots=True)
class DirectSends:
    """Checks the window before a direct send, and keeps a row about it."""

    database: GroupCommit
    template: TemplateMessage | None
    observers: Sequence[QueueObserver]
    now: Callable[[], datetime]

    async def send(
        self, to: str | None, recipient: str | None, message: OutgoingMessage, attempt: Attempt
    ) -> SentMessage:
        """Send a message, or the template outside the window. Raise WhatsAppError."""
        user = await Users(self.database).find_by_identifier(to or recipient or "")
        if user is not None:
            message = allowed(message, user, self.template, self.now())
        delivery_id = deliveries.new_id(self.now())
        await self._write(*self._begun(delivery_id, user, message))
        try:
            sent = await attempt(message, delivery_id)
        except WhatsAppError as error:
            logger.warning("a direct message was not sent: {}", error)
            await self._write(
                deliveries.refuse(delivery_id, code=error.code, text=str(error), at=self.now())
            )
            raise
        await self._write(deliveries.accept(delivery_id, sent.message_id, at=self.now()))
        return sent

    def _begun(
        self, delivery_id: str, user: User | None, message: OutgoingMessage
    ) -> Sequence[Write]:
        payload, at = message.payload(), self.now()
        key = user.key if user is not None else None
        row = deliveries.add(delivery_id, user_key=key, kind=payload["type"], at=at)
        if user is None:
            return (row,)
        shown = [one.message_queued(delivery_id, user, payload, at) for one in self.observers]
        return (row, *(write for writes in shown for write in writes))

    async def _write(self, *writes: Write) -> None:
        await self.database.submit(CommitJobs(writes=writes))
