"""Meta's limits on outgoing messages, each as a type: a longer value is an error, never cut.

Sources: the pages "Messages" and "Interactive messages" of the Cloud API, September 2026. Meta
does not say how it counts characters. Here they are UTF-16 units, the strictest usual way.
"""

from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from utils.visible_text import is_blank

MAX_TEXT_CHARS = 4096
MAX_CAPTION_CHARS = 1024
MAX_HEADER_CHARS = 60
MAX_FOOTER_CHARS = 60
#: Longest body of buttons, links and requests for a location, in characters.
MAX_BODY_CHARS = 1024
#: Longest body of a list, in characters: Meta's reference prints 4096, its OpenAPI file 1024.
MAX_LIST_BODY_CHARS = 4096
#: Longest label of a button of any kind, in characters.
MAX_BUTTON_TITLE_CHARS = 20
MAX_BUTTON_ID_CHARS = 256
#: Longest title of a row or a section, in characters.
MAX_ROW_TITLE_CHARS = 24
MAX_ROW_DESCRIPTION_CHARS = 72
MAX_ROW_ID_CHARS = 200
MAX_TEMPLATE_NAME_CHARS = 512
#: Longest value that comes back with the statuses of a message, in characters.
MAX_CALLBACK_DATA_CHARS = 512
MAX_BUTTONS = 3
MAX_SECTIONS = 10
#: Most rows of a list, in all of its sections together.
MAX_ROWS = 10
MAX_CONTACTS = 257


def refuse(explanation: str) -> PydanticCustomError:
    """Return a validation error with this text alone: the refused value may be private."""
    return PydanticCustomError("whatsapp_limit", "{explanation}", {"explanation": explanation})


def utf16_length(text: str) -> int:
    """Return the length of a text in UTF-16 units: most emoji count as two."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _text(what: str, max_chars: int) -> AfterValidator:
    def check(text: str) -> str:
        if is_blank(text):
            raise refuse(f"{what} is empty: write something")
        try:
            text.encode()
        except UnicodeEncodeError:
            raise refuse(f"{what} has half a character: do not cut an emoji") from None
        if (length := utf16_length(text)) > max_chars:
            raise refuse(f"{what} has at most {max_chars} characters, this one has {length}")
        return text

    return AfterValidator(check)


def _identifier(what: str, max_chars: int) -> AfterValidator:
    within = _text(what, max_chars)

    def check(identifier: str) -> str:
        if identifier != identifier.strip():
            raise refuse(f"{what} has white space around it: strip it")
        return str(within.func(identifier))  # type: ignore[call-arg]

    return AfterValidator(check)


def _web_address(url: str) -> str:
    if not url.startswith(("http://", "https://")):
        raise refuse("a URL starts with http:// or https://")
    return url


TextBody = Annotated[str, _text("a text", MAX_TEXT_CHARS)]
Caption = Annotated[str, _text("a caption", MAX_CAPTION_CHARS)]
HeaderText = Annotated[str, _text("a header", MAX_HEADER_CHARS)]
FooterText = Annotated[str, _text("a footer", MAX_FOOTER_CHARS)]
Body = Annotated[str, _text("the body of an interactive message", MAX_BODY_CHARS)]
ListBody = Annotated[str, _text("the body of a list message", MAX_LIST_BODY_CHARS)]
ButtonTitle = Annotated[str, _text("a button's title", MAX_BUTTON_TITLE_CHARS)]
ButtonId = Annotated[str, _identifier("a button's id", MAX_BUTTON_ID_CHARS)]
ListButton = Annotated[str, _text("the button that opens a list", MAX_BUTTON_TITLE_CHARS)]
SectionTitle = Annotated[str, _text("a section's title", MAX_ROW_TITLE_CHARS)]
RowTitle = Annotated[str, _text("a row's title", MAX_ROW_TITLE_CHARS)]
RowId = Annotated[str, _identifier("a row's id", MAX_ROW_ID_CHARS)]
RowDescription = Annotated[str, _text("a row's description", MAX_ROW_DESCRIPTION_CHARS)]
UrlLabel = Annotated[str, _text("the label of a link", MAX_BUTTON_TITLE_CHARS)]
WebAddress = Annotated[str, AfterValidator(_web_address)]
TemplateName = Annotated[str, Field(pattern=rf"^[a-z0-9_]{{1,{MAX_TEMPLATE_NAME_CHARS}}}$")]
TemplateLanguage = Annotated[str, Field(pattern=r"^[a-z]{2,3}(_[A-Za-z]{2,4})?$")]
Latitude = Annotated[float, Field(ge=-90, le=90)]
Longitude = Annotated[float, Field(ge=-180, le=180)]
