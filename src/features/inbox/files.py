"""Files that operators send: uploaded to Meta under the number of the conversation."""

import asyncio
from dataclasses import dataclass

from pydantic import ValidationError

from domain.inbound import Attachment
from features.inbox.acting import InboxActs
from features.inbox.conversation import ActRefused, OperatorMessage
from features.inbox.operators import Operator
from schemas.cloud_api_schema import CAPTIONED, MediaMessage, MediaType
from services.clients.cloud_api.errors import WhatsAppError
from services.clients.cloud_api.media import MEGABYTE, MediaFile
from services.sending.numbers import acting_as
from services.whatsapp_service import WhatsAppService

#: Largest file that the page sends, in bytes: Meta's limit for documents is higher.
MAX_SENT_BYTES = 16 * MEGABYTE


@dataclass(frozen=True, slots=True)
class SentFiles:
    """Sends files."""

    acts: InboxActs
    whatsapp: WhatsAppService

    async def send(
        self, operator: Operator, key: str, content: bytes, name: str, caption: str
    ) -> None:
        """Send a file that an operator dropped, pasted or chose. Raise ActRefused."""
        try:
            file = await asyncio.to_thread(MediaFile.of, content, name=name)
        except ValueError as error:
            raise ActRefused(f"Not sent: {error}.") from None
        await self.acts.look(key)
        media_id = await upload(self.acts, self.whatsapp, key, content, file)
        said = OperatorMessage(
            _message(file, media_id, name, caption),
            caption or (name if file.kind is MediaType.DOCUMENT else None),
            Attachment(file.kind, media_id, file.mime_type),
        )
        await self.acts.send(operator, key, [said], act="sent a file")


async def upload(
    acts: InboxActs, whatsapp: WhatsAppService, key: str, content: bytes, file: MediaFile
) -> str:
    """Return Meta's id of a file, under the number of a conversation. Raise ActRefused."""
    it = await acts.find(key)
    acts.require_unstopped(it)
    with acting_as(it.phone_number_id):
        try:
            return await whatsapp.upload_media(content, file.mime_type)
        except WhatsAppError as error:
            raise ActRefused(f"Meta did not take the file: {error}") from None


def _message(file: MediaFile, media_id: str, name: str, caption: str) -> MediaMessage:
    more: dict[str, str] = {}
    if caption and file.kind in CAPTIONED:
        more["caption"] = caption
    if file.kind is MediaType.DOCUMENT:
        more["filename"] = name
    try:
        return MediaMessage.model_validate({"kind": file.kind, "id": media_id, **more})
    except ValidationError:
        raise ActRefused("The text below the file is too long.") from None
