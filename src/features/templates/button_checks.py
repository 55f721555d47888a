"""What is wrong with the values of buttons: links, codes, payloads, products and Flows."""

from collections.abc import Iterator, Mapping, Sequence

from domain.json import JsonObject
from features.templates.model import (
    ButtonValue,
    FlowValue,
    ProblemCode,
    ProductsValue,
    Template,
    TemplateProblem,
)
from features.templates.parts import VARIABLE, clean, filled, is_login_button, kind_of, url_of
from schemas.cloud_api_limits import utf16_length
from utils.visible_text import is_blank

#: Longest values, in UTF-16 units.
MAX_URL_CHARS = 2000
MAX_COPY_CODE_CHARS = 15
MAX_PAYLOAD_CHARS = 256
MAX_SECTION_TITLE_CHARS = 24
MAX_SECTIONS = 10
#: Most products of a button, in all of its sections together.
MAX_PRODUCTS = 30

#: Buttons that never have a value.
_FIXED = frozenset({"PHONE_NUMBER", "VOICE_CALL", "SPM", "REQUEST_CONTACT_INFO"})
#: Buttons that need no value, and may have one.
_OPTIONAL = frozenset({"QUICK_REPLY", "FLOW", "CATALOG"})
#: What the value of each kind of button is.
_TYPES: Mapping[str, tuple[type, str]] = {
    "URL": (str, "the end of its link, a text"),
    "COPY_CODE": (str, "the code to copy, a text"),
    "QUICK_REPLY": (str, "the payload that comes back, a text"),
    "FLOW": (FlowValue, "flow_token and data"),
    "CATALOG": (ProductsValue, "thumbnail_product_id"),
    "MPM": (ProductsValue, "thumbnail_product_id and sections"),
}


def button_problems(
    template: Template,
    buttons: Sequence[JsonObject],
    values: Mapping[int, ButtonValue],
    field: str,
) -> Iterator[TemplateProblem]:
    """Yield what is wrong with the values of the buttons of a template or a card."""
    for index, button in enumerate(buttons):
        where, value = f"{field}.{index}", values.get(index)
        if takes_value(button) and not is_login_button(template, button):
            yield from _value_problems(button, value, where)
        elif value is not None:
            yield _unexpected(where, "This button takes no value.")
        elif kind_of(button) not in _FIXED | _TYPES.keys() and not is_login_button(
            template, button
        ):
            message = f"The bot cannot fill a button of the kind {kind_of(button)}."
            fix = "Send a template without it."
            yield TemplateProblem(ProblemCode.PART_UNSUPPORTED, where, message, fix)
    for index in sorted(values.keys() - set(range(len(buttons)))):
        yield _unexpected(f"{field}.{index}", f"There are {len(buttons)} buttons, from 0 on.")


def takes_value(button: JsonObject) -> bool:
    """Whether a button can be filled for each message."""
    kind = kind_of(button)
    return kind in _TYPES and (kind != "URL" or bool(VARIABLE.search(url_of(button))))


def _unexpected(field: str, message: str) -> TemplateProblem:
    return TemplateProblem(ProblemCode.BUTTON_UNEXPECTED, field, message, "Leave the value out.")


def _value_problems(
    button: JsonObject, value: ButtonValue | None, field: str
) -> Iterator[TemplateProblem]:
    kind = kind_of(button)
    expected, words = _TYPES[kind]
    if value is None:
        if kind not in _OPTIONAL:
            message = f"The button of the kind {kind} has no value."
            yield TemplateProblem(ProblemCode.BUTTON_MISSING, field, message, f"Give {words}.")
    elif not isinstance(value, expected):
        message = f"The value does not fit a button of the kind {kind}."
        yield TemplateProblem(ProblemCode.BUTTON_KIND, field, message, f"Give {words}.")
    elif isinstance(value, str):
        yield from _text_problems(button, value, field)
    elif isinstance(value, FlowValue):
        if is_blank(value.token):
            message, fix = "The token of the Flow is empty.", "Give a token, or none at all."
            yield TemplateProblem(ProblemCode.PARAMETER_EMPTY, field, message, fix)
    elif fault := (_mpm_fault if kind == "MPM" else _catalog_fault)(value):
        yield TemplateProblem(ProblemCode.PRODUCTS_INVALID, field, fault, f"Give {words}.")


def _text_problems(button: JsonObject, value: str, field: str) -> Iterator[TemplateProblem]:
    if is_blank(value):
        message = "The value of the button is empty."
        yield TemplateProblem(ProblemCode.PARAMETER_EMPTY, field, message, "Give a value.")
    kind = kind_of(button)
    most = {"URL": MAX_URL_CHARS, "COPY_CODE": MAX_COPY_CODE_CHARS}.get(kind, MAX_PAYLOAD_CHARS)
    names = VARIABLE.findall(url_of(button))
    shown = filled(url_of(button), dict.fromkeys(names, value)) if kind == "URL" else clean(value)
    if (length := utf16_length(shown)) > most:
        message = f"The value makes {length} characters, and Meta takes {most}."
        fix = "Shorten the value."
        yield TemplateProblem(ProblemCode.BUTTON_TOO_LONG, field, message, fix)


def _catalog_fault(value: ProductsValue) -> str | None:
    return "A catalog button has no sections." if value.sections else None


def _mpm_fault(value: ProductsValue) -> str | None:
    if is_blank(value.thumbnail_product_id):
        return "The button needs the product whose picture is shown."
    if not 1 <= len(value.sections) <= MAX_SECTIONS:
        return f"The button has 1 to {MAX_SECTIONS} sections."
    products = [one for section in value.sections for one in section.product_ids]
    if len(products) > MAX_PRODUCTS or not all(one.product_ids for one in value.sections):
        return f"Each section has a product, and all together have at most {MAX_PRODUCTS}."
    if any(is_blank(one) for one in products):
        return "A product has no id."
    titles = [section.title for section in value.sections]
    if any(is_blank(one) or utf16_length(one) > MAX_SECTION_TITLE_CHARS for one in titles):
        return f"A title of a section has 1 to {MAX_SECTION_TITLE_CHARS} characters."
    return None
