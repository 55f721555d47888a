"""A message as others than the bot read it: operators, and the model of the assistant."""

from collections.abc import Iterator

from domain.inbound import Inbound

#: Longest part of a quoted message that is shown, in characters.
MAX_QUOTE_CHARS = 300


def words_of(message: Inbound) -> str:
    """Return what a message says, whatever its type; empty if nothing can be told of it."""
    return message.text or message.description or ""


def in_context(message: Inbound) -> str:
    """Return what a message says, after what it refers to: a quotation, a product, an ad."""
    return "\n".join(filter(None, (*_references(message), words_of(message))))


def _references(message: Inbound) -> Iterator[str]:
    if message.referral:
        source = message.referral.get("source_type")
        headline = message.referral.get("headline") or message.referral.get("body") or ""
        kind = source if isinstance(source, str) and source else "ad"
        yield f"(Came from the {kind}: {str(headline)[:MAX_QUOTE_CHARS] or 'without a headline'})"
    if message.product is not None:
        yield f"(About the product {message.product.retailer_id})"
    elif message.quotes is not None and message.kind != "revoke":
        quoted = (message.quoted_text or "")[:MAX_QUOTE_CHARS]
        yield f"(About the message: {quoted})" if quoted else "(About an earlier message)"
