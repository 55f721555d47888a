"""Messages that show products of a catalogue at Meta.

Source: developers.facebook.com/docs/whatsapp/cloud-api/guides/sell-products-and-services
"""

from collections.abc import Sequence
from typing import Any, Self

from pydantic import model_validator

from schemas.cloud_api_limits import Body, FooterText, HeaderText, SectionTitle, refuse
from schemas.cloud_api_schema import OutgoingMessage, given

#: Most products of one message.
MAX_PRODUCTS = 30


class _Products(OutgoingMessage):
    footer: FooterText | None = None

    def _interactive(
        self, kind: str, action: dict[str, Any], *, body: str | None, header: str | None = None
    ) -> tuple[str, Any]:
        return "interactive", given(
            type=kind,
            header={"type": "text", "text": header} if header else None,
            body={"text": body} if body else None,
            footer={"text": self.footer} if self.footer else None,
            action=action,
        )


class ProductMessage(_Products):
    """One product."""

    catalog_id: str
    product_id: str
    body: Body | None = None

    def _content(self) -> tuple[str, Any]:
        action = {"catalog_id": self.catalog_id, "product_retailer_id": self.product_id}
        return self._interactive("product", action, body=self.body)


class ProductListMessage(_Products):
    """A list of 1 to 30 products."""

    catalog_id: str
    header: HeaderText
    body: Body
    title: SectionTitle
    products: Sequence[str]

    @model_validator(mode="after")
    def _has_some_products(self) -> Self:
        if not 1 <= len(self.products) <= MAX_PRODUCTS:
            raise refuse(f"a message has 1 to {MAX_PRODUCTS} products, not {len(self.products)}")
        return self

    def _content(self) -> tuple[str, Any]:
        items = [{"product_retailer_id": product} for product in self.products]
        sections = [{"title": self.title, "product_items": items}]
        action = {"catalog_id": self.catalog_id, "sections": sections}
        return self._interactive("product_list", action, body=self.body, header=self.header)


class CatalogueMessage(_Products):
    """A button that opens the catalogue of the number."""

    body: Body
    thumbnail_id: str | None = None

    def _content(self) -> tuple[str, Any]:
        action: dict[str, Any] = {"name": "catalog_message"}
        if self.thumbnail_id:
            action["parameters"] = {"thumbnail_product_retailer_id": self.thumbnail_id}
        return self._interactive("catalog_message", action, body=self.body)
