"""What messages look like on the wire, and which cannot be made."""

from typing import Any

import pytest

from schemas.cloud_api_schema import (
    ContactsMessage,
    MediaMessage,
    MediaType,
    ReactionMessage,
    TemplateMessage,
    TextMessage,
)
from schemas.interactive_schema import (
    Button,
    ButtonsMessage,
    CtaUrlMessage,
    Header,
    ListMessage,
    LocationRequestMessage,
    Row,
    Section,
)

YES = Button(id="yes", title="Yes")
ROW = Row(id="one", title="One")


def test_a_preview_is_asked_for_inside_the_text() -> None:
    message = TextMessage(body="see https://example.org", preview_url=True)

    assert message.payload() == {
        "type": "text",
        "text": {"body": "see https://example.org", "preview_url": True},
    }


def test_a_quote_stands_beside_the_content() -> None:
    assert TextMessage(body="hi", quoting="wamid.1").payload()["context"] == {
        "message_id": "wamid.1"
    }


def test_buttons_with_all_that_can_surround_them() -> None:
    message = ButtonsMessage(body="Ready?", buttons=[YES], header=Header(text="Hi"), footer="Bye")

    assert message.payload()["interactive"] == {
        "type": "button",
        "header": {"type": "text", "text": "Hi"},
        "body": {"text": "Ready?"},
        "footer": {"text": "Bye"},
        "action": {"buttons": [{"type": "reply", "reply": {"id": "yes", "title": "Yes"}}]},
    }


@pytest.mark.parametrize("kind", ["image", "video", "document"])
@pytest.mark.parametrize("media", [{"id": "1"}, {"link": "https://example.org/a"}])
def test_a_header_shows_a_file_by_id_or_link(kind: Any, media: dict[str, str]) -> None:
    header = Header(type=kind, media=media)

    message = ButtonsMessage(body="b", buttons=[YES], header=header)

    assert message.payload()["interactive"]["header"] == {"type": kind, kind: media}


@pytest.mark.parametrize(
    "header",
    [
        {"type": "text"},
        {"type": "image"},
        {"type": "image", "media": {}},
        {"type": "audio", "media": {"id": "1"}},
    ],
)
def test_a_header_that_shows_nothing_is_refused(header: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"header|type"):
        Header.model_validate(header)


@pytest.mark.parametrize("other", [Button(id="yes", title="No"), Button(id="no", title="Yes")])
def test_buttons_differ_in_id_and_in_title(other: Button) -> None:
    with pytest.raises(ValueError, match="must differ"):
        ButtonsMessage(body="b", buttons=[YES, other])


@pytest.mark.parametrize("identifier", [" yes", "yes ", "yes\n"])
def test_an_id_has_no_space_around_it(identifier: str) -> None:
    with pytest.raises(ValueError, match="strip it"):
        Button(id=identifier, title="Yes")


def test_a_list_leaves_out_what_is_not_given() -> None:
    message = ListMessage(body="Choose", button="Open", sections=[Section(rows=[ROW])])

    assert message.payload()["interactive"] == {
        "type": "list",
        "body": {"text": "Choose"},
        "action": {"button": "Open", "sections": [{"rows": [{"id": "one", "title": "One"}]}]},
    }


def test_rows_of_different_sections_differ_in_their_ids() -> None:
    twice = [Section(title="a", rows=[ROW]), Section(title="b", rows=[ROW])]

    with pytest.raises(ValueError, match="ids of rows must differ"):
        ListMessage(body="b", button="Open", sections=twice)


def test_each_of_several_sections_has_a_title() -> None:
    half_named = [Section(title="a", rows=[ROW]), Section(rows=[Row(id="two", title="Two")])]

    with pytest.raises(ValueError, match="each needs a title"):
        ListMessage(body="b", button="Open", sections=half_named)


def test_the_header_of_a_list_is_a_text() -> None:
    picture = Header(type="image", media={"id": "1"})

    with pytest.raises(ValueError, match="header of a list is a text"):
        ListMessage(body="b", button="Open", sections=[Section(rows=[ROW])], header=picture)


def test_a_link_button() -> None:
    message = CtaUrlMessage(body="More", label="Open", url="https://example.org")

    assert message.payload()["interactive"]["action"] == {
        "name": "cta_url",
        "parameters": {"display_text": "Open", "url": "https://example.org"},
    }


@pytest.mark.parametrize("url", ["", "example.org", "ftp://example.org", "javascript:alert(1)"])
def test_a_link_button_opens_only_the_web(url: str) -> None:
    with pytest.raises(ValueError, match="starts with http"):
        CtaUrlMessage(body="b", label="l", url=url)


def test_asking_for_a_location() -> None:
    assert LocationRequestMessage(body="Where?").payload()["interactive"] == {
        "type": "location_request_message",
        "body": {"text": "Where?"},
        "action": {"name": "send_location"},
    }


@pytest.mark.parametrize("kind", [MediaType.AUDIO, MediaType.STICKER])
def test_sound_and_stickers_have_no_caption(kind: MediaType) -> None:
    with pytest.raises(ValueError, match="no caption"):
        MediaMessage(kind=kind, id="1", caption="hello")


@pytest.mark.parametrize("kind", [one for one in MediaType if one is not MediaType.DOCUMENT])
def test_only_documents_have_a_file_name(kind: MediaType) -> None:
    with pytest.raises(ValueError, match="only documents"):
        MediaMessage(kind=kind, id="1", filename="a.pdf")


def test_a_file_is_named_only_once() -> None:
    with pytest.raises(ValueError, match="not both"):
        MediaMessage(kind=MediaType.IMAGE, id="1", link="https://example.org/a.png")


@pytest.mark.parametrize("contact", [{}, {"name": {}}, {"name": {"first_name": "Ann"}}])
def test_a_contact_needs_its_formatted_name(contact: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="formatted_name"):
        ContactsMessage(contacts=[contact])


def test_no_contact_is_no_message() -> None:
    with pytest.raises(ValueError, match="send 1 to"):
        ContactsMessage(contacts=[])


def test_an_empty_emoji_takes_a_reaction_back() -> None:
    reaction = ReactionMessage(message_id="wamid.1", emoji="").payload()["reaction"]

    assert reaction == {"message_id": "wamid.1", "emoji": ""}


def test_a_template_without_parameters_has_no_components() -> None:
    assert TemplateMessage(name="hello_world", language="en_US").payload()["template"] == {
        "name": "hello_world",
        "language": {"code": "en_US"},
    }


def test_an_error_does_not_quote_the_message() -> None:
    with pytest.raises(ValueError, match="at most") as refused:
        TextMessage(body="my secret " * 500)

    assert "secret" not in str(refused.value)


def test_an_unknown_field_is_refused() -> None:
    with pytest.raises(ValueError, match="Extra inputs"):
        TextMessage.model_validate({"body": "hi", "preview": True})
