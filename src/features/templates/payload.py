"""The components of a message as Meta's API takes them; the values were checked before."""

from collections.abc import Iterator, Mapping, Sequence

from domain.json import JsonObject
from features.templates.button_checks import takes_value
from features.templates.model import (
    ButtonValue,
    CardValues,
    FileValue,
    FlowValue,
    HeaderValue,
    PlaceValue,
    ProductsValue,
    ProductValue,
    Template,
    TemplateValues,
    Texts,
)
from features.templates.parts import (
    Parts,
    by_name,
    clean,
    is_login_button,
    kind_of,
    login_code,
    variables,
)
from schemas.cloud_api_schema import TemplateMessage


def message_of(template: Template, values: TemplateValues) -> TemplateMessage:
    """Return the message to send, for `CloudApi` and the outbox."""
    made = components(template, values)
    return TemplateMessage(name=template.name, language=template.language, components=made)


def components(template: Template, values: TemplateValues) -> list[JsonObject]:
    """Return the components of a message with values that `check_send` accepts."""
    parts = Parts.of(template.components)
    made = [
        *_header(parts, values.header, template.is_named),
        *_body(parts, values.body, template.is_named),
        *_offer(values),
        *_buttons(template, parts, values),
    ]
    if values.cards:
        cards = [
            {"card_index": place, "components": _card(template, card, given)}
            for place, (card, given) in enumerate(zip(parts.cards, values.cards, strict=True))
        ]
        made.append({"type": "carousel", "cards": cards})
    return made


def _card(template: Template, card: Parts, given: CardValues) -> list[JsonObject]:
    values = TemplateValues(body=given.body, header=given.header, buttons=given.buttons)
    return [
        *_header(card, given.header, template.is_named),
        *_body(card, given.body, template.is_named),
        *_buttons(template, card, values),
    ]


def _header(parts: Parts, value: HeaderValue | None, is_named: bool) -> Iterator[JsonObject]:
    if value is not None:
        yield {"type": "header", "parameters": [_header_parameter(parts, value, is_named)]}


def _header_parameter(parts: Parts, value: HeaderValue, is_named: bool) -> JsonObject:
    match value:
        case FileValue():
            kind = parts.header_format.lower()
            found = {"link": value.link, "id": value.id, "filename": value.filename}
            return {"type": kind, kind: {name: one for name, one in found.items() if one}}
        case PlaceValue():
            place = {
                "latitude": value.latitude,
                "longitude": value.longitude,
                "name": clean(value.name),
                "address": clean(value.address),
            }
            return {"type": "location", "location": place}
        case ProductValue():
            product = {
                "product_retailer_id": value.product_id,
                "catalog_id": value.catalog_id,
            }
            return {"type": "product", "product": product}
    [name] = variables(parts.header_text)
    return _text(value, name if is_named else None)


def _body(parts: Parts, texts: Texts, is_named: bool) -> Iterator[JsonObject]:
    if names := variables(parts.body):
        values = by_name(texts, names)
        given = [_text(values[name], name if is_named else None) for name in names]
        yield {"type": "body", "parameters": given}


def _text(value: str, name: str | None) -> JsonObject:
    return {"type": "text", "text": clean(value)} | ({"parameter_name": name} if name else {})


def _offer(values: TemplateValues) -> Iterator[JsonObject]:
    if values.offer_ends_at is not None:
        milliseconds = int(values.offer_ends_at.timestamp() * 1000)
        offer = {"expiration_time_ms": milliseconds}
        parameter = {"type": "limited_time_offer", "limited_time_offer": offer}
        yield {"type": "limited_time_offer", "parameters": [parameter]}


def _buttons(template: Template, parts: Parts, values: TemplateValues) -> Iterator[JsonObject]:
    for index, button in enumerate(parts.buttons):
        kind, value = kind_of(button), values.buttons.get(index)
        if is_login_button(template, button):
            kind, parameter = "URL", {"type": "text", "text": login_code(values.body)}
        elif value is None and kind == "FLOW":
            parameter = _button_parameter(kind, FlowValue())
        elif value is None or not takes_value(button):
            continue
        else:
            parameter = _button_parameter(kind, value)
        yield {
            "type": "button",
            "sub_type": kind.lower(),
            "index": str(index),
            "parameters": [parameter],
        }


def _button_parameter(kind: str, value: ButtonValue) -> JsonObject:
    match value:
        case FlowValue():
            action: JsonObject = {"flow_token": value.token}
            action |= {"flow_action_data": dict(value.data)} if value.data else {}
            return {"type": "action", "action": action}
        case ProductsValue():
            return {"type": "action", "action": _products(value)}
    name = {"COPY_CODE": "coupon_code", "QUICK_REPLY": "payload"}.get(kind, "text")
    return {"type": name, name: clean(value)}


def _products(value: ProductsValue) -> JsonObject:
    thumbnail: Mapping[str, str] = {"thumbnail_product_retailer_id": value.thumbnail_product_id}
    sections: Sequence[JsonObject] = [
        {
            "title": section.title,
            "product_items": [{"product_retailer_id": one} for one in section.product_ids],
        }
        for section in value.sections
    ]
    made = dict(thumbnail) if value.thumbnail_product_id else {}
    return made | ({"sections": sections} if sections else {})
