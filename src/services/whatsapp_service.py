"""Sends whatever WhatsApp can show: `await WhatsAppService.send_message(to=..., body=...)`."""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from schemas.cloud_api_schema import (
    ContactsMessage,
    LocationMessage,
    MediaMessage,
    MediaType,
    ReactionMessage,
    TemplateMessage,
    TextMessage,
)
from schemas.interactive_schema import (
    ButtonsMessage,
    CtaUrlMessage,
    ListMessage,
    LocationRequestMessage,
)
from services.clients.cloud_api.coercion import (
    ButtonLike,
    HeaderLike,
    SectionLike,
    as_buttons,
    as_header,
    as_sections,
    is_media_id,
    is_web_address,
)
from services.clients.cloud_api.default_instance import on_default
from services.clients.cloud_api.media import MediaFile
from services.clients.cloud_api.sender import MessageSender, SentMessage

__all__ = ["SentMessage", "WhatsAppService"]

DEFAULT_LIST_BUTTON = "Options"


class WhatsAppService(MessageSender):
    """One phone number of ours. Every method works on the class too, for the default instance.

    Raises a pydantic ValidationError (a ValueError) for what Meta would refuse, and a
    WhatsAppError for what Meta does refuse.
    """

    @on_default
    async def send_message(self, to: str, body: str, message_id: str | None = None) -> SentMessage:
        """A text; links are previewed. `message_id` quotes a message."""
        has_link = "http://" in body or "https://" in body
        message = TextMessage(body=body, preview_url=has_link, quoting=message_id)
        return await self._send(to, message)

    @on_default
    async def send_buttons_menu(
        self,
        to: str,
        body: str,
        buttons: Sequence[ButtonLike],
        header: HeaderLike | None = None,
        footer_text: str | None = None,
    ) -> SentMessage:
        """Up to three reply buttons."""
        return await self._send(
            to,
            ButtonsMessage(
                body=body,
                buttons=as_buttons(buttons),
                header=as_header(header),
                footer=footer_text,
            ),
        )

    @on_default
    async def send_list_menu(
        self,
        to: str,
        body: str,
        button_text: str | Sequence[SectionLike] = DEFAULT_LIST_BUTTON,
        sections: Sequence[SectionLike] = (),
        header: HeaderLike | None = None,
        footer_text: str | None = None,
    ) -> SentMessage:
        """Up to ten rows in sections. `(to, body, sections)` works as well."""
        if sections and not isinstance(button_text, str):
            raise TypeError("after the sections, give header and footer_text by name")
        label = button_text if isinstance(button_text, str) else DEFAULT_LIST_BUTTON
        shown = sections if isinstance(button_text, str) else button_text
        return await self._send(
            to,
            ListMessage(
                body=body,
                button=label,
                sections=as_sections(shown),
                header=as_header(header),
                footer=footer_text,
            ),
        )

    @on_default
    async def send_media(
        self,
        to: str,
        media_type: MediaType,
        media: str | Path | bytes,
        caption: str | None = None,
        filename: str | None = None,
        message_id: str | None = None,
    ) -> SentMessage:
        """A file: its URL, its path, its bytes, or the id of its upload."""
        more = {"caption": caption, "filename": filename, "quoting": message_id}
        source = {"link": media} if is_web_address(media) else {"id": media}
        if not is_web_address(media) and not is_media_id(media):
            MediaMessage.model_validate({"kind": media_type, **more})  # before the upload
            source = {"id": await self._upload(await _file_of(media), media_type)}
        return await self._send(
            to, MediaMessage.model_validate({"kind": media_type, **source, **more})
        )

    @on_default
    async def send_sticker(self, to: str, sticker: str | Path | bytes) -> SentMessage:
        """A WebP picture."""
        return await self.send_media(to, MediaType.STICKER, sticker)

    @on_default
    async def send_contact_message(self, to: str, contact: Mapping[str, Any]) -> SentMessage:
        """A contact card in Meta's shape; `name.formatted_name` is required."""
        return await self._send(to, ContactsMessage(contacts=[contact]))

    @on_default
    async def send_cta_button(
        self,
        to: str,
        body: str,
        button_text: str,
        button_url: str,
        header_text: str | None = None,
        footer_text: str | None = None,
    ) -> SentMessage:
        """A button that opens a web page."""
        return await self._send(
            to,
            CtaUrlMessage(
                body=body,
                label=button_text,
                url=button_url,
                header=as_header(header_text),
                footer=footer_text,
            ),
        )

    @on_default
    async def send_location(
        self,
        to: str,
        latitude: float,
        longitude: float,
        name: str | None = None,
        address: str | None = None,
    ) -> SentMessage:
        return await self._send(
            to,
            LocationMessage(latitude=latitude, longitude=longitude, name=name, address=address),
        )

    @on_default
    async def send_request_location(self, to: str, body: str) -> SentMessage:
        """Asks where the person is, by a button."""
        return await self._send(to, LocationRequestMessage(body=body))

    @on_default
    async def send_reaction(self, to: str, message_id: str, emoji: str) -> SentMessage:
        """An emoji on a message of theirs; an empty one takes it back."""
        return await self._send(to, ReactionMessage(message_id=message_id, emoji=emoji))

    @on_default
    async def send_template(
        self,
        to: str,
        name: str,
        language: str = "en_US",
        components: Sequence[Mapping[str, Any]] = (),
    ) -> SentMessage:
        """A message that Meta has approved: the only kind outside the 24-hour window."""
        message = TemplateMessage(name=name, language=language, components=components)
        return await self._send(to, message)

    @on_default
    async def mark_as_read(self, message_id: str) -> None:
        """Blue ticks on a message of theirs, and on all before it."""
        await self._api.post_message(_read(message_id))

    @on_default
    async def show_typing(self, message_id: str) -> None:
        """ "typing…" until we answer, for at most 25 seconds; marks as read too."""
        typing = {"typing_indicator": {"type": "text"}}
        await self._api.post_message({**_read(message_id), **typing})

    @on_default
    async def upload_media(self, media: str | Path | bytes, mime_type: str | None = None) -> str:
        """Give Meta a file to send later, as often as wanted; returns its id."""
        return await self._upload(await _file_of(media, mime_type))


async def _file_of(media: str | Path | bytes, mime_type: str | None = None) -> MediaFile:
    if isinstance(media, bytes):
        return MediaFile.of(media, mime_type=mime_type)
    return await asyncio.to_thread(MediaFile.read, Path(media), mime_type=mime_type)


def _read(message_id: str) -> dict[str, Any]:
    return {"messaging_product": "whatsapp", "status": "read", "message_id": message_id}
