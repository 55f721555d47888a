"""docs/reference/whatsapp-service.md says what the docstrings say, and they say what holds."""

import inspect

import pytest
from tests.project.whatsapp_reference import PAGE, methods, render_docstring, render_page

from schemas import cloud_api_limits as limits
from services.clients.cloud_api.sender import MAX_ATTEMPTS, MAX_WAIT_SECONDS
from services.whatsapp_service import WhatsAppService

LIMITS = [
    ("send_message", "body", [limits.MAX_TEXT_CHARS]),
    ("send_buttons_menu", "body", [limits.MAX_BODY_CHARS]),
    (
        "send_buttons_menu",
        "buttons",
        [limits.MAX_BUTTONS, limits.MAX_BUTTON_TITLE_CHARS, limits.MAX_BUTTON_ID_CHARS],
    ),
    ("send_buttons_menu", "header", [limits.MAX_HEADER_CHARS]),
    ("send_buttons_menu", "footer_text", [limits.MAX_FOOTER_CHARS]),
    ("send_list_menu", "body", [limits.MAX_LIST_BODY_CHARS]),
    ("send_list_menu", "button_text", [limits.MAX_BUTTON_TITLE_CHARS]),
    (
        "send_list_menu",
        "sections",
        [
            limits.MAX_SECTIONS,
            limits.MAX_ROWS,
            limits.MAX_ROW_ID_CHARS,
            limits.MAX_ROW_TITLE_CHARS,
            limits.MAX_ROW_DESCRIPTION_CHARS,
        ],
    ),
    ("send_media", "caption", [limits.MAX_CAPTION_CHARS]),
    ("send_cta_button", "button_text", [limits.MAX_BUTTON_TITLE_CHARS]),
    ("send_template", "name", [limits.MAX_TEMPLATE_NAME_CHARS]),
]


def documented(method: str) -> str:
    return inspect.getdoc(getattr(WhatsAppService, method)) or ""


def test_the_page_is_that_of_the_docstrings() -> None:
    assert PAGE.read_text(encoding="utf-8") == render_page(), (
        "run `PYTHONPATH=src python -m tests.project.whatsapp_reference`"
    )


@pytest.mark.parametrize("method", list(methods()))
def test_every_parameter_is_documented(method: str) -> None:
    page = render_docstring(documented(method))
    parameters = inspect.signature(getattr(WhatsAppService, method)).parameters
    assert [name for name in parameters if f"- `{name}`: " not in page] == []


@pytest.mark.parametrize(("method", "parameter", "numbers"), LIMITS)
def test_documented_limits_are_those_that_are_checked(
    method: str, parameter: str, numbers: list[int]
) -> None:
    page = render_docstring(documented(method)).splitlines()
    [entry] = [line for line in page if line.startswith(f"- `{parameter}`: ")]
    assert [number for number in numbers if f"{number}" not in entry.replace(".", "").split()] == []


def test_the_documented_pauses_are_those_of_the_sender() -> None:
    documentation = inspect.getdoc(WhatsAppService) or ""
    assert MAX_ATTEMPTS == 3
    assert "a third one" in documentation
    assert f"more than {MAX_WAIT_SECONDS:.0f} seconds" in documentation
