"""Templates and values by chance, and the JSON that a caller without our checks would send."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st

from features.templates.model import (
    ButtonValue,
    CardValues,
    FileValue,
    FlowValue,
    HeaderValue,
    PlaceValue,
    ProductSection,
    ProductsValue,
    ProductValue,
    Template,
    TemplateValues,
    Texts,
)
from features.templates.parts import is_login_button

LINK = "https://e.org/{{1}}"
LOGIN = "https://www.whatsapp.com/otp/code/?otp_type=COPY_CODE&code=otp{{1}}"
NAMES = ("supplier", "total", "day")
FINE = ["Ana", "100 EUR", "PO-1", "x" * 20]
usually = st.sampled_from([True] * 9 + [False])
nearly_always = st.sampled_from([True] * 19 + [False])
texts = st.sampled_from([*FINE * 4, "", " ", "x" * 70, "x" * 300, "x" * 2000])
files = st.builds(
    FileValue,
    link=st.sampled_from([*["https://e.org/a.png"] * 5, "", "e.org/a.png", "https://"]),
    id=st.sampled_from([*[""] * 7, "123"]),
    filename=st.sampled_from([*[""] * 7, "a.pdf"]),
)
places = st.builds(
    PlaceValue,
    st.sampled_from([4.6, 4.6, 4.6, 91.0]),
    st.sampled_from([-74.0, -74.0, -74.0, 181.0]),
    texts,
    texts,
)
products = st.builds(
    ProductValue, st.sampled_from(["1", "1", ""]), st.sampled_from(["sku", "sku", ""])
)
headers: st.SearchStrategy[HeaderValue | None] = st.one_of(
    st.none(), texts, files, places, products
)
sections = st.builds(
    ProductSection,
    st.sampled_from(["", "Bread", "x" * 25]),
    st.lists(st.sampled_from(["sku", ""]), max_size=2),
)
button_values: st.SearchStrategy[ButtonValue] = st.one_of(
    texts,
    st.builds(FlowValue, token=st.sampled_from(["", "unused"])),
    st.builds(
        ProductsValue,
        st.sampled_from(["", "sku"]),
        st.one_of(st.lists(sections, max_size=2), st.just([ProductSection("Bread", ["a"] * 31)])),
    ),
)
buttons = st.sampled_from(
    [
        {"type": "QUICK_REPLY", "text": "Yes"},
        {"type": "URL", "text": "See", "url": LINK},
        {"type": "URL", "text": "See", "url": "https://e.org/"},
        {"type": "PHONE_NUMBER", "text": "Call", "phone_number": "+573001234567"},
        {"type": "COPY_CODE", "text": "Copy"},
        {"type": "FLOW", "text": "Book", "flow_id": "1"},
        {"type": "CATALOG", "text": "Catalog"},
        {"type": "MPM", "text": "Products"},
        {"type": "SPM", "text": "View"},
        {"type": "VOICE_CALL", "text": "Call"},
    ]
)


@st.composite
def parts(draw: st.DrawFn, is_named: bool) -> list[dict[str, Any]]:
    """Header, body and buttons of a template or a card."""
    count = draw(st.integers(0, 3))
    names = NAMES[:count] if is_named else [str(place + 1) for place in range(count)]
    made: list[dict[str, Any]] = []
    form = draw(st.sampled_from(["", "TEXT", "IMAGE", "DOCUMENT", "LOCATION", "PRODUCT"]))
    if form == "TEXT":
        variable = "{{who}}" if is_named else "{{1}}"
        text = draw(st.sampled_from(["Order", f"For {variable} now"]))
        made.append({"type": "HEADER", "format": "TEXT", "text": text})
    elif form:
        made.append({"type": "HEADER", "format": form})
    made.append({"type": "BODY", "text": " and ".join(["Hi", *(f"{{{{{x}}}}}" for x in names)])})
    if given := draw(st.lists(buttons, max_size=2)):
        made.append({"type": "BUTTONS", "buttons": given})
    return made


@st.composite
def templates(draw: st.DrawFn) -> Template:
    """An approved template of any kind."""
    is_named = draw(st.booleans())
    if not draw(usually):
        login = {"type": "URL", "text": "Copy code", "url": LOGIN}
        code: list[dict[str, Any]] = [
            {"type": "BODY", "text": "*{{1}}* is your code."},
            {"type": "BUTTONS", "buttons": [login]},
        ]
        return Template("1", "code", "en", category="AUTHENTICATION", components=code)
    made = draw(parts(is_named))
    match draw(st.integers(0, 4)):
        case 0:
            card = draw(parts(is_named))
            made.append({"type": "CAROUSEL", "cards": [{"components": card}] * 2})
        case 1:
            offer = {"text": "Ends soon", "has_expiration": draw(st.booleans())}
            made.append({"type": "LIMITED_TIME_OFFER", "limited_time_offer": offer})
    form = "NAMED" if is_named else "POSITIONAL"
    return Template("1", "order", "en", parameter_format=form, components=made)


@st.composite
def texts_for(draw: st.DrawFn, components: Sequence[Mapping[str, Any]], is_named: bool) -> Texts:
    """Values of a body that often fit, and often do not."""
    body = next(str(one["text"]) for one in components if one["type"] == "BODY")
    count = body.count("{{") if draw(usually) else draw(st.integers(0, 4))
    values = draw(st.lists(texts, min_size=count, max_size=count))
    if is_named if draw(usually) else not is_named:
        names = (*NAMES, "more") if draw(usually) else ("more", *NAMES)
        return dict(zip(names, values, strict=False))
    return values


@st.composite
def values_for(draw: st.DrawFn, components: Sequence[Mapping[str, Any]], is_named: bool) -> Any:
    """(body, header, buttons) that often fit, and often do not."""
    header = next((one for one in components if one["type"] == "HEADER"), {})
    kinds: dict[str, st.SearchStrategy[Any]] = {
        "": st.none(),
        "TEXT": texts if "{{" in header.get("text", "") else st.none(),
        "LOCATION": places,
        "PRODUCT": products,
    }
    fitting = kinds.get(str(header.get("format", "")), files)
    defined: Any = next((one["buttons"] for one in components if one["type"] == "BUTTONS"), [])
    given: dict[int, ButtonValue] = {}
    for place, button in enumerate(defined):
        if button.get("url") == LOGIN:  # the code fills it
            continue
        if draw(usually):
            value = draw(_fitting(button))
            given |= {} if value is None else {place: value}
        elif draw(st.booleans()):
            given[place] = draw(button_values)
    if not draw(nearly_always):
        given[len(defined)] = draw(button_values)
    body = draw(texts_for(components, is_named))
    return body, draw(fitting if draw(usually) else headers), given


def _fitting(button: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    short = st.sampled_from([*FINE[:3] * 3, "x" * 15, "x" * 16, "x" * 256, "x" * 257, ""])
    products_of_two = ProductsValue("sku", [ProductSection("Bread", ["a", "b"])])
    match button["type"]:
        case "COPY_CODE" | "QUICK_REPLY":
            return short
        case "URL" if button["url"] == LINK:
            return texts
        case "MPM":
            return st.just(products_of_two)
    return st.none()


@st.composite
def requests(draw: st.DrawFn) -> tuple[Template, TemplateValues]:
    """A template, and the values of a message."""
    template = draw(templates())
    body, header, given = draw(values_for(template.components, template.is_named))
    carousel = next((one for one in template.components if one["type"] == "CAROUSEL"), None)
    cards = [
        CardValues(header=head, body=text, buttons=pressed)
        for card in (carousel or {"cards": []})["cards"]
        for text, head, pressed in [draw(values_for(card["components"], template.is_named))]
    ]
    if not draw(nearly_always):
        cards = cards[1:] or [CardValues()]
    offers = [one for one in template.components if one["type"] == "LIMITED_TIME_OFFER"]
    expires = any(one["limited_time_offer"]["has_expiration"] for one in offers)
    if not draw(nearly_always):
        expires = not expires
    ends = datetime(2026, 12, 1, tzinfo=UTC) if expires else None
    values = TemplateValues(body, header, given, cards, ends)
    return template, values


def careless(template: Template, values: TemplateValues) -> list[dict[str, Any]]:
    """Return what a caller sends who fills in what is there, and looks at no definition."""
    made = _careless(template, template.components, values.header, values.body, values.buttons)
    if values.offer_ends_at is not None:
        offer = {"expiration_time_ms": int(values.offer_ends_at.timestamp() * 1000)}
        parameter = {"type": "limited_time_offer", "limited_time_offer": offer}
        made.append({"type": "limited_time_offer", "parameters": [parameter]})
    if values.cards:
        carousel = [one for one in template.components if one["type"] == "CAROUSEL"]
        defined = carousel[0]["cards"] if carousel else [{"components": []}] * 9
        cards = [
            {
                "card_index": place,
                "components": _careless(
                    template, card["components"], given.header, given.body, given.buttons
                ),
            }
            for place, (given, card) in enumerate(zip(values.cards, defined, strict=False))
        ]
        made.append({"type": "carousel", "cards": cards})
    return made


def _careless(
    template: Template,
    components: Sequence[Mapping[str, Any]],
    header: Any,
    body: Texts,
    given: Mapping[int, ButtonValue],
) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = []
    if header is not None:
        made.append({"type": "header", "parameters": [_header(components, header)]})
    named = isinstance(body, Mapping)
    pairs = list(body.items()) if isinstance(body, Mapping) else [("", one) for one in body]
    made.append({"type": "body", "parameters": [_text(text, name) for name, text in pairs]})
    defined: Any = next((one["buttons"] for one in components if one["type"] == "BUTTONS"), [])
    kinds = dict(enumerate(str(one["type"]) for one in defined))
    pressed: dict[int, ButtonValue] = {
        place: FlowValue() for place, kind in kinds.items() if kind == "FLOW"
    } | dict(given)
    if defined and is_login_button(template, defined[0]) and not named:
        pressed.setdefault(0, next(iter(pairs), ("", ""))[1])
    for place, value in pressed.items():
        kind = kinds.get(place, "URL")
        button = {"type": "button", "sub_type": kind.lower(), "index": str(place)}
        made.append(button | {"parameters": [_button(kind, value)]})
    return made


def _text(text: str, name: str) -> dict[str, Any]:
    return {"type": "text", "text": text} | ({"parameter_name": name} if name else {})


def _header(components: Sequence[Mapping[str, Any]], value: Any) -> dict[str, Any]:
    found = next((one for one in components if one["type"] == "HEADER"), {})
    match value:
        case FileValue():
            kind = str(found.get("format", "image")).lower()
            kind = kind if kind in ("image", "document") else "image"
            fields = {"link": value.link, "id": value.id, "filename": value.filename}
            return {"type": kind, kind: {name: one for name, one in fields.items() if one}}
        case PlaceValue():
            place = {name: getattr(value, name) for name in PlaceValue.__slots__}
            return {"type": "location", "location": place}
        case ProductValue():
            product = {
                "catalog_id": value.catalog_id,
                "product_retailer_id": value.product_id,
            }
            return {"type": "product", "product": product}
    name = "who" if "{{who}}" in str(found.get("text")) else ""
    return _text(value, name)


def _button(kind: str, value: ButtonValue) -> dict[str, Any]:
    match value:
        case FlowValue():
            return {"type": "action", "action": {"flow_token": value.token}}
        case ProductsValue():
            action: dict[str, Any] = {"thumbnail_product_retailer_id": value.thumbnail_product_id}
            if value.sections:
                action["sections"] = [
                    {
                        "title": one.title,
                        "product_items": [{"product_retailer_id": x} for x in one.product_ids],
                    }
                    for one in value.sections
                ]
            return {"type": "action", "action": action}
    name = {"COPY_CODE": "coupon_code", "QUICK_REPLY": "payload"}.get(kind, "text")
    return {"type": name, name: value}
