"""Sends messages and files: `await WhatsAppService.send_message(to=..., body=...)`.

The docstrings are the reference: docs/reference/whatsapp-service.md is generated from them.
"""

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
from services.clients.cloud_api.download import Downloads, checked_size
from services.clients.cloud_api.media import MAX_FILE_BYTES, MediaFile, MediaInfo
from services.clients.cloud_api.product_sender import ProductSender
from services.clients.cloud_api.sender import SentMessage

__all__ = ["MediaInfo", "SentMessage", "WhatsAppService"]

#: Label of the button that opens a list, where the caller gives none.
DEFAULT_LIST_BUTTON = "Options"


class WhatsAppService(ProductSender):
    """Sends messages from one phone number of the business.

    Every method works on an instance, and on the class. Calls on the class use the instance
    given to `use`. Without one, the first call opens an instance from WP_ACCESS_TOKEN and
    WP_PHONE_ID (environment or .env), and the end of the event loop closes it.

    In the bot's process, a message has a row in the table `delivery`, a failure is logged, and
    outside the 24-hour window OUTSIDE_WINDOW_TEMPLATE goes in its place, or Rejected (131047) is
    raised at once. A script opens no database: it has no row, and Meta itself refuses (131047).

    `to` is a phone number with its country code ("+573001234567"; spaces and hyphens are
    allowed), or a user id of Meta ("US.13491208655302741918") for people who hide their number.
    Lengths are counted in UTF-16 units: most emoji count as two characters.

    Raises:
        ValueError: The message breaks a limit of Meta, or `to` is no recipient. Nothing is sent,
            and nothing is cut. Limits raise pydantic's ValidationError, which is a ValueError.
        EnvironmentError: A call on the class found no WP_ACCESS_TOKEN or no WP_PHONE_ID.
        Rejected: Meta refused the message for good; `code` is Meta's error code.
        Blocked: Meta refuses everything from this account or token (a kind of Rejected).
        Throttled: Meta asked for a pause of more than 10 seconds, or for a third one. Send again
            after `retry_after`; shorter pauses are waited for.
        Unavailable: Meta was not reached or gave no usable answer. If `ambiguous` is true, the
            message may have been sent.

    The last four are kinds of WhatsAppError, in `services.clients.cloud_api.errors`.

    Example:
        >>> await WhatsAppService.send_message(to="+573001234567", body="Hello!")
        >>> api = CloudApi(http, token="EAAG...", phone_number_id="106540352242922")
        >>> await WhatsAppService(api).send_message(to="+573001234567", body="Hello!")
    """

    @on_default
    async def send_message(self, to: str, body: str, message_id: str | None = None) -> SentMessage:
        """Send a text. The first web address in it gets a preview.

        Args:
            to: The recipient.
            body: The text, of 1 to 4096 characters.
            message_id: Id of a message to quote.

        Returns:
            The id that Meta gave the message. The message is accepted, not yet delivered.

        Example:
            >>> await WhatsAppService.send_message("+573001234567", "See https://example.org")
        """
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
        """Send a text with reply buttons.

        Args:
            to: The recipient.
            body: The text, of 1 to 1024 characters.
            buttons: 1 to 3 buttons: `Button(id=..., title=...)`, `{"id": ..., "title": ...}` or
                Meta's own shape. A title has 1 to 20 characters, an id 1 to 256. Neither may
                occur twice.
            header: A text of 1 to 60 characters, or an image, video or document in Meta's shape.
            footer_text: A text of 1 to 60 characters below the body.

        Returns:
            The id that Meta gave the message. A tap comes back as an inbound message with the id
            of the button.

        Example:
            >>> buttons = [{"id": "yes", "title": "Yes"}, {"id": "no", "title": "No"}]
            >>> await WhatsAppService.send_buttons_menu("+573001234567", "Ready?", buttons)
        """
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
        """Send a text with a button that opens a list of choices.

        Args:
            to: The recipient.
            body: The text, of 1 to 4096 characters.
            button_text: Label of the button that opens the list, of 1 to 20 characters. The
                sections may stand here instead: `(to, body, sections)`.
            sections: 1 to 10 sections with at most 10 rows in all. A row has an id of 1 to 200
                characters that no other row has, a title of 1 to 24, and perhaps a description
                of 1 to 72. With more than one section, each needs a title of 1 to 24 characters.
            header: A text of 1 to 60 characters.
            footer_text: A text of 1 to 60 characters below the body.

        Returns:
            The id that Meta gave the message. A choice comes back as an inbound message with the
            id of the row.

        Raises:
            TypeError: An argument follows sections that stand in the place of `button_text`.

        Example:
            >>> rows = [{"id": "mon", "title": "Monday", "description": "9 am to 5 pm"}]
            >>> await WhatsAppService.send_list_menu(
            ...     "+573001234567", "Which day?", "Days", [{"rows": rows}]
            ... )
        """
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
        """Send a file. One that is given by path or as bytes is uploaded first.

        Args:
            to: The recipient.
            media_type: AUDIO or VIDEO (at most 16 MiB), IMAGE (5 MiB), DOCUMENT (100 MiB) or
                STICKER (500 KiB if it is animated, 100 KiB if not).
            media: A URL, a path, bytes, or the id that `upload_media` returned.
            caption: A text of 1 to 1024 characters: for images, videos and documents only.
            filename: The name that the recipient sees: for documents only.
            message_id: Id of a message to quote.

        Returns:
            The id that Meta gave the message.

        Raises:
            FileNotFoundError: There is no file at this path.
            ValueError: The file is too large, or of a type that Meta does not accept.

        Example:
            >>> await WhatsAppService.send_media(
            ...     "+573001234567", MediaType.DOCUMENT, "menu.pdf", caption="Our menu"
            ... )
        """
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
        """Send a sticker: a WebP picture.

        Args:
            to: The recipient.
            sticker: A URL, a path, bytes (at most 500 KiB if it is animated, 100 KiB if not), or
                the id that `upload_media` returned.

        Returns:
            The id that Meta gave the message.

        Raises:
            FileNotFoundError: There is no file at this path.

        Example:
            >>> await WhatsAppService.send_sticker("+573001234567", "smile.webp")
        """
        return await self.send_media(to, MediaType.STICKER, sticker)

    @on_default
    async def send_contact_message(self, to: str, contact: Mapping[str, Any]) -> SentMessage:
        """Send a contact card.

        Args:
            to: The recipient.
            contact: The card in Meta's shape; `name.formatted_name` is required.

        Returns:
            The id that Meta gave the message.

        Example:
            >>> card = {"name": {"formatted_name": "Ana"}, "phones": [{"phone": "+573001234567"}]}
            >>> await WhatsAppService.send_contact_message("+573009999999", card)
        """
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
        """Send a text with a button that opens a web page.

        Args:
            to: The recipient.
            body: The text, of 1 to 1024 characters.
            button_text: The label, of 1 to 20 characters.
            button_url: The address of the page: `http://` or `https://`.
            header_text: A text of 1 to 60 characters above the body.
            footer_text: A text of 1 to 60 characters below the body.

        Returns:
            The id that Meta gave the message.

        Example:
            >>> await WhatsAppService.send_cta_button(
            ...     "+573001234567", "Book a table", "Book", "https://example.org/book"
            ... )
        """
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
        """Send a place on the map.

        Args:
            to: The recipient.
            latitude: Degrees, from -90 to 90.
            longitude: Degrees, from -180 to 180.
            name: Name of the place.
            address: Address of the place, shown below the name.

        Returns:
            The id that Meta gave the message.

        Example:
            >>> await WhatsAppService.send_location("+573001234567", 4.6534, -74.0836, "Our shop")
        """
        return await self._send(
            to,
            LocationMessage(latitude=latitude, longitude=longitude, name=name, address=address),
        )

    @on_default
    async def send_request_location(self, to: str, body: str) -> SentMessage:
        """Ask where the recipient is, with a button that shares their location.

        Args:
            to: The recipient.
            body: The question, of 1 to 1024 characters.

        Returns:
            The id that Meta gave the message. The place comes back as an inbound message of type
            "location".

        Example:
            >>> await WhatsAppService.send_request_location("+573001234567", "Where are you?")
        """
        return await self._send(to, LocationRequestMessage(body=body))

    @on_default
    async def send_reaction(self, to: str, message_id: str, emoji: str) -> SentMessage:
        """Put an emoji on a message of the conversation.

        Args:
            to: The recipient.
            message_id: Id of the message.
            emoji: One emoji; an empty text removes the reaction.

        Returns:
            The id that Meta gave the reaction.

        Example:
            >>> await WhatsAppService.send_reaction("+573001234567", "wamid.HBgL", "👍")
        """
        return await self._send(to, ReactionMessage(message_id=message_id, emoji=emoji))

    @on_default
    async def send_template(
        self,
        to: str,
        name: str,
        language: str = "en_US",
        components: Sequence[Mapping[str, Any]] = (),
    ) -> SentMessage:
        """Send a template that Meta has approved.

        Only templates may be sent to people who have not written in the last 24 hours.

        Args:
            to: The recipient.
            name: Name of the template: 1 to 512 of `a-z`, `0-9` and `_`.
            language: Its language code, such as "es" or "en_US".
            components: Values for its variables, in Meta's shape.

        Returns:
            The id that Meta gave the message.

        Example:
            >>> await WhatsAppService.send_template("+573001234567", "hello_world")
        """
        message = TemplateMessage(name=name, language=language, components=components)
        return await self._send(to, message)

    @on_default
    async def mark_as_read(self, message_id: str) -> None:
        """Mark an inbound message, and all that came before it, as read.

        Args:
            message_id: Id of the inbound message.

        Example:
            >>> await WhatsAppService.mark_as_read("wamid.HBgL")
        """
        await self._api.post_message(_read(message_id))

    @on_default
    async def show_typing(self, message_id: str) -> None:
        """Show the typing indicator until the next message, for at most 25 seconds.

        It marks the message as read too.

        Args:
            message_id: Id of the inbound message that will be answered.

        Example:
            >>> await WhatsAppService.show_typing("wamid.HBgL")
        """
        typing = {"typing_indicator": {"type": "text"}}
        await self._api.post_message({**_read(message_id), **typing})

    @on_default
    async def upload_media(self, media: str | Path | bytes, mime_type: str | None = None) -> str:
        """Upload a file, to be sent later and more than once.

        Args:
            media: A path or bytes; the limits are those of `send_media`.
            mime_type: Type of the file; without it, the first bytes and the name decide.

        Returns:
            The id to give to `send_media`. Meta keeps the file for 30 days.

        Raises:
            FileNotFoundError: There is no file at this path.
            ValueError: The file is too large, or of a type that Meta does not accept.

        Example:
            >>> media_id = await WhatsAppService.upload_media("menu.pdf")
        """
        return await self._upload(await _file_of(media, mime_type))

    @on_default
    async def get_media(self, media_id: str) -> MediaInfo:
        """Look up a file that Meta stores: one that a person sent, or that was uploaded.

        Args:
            media_id: Meta's id of the file.

        Returns:
            `url` (valid for 5 minutes), `mime_type`, `sha256` and `file_size`.

        Example:
            >>> media = await WhatsAppService.get_media("1037543291543636")
            >>> media.mime_type
            'image/jpeg'
        """
        described = await self._api.describe_media(media_id)
        return MediaInfo(
            url=str(described.get("url") or ""),
            mime_type=str(described.get("mime_type") or ""),
            sha256=str(described.get("sha256") or ""),
            file_size=checked_size(described, MAX_FILE_BYTES),
        )

    @on_default
    async def download_media(self, media_id: str) -> bytes:
        """Return the content of a file that Meta stores; its hash is checked.

        Args:
            media_id: Meta's id of the file, of at most 100 MiB.

        Returns:
            The content.

        Raises:
            UnusableFile: The file is gone or too large, its address is not at Meta, or it is not
                the file that Meta described. A kind of WhatsAppError and of ValueError.

        Example:
            >>> content = await WhatsAppService.download_media("1037543291543636")
        """
        return await Downloads(self._api, self._api.http).fetch(media_id, most=MAX_FILE_BYTES)

    @on_default
    async def delete_media(self, media_id: str) -> None:
        """Delete a file that Meta stores, before it would delete it after 30 days.

        Args:
            media_id: Meta's id of the file.

        Example:
            >>> await WhatsAppService.delete_media("1037543291543636")
        """
        await self._api.delete_media(media_id)


async def _file_of(media: str | Path | bytes, mime_type: str | None = None) -> MediaFile:
    if isinstance(media, bytes):
        return MediaFile.of(media, mime_type=mime_type)
    return await asyncio.to_thread(MediaFile.read, Path(media), mime_type=mime_type)


def _read(message_id: str) -> dict[str, Any]:
    return {"messaging_product": "whatsapp", "status": "read", "message_id": message_id}
