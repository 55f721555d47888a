"""What a person would read: the text of a template with the values of one message."""

from collections.abc import Iterator, Mapping

from domain.json import JsonObject
from features.templates.checks import check_send
from features.templates.model import (
    ButtonValue,
    CardValues,
    FileValue,
    HeaderValue,
    PlaceValue,
    ProductValue,
    Template,
    TemplateValues,
    Texts,
)
from features.templates.parts import LOGIN_LINK, Parts, by_name, filled, kind_of, url_of, variables

__all__ = ["check_send", "render"]


def render(template: Template, values: TemplateValues) -> str:
    """Return the text a person would read: header, body, footer, buttons; a line each.

    A variable without a value stays as it is in the template.
    """
    parts = Parts.of(template.components)
    lines = [*_lines(parts, values.header, values.body), *_offer(parts, values)]
    lines += [parts.footer, *_buttons(parts, values.buttons)]
    for place, card in enumerate(parts.cards):
        given = values.cards[place] if place < len(values.cards) else CardValues()
        lines += [f"{place + 1}.", *_lines(card, given.header, given.body)]
        lines += _buttons(card, given.buttons)
    return "\n".join(line for line in lines if line.strip())


def _lines(parts: Parts, header: HeaderValue | None, texts: Texts) -> Iterator[str]:
    yield _header(parts, header)
    yield filled(parts.body, by_name(texts, variables(parts.body)))


def _header(parts: Parts, value: HeaderValue | None) -> str:
    kind = parts.header_format.lower()
    match value:
        case str():
            return filled(parts.header_text, dict.fromkeys(variables(parts.header_text), value))
        case FileValue():
            return f"[{kind}] {value.filename or value.link}".rstrip()
        case PlaceValue():
            return f"[{kind}] {value.name}, {value.address}"
        case ProductValue():
            return f"[{kind}] {value.product_id}"
    return f"[{kind}]" if kind not in ("", "text") else parts.header_text


def _offer(parts: Parts, values: TemplateValues) -> Iterator[str]:
    if parts.offer is not None:
        end = values.offer_ends_at
        until = f" ({end:%Y-%m-%d %H:%M %Z})" if end is not None else ""
        yield f"{parts.offer.get('text', '')}{until}"


def _buttons(parts: Parts, values: Mapping[int, ButtonValue]) -> Iterator[str]:
    for index, button in enumerate(parts.buttons):
        label = str(button.get("text") or kind_of(button).replace("_", " ").capitalize())
        yield f"[{label}]{_behind(button, values.get(index))}"


def _behind(button: JsonObject, value: ButtonValue | None) -> str:
    """Return what a button opens or copies, where a person would see it."""
    given = value if isinstance(value, str) else None
    if kind_of(button) == "COPY_CODE" and given is not None:
        return f" {given}"
    if kind_of(button) == "URL" and not url_of(button).startswith(LOGIN_LINK):
        names = variables(url_of(button))
        values = {} if given is None else dict.fromkeys(names, given)
        return f" {filled(url_of(button), values)}"
    return ""
