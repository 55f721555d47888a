"""Meta's limits on what we send, each a type: past its limit a value is an error, never cut.

Sources: the pages "Messages" and "Interactive messages" of the Cloud API, September 2026. Meta
does not name the unit of its lengths; UTF-16 units are the stricter of the usual answers.
"""

from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError


def refuse(explanation: str) -> PydanticCustomError:
    """An error that reads as it is written here, without the refused value in it."""
    return PydanticCustomError("whatsapp_limit", "{explanation}", {"explanation": explanation})


def utf16_length(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _text(what: str, most: int, *, may_be_empty: bool = False) -> AfterValidator:
    def check(text: str) -> str:
        if not may_be_empty and not text.strip():
            raise refuse(f"{what} is empty: write something")
        try:
            text.encode()
        except UnicodeEncodeError:
            raise refuse(f"{what} has half a character: do not cut an emoji") from None
        if (length := utf16_length(text)) > most:
            raise refuse(f"{what} has at most {most} characters, this one has {length}")
        return text

    return AfterValidator(check)


def _identifier(what: str, most: int) -> AfterValidator:
    within = _text(what, most)

    def check(identifier: str) -> str:
        if identifier != identifier.strip():
            raise refuse(f"{what} has white space around it: strip it")
        return str(within.func(identifier))  # type: ignore[call-arg]

    return AfterValidator(check)


def _web_address(url: str) -> str:
    if not url.startswith(("http://", "https://")):
        raise refuse("a URL starts with http:// or https://")
    return url


TextBody = Annotated[str, _text("a text", 4096)]
Caption = Annotated[str, _text("a caption", 1024)]
HeaderText = Annotated[str, _text("a header", 60)]
FooterText = Annotated[str, _text("a footer", 60)]
Body = Annotated[str, _text("the body of an interactive message", 1024)]
#: Meta's reference prints 4096, its OpenAPI file 1024
ListBody = Annotated[str, _text("the body of a list message", 4096)]
ButtonTitle = Annotated[str, _text("a button's title", 20)]
ButtonId = Annotated[str, _identifier("a button's id", 256)]
ListButton = Annotated[str, _text("the button that opens a list", 20)]
SectionTitle = Annotated[str, _text("a section's title", 24)]
RowTitle = Annotated[str, _text("a row's title", 24)]
RowId = Annotated[str, _identifier("a row's id", 200)]
RowDescription = Annotated[str, _text("a row's description", 72)]
UrlLabel = Annotated[str, _text("the label of a link", 20)]
WebAddress = Annotated[str, AfterValidator(_web_address)]
TemplateName = Annotated[str, Field(pattern=r"^[a-z0-9_]{1,512}$")]
TemplateLanguage = Annotated[str, Field(pattern=r"^[a-z]{2,3}(_[A-Za-z]{2,4})?$")]
Latitude = Annotated[float, Field(ge=-90, le=90)]
Longitude = Annotated[float, Field(ge=-180, le=180)]

MAX_BUTTONS = 3
MAX_SECTIONS = 10
MAX_ROWS = 10
MAX_CONTACTS = 257
MAX_CALLBACK_DATA_CHARS = 512
