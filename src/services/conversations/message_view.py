"""A message as others than the bot read it: operators, and the model of the assistant."""

from collections.abc import Iterator, Mapping

from domain.inbound import Inbound

#: Longest part of a quoted message that is shown, in characters.
MAX_QUOTE_CHARS = 300
#: Longest name of a file, in characters.
MAX_FILE_NAME_CHARS = 240


def words_of(message: Inbound) -> str:
    """Return what a message says, whatever its type; empty if nothing can be told of it."""
    return message.text or message.description or ""


def in_context(message: Inbound) -> str:
    """Return what a message says, after what it refers to: a quotation, a product, an ad."""
    return "\n".join(filter(None, (*_references(message), words_of(message))))


def for_operators(message: Inbound) -> str:
    """Return what a message says, with its file: "[document: invoice.pdf]" before the caption."""
    name = file_name(message)
    shown = f"[{message.kind}: {name}]" if name else f"[{message.kind}]"
    words = in_context(message)
    return "\n".join(filter(None, (shown if name or not words else "", words)))


def file_name(message: Inbound) -> str | None:
    """Return the name that the person gave to a file; None without one."""
    content = message.content if message.attachment is not None else None
    name = content.get("filename") if isinstance(content, Mapping) else None
    return name.strip()[:MAX_FILE_NAME_CHARS] or None if isinstance(name, str) else None


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
