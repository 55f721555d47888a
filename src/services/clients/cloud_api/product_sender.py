"""Sends products of a catalogue at Meta: the part of `WhatsAppService` that shops need."""

from collections.abc import Sequence

from schemas.product_schema import CatalogueMessage, ProductListMessage, ProductMessage
from services.clients.cloud_api.default_instance import on_default
from services.clients.cloud_api.sender import MessageSender, SentMessage


class ProductSender(MessageSender):
    """Sends messages that show products. The catalogue belongs to the WhatsApp account."""

    @on_default
    async def send_product(
        self,
        to: str,
        catalog_id: str,
        product_id: str,
        body: str | None = None,
        footer_text: str | None = None,
    ) -> SentMessage:
        """Send one product of a catalogue.

        Args:
            to: The recipient.
            catalog_id: Id of the catalogue, from the Commerce Manager.
            product_id: The product's own id in the catalogue (its SKU).
            body: A text of 1 to 1024 characters.
            footer_text: A text of 1 to 60 characters below the body.

        Returns:
            The id that Meta gave the message.

        Example:
            >>> await WhatsAppService.send_product("+573001234567", "194836987003835", "cup-12")
        """
        message = ProductMessage(
            catalog_id=catalog_id, product_id=product_id, body=body, footer=footer_text
        )
        return await self._send(to, message)

    @on_default
    async def send_product_list(
        self,
        to: str,
        catalog_id: str,
        header: str,
        body: str,
        title: str,
        products: Sequence[str],
        footer_text: str | None = None,
    ) -> SentMessage:
        """Send a list of products of a catalogue.

        Args:
            to: The recipient.
            catalog_id: Id of the catalogue, from the Commerce Manager.
            header: A text of 1 to 60 characters above the body.
            body: A text of 1 to 1024 characters.
            title: Title of the list, of 1 to 24 characters.
            products: 1 to 30 ids of products (SKUs).
            footer_text: A text of 1 to 60 characters below the body.

        Returns:
            The id that Meta gave the message. A basket that the person sends comes back as an
            inbound message of the type `order`.

        Example:
            >>> await WhatsAppService.send_product_list(
            ...     to="+573001234567", catalog_id="194836987003835", header="Pottery",
            ...     body="All of it is made by hand.", title="Cups", products=["cup-12", "cup-13"],
            ... )
        """
        message = ProductListMessage(
            catalog_id=catalog_id,
            header=header,
            body=body,
            title=title,
            products=products,
            footer=footer_text,
        )
        return await self._send(to, message)

    @on_default
    async def send_catalogue(
        self, to: str, body: str, footer_text: str | None = None, thumbnail_id: str | None = None
    ) -> SentMessage:
        """Send a button that opens the catalogue of the number.

        Args:
            to: The recipient.
            body: A text of 1 to 1024 characters.
            footer_text: A text of 1 to 60 characters below the body.
            thumbnail_id: Id of the product (SKU) whose picture is shown; by default the first.

        Returns:
            The id that Meta gave the message.

        Example:
            >>> await WhatsAppService.send_catalogue("+573001234567", "Everything that we make.")
        """
        message = CatalogueMessage(body=body, footer=footer_text, thumbnail_id=thumbnail_id)
        return await self._send(to, message)
