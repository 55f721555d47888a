"""What is wrong with the header of a message: its text, file, place or product."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from features.templates.model import (
    FileValue,
    HeaderValue,
    PlaceValue,
    ProblemCode,
    ProductValue,
    TemplateProblem,
)
from features.templates.parts import FILES, Parts, filled, variables
from schemas.cloud_api_limits import utf16_length
from utils.visible_text import is_blank

#: Longest text of a header with its variable filled, in UTF-16 units.
MAX_HEADER_CHARS = 60

#: What each format asks for.
_FIXES = {
    "TEXT": "Give the value of its variable, a text.",
    "LOCATION": "Give latitude, longitude, name and address.",
    "PRODUCT": "Give catalog_id and product_id.",
}


def takes_header_value(parts: Parts) -> bool:
    """Whether a header is filled for each message."""
    return parts.header_format not in ("", "TEXT") or bool(variables(parts.header_text))


def header_problems(
    parts: Parts, value: HeaderValue | None, field: str
) -> Iterator[TemplateProblem]:
    """Yield what is wrong with the value of a header."""
    form, takes_value = parts.header_format, takes_header_value(parts)
    if value is None:
        if takes_value:
            message = f"The template has a header of the kind {form}, and it has no value."
            yield TemplateProblem(ProblemCode.HEADER_MISSING, field, message, _fix(form))
        return
    if not takes_value:
        message = "The template has no header to fill."
        fix = "Leave the header out."
        yield TemplateProblem(ProblemCode.HEADER_UNEXPECTED, field, message, fix)
        return
    match form, value:
        case "TEXT", str():
            yield from _text_problems(parts.header_text, value, field)
        case "LOCATION", PlaceValue():
            yield from _place_problems(value, field)
        case "PRODUCT", ProductValue():
            yield from _product_problems(value, field)
        case _, FileValue() if form in FILES:
            yield from _file_problems(value, field, form)
        case _ if form in FILES or form in _FIXES:
            message = f"The header is of the kind {form}, and the value is of another one."
            yield TemplateProblem(ProblemCode.HEADER_KIND, field, message, _fix(form))
        case _:
            message = f"The bot cannot fill a header of the kind {form}."
            fix = "Send a template with another header."
            yield TemplateProblem(ProblemCode.PART_UNSUPPORTED, field, message, fix)


def _fix(form: str) -> str:
    return _FIXES.get(form, f"Give the link or the id of a file: {form.lower()}.")


def _text_problems(text: str, value: str, field: str) -> Iterator[TemplateProblem]:
    if is_blank(value):
        message = "The value of the header is empty."
        yield TemplateProblem(ProblemCode.PARAMETER_EMPTY, field, message, "Give a value.")
    length = utf16_length(filled(text, dict.fromkeys(variables(text), value)))
    if length > MAX_HEADER_CHARS:
        yield TemplateProblem(
            ProblemCode.TEXT_TOO_LONG,
            field,
            f"The filled header has {length} characters, and Meta takes {MAX_HEADER_CHARS}.",
            "Shorten the value.",
        )


def _file_problems(value: FileValue, field: str, form: str) -> Iterator[TemplateProblem]:
    if bool(value.link) == bool(value.id):
        message = "A file has exactly one of link and id."
        fix = "Give a public link, or the id of an uploaded file."
        yield TemplateProblem(ProblemCode.FILE_INVALID, field, message, fix)
    elif value.link and not _is_web_address(value.link):
        message = "The link is no address of the web."
        fix = "Give a public link that starts with https://."
        yield TemplateProblem(ProblemCode.FILE_INVALID, field, message, fix)
    if value.filename and form != "DOCUMENT":
        message = "Only documents have a filename."
        yield TemplateProblem(ProblemCode.FILE_INVALID, field, message, "Leave the filename out.")


def _is_web_address(link: str) -> bool:
    try:
        found = urlsplit(link)
    except ValueError:
        return False
    has_spaces = any(sign.isspace() for sign in link)
    return found.scheme in ("https", "http") and bool(found.hostname) and not has_spaces


def _place_problems(value: PlaceValue, field: str) -> Iterator[TemplateProblem]:
    is_on_earth = abs(value.latitude) <= 90 and abs(value.longitude) <= 180
    if not is_on_earth or is_blank(value.name) or is_blank(value.address):
        message = "A place has a latitude, a longitude, a name and an address."
        yield TemplateProblem(ProblemCode.PLACE_INVALID, field, message, _FIXES["LOCATION"])


def _product_problems(value: ProductValue, field: str) -> Iterator[TemplateProblem]:
    if is_blank(value.catalog_id) or is_blank(value.product_id):
        message = "A product has a catalog_id and a product_id."
        yield TemplateProblem(ProblemCode.PRODUCTS_INVALID, field, message, _FIXES["PRODUCT"])
