"""Puts what a flow wants to say into messages of WhatsApp, in the person's language."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from flow_engine import Question, SendContact, SendDocument, SendLocation
from schemas.cloud_api_limits import (
    MAX_BUTTON_TITLE_CHARS,
    MAX_BUTTONS,
    MAX_ROW_DESCRIPTION_CHARS,
    MAX_ROW_TITLE_CHARS,
)
from schemas.cloud_api_schema import (
    ContactsMessage,
    LocationMessage,
    MediaMessage,
    MediaType,
    OutgoingMessage,
    TextMessage,
)
from schemas.interactive_schema import Button, ButtonsMessage, ListMessage, Row, Section
from texts.catalogue import Texts
from texts.prompt import Choice, ContactText, DocumentText, Prompt
from texts.splitting import shortened, split_text


class MessageRenderer:
    """Renders texts and questions in one language, for one person."""

    def __init__(self, texts: Texts, language: str, first_name: str) -> None:
        self._texts = texts
        self._language = language
        #: what every text may name
        self._known = {"first_name": first_name}

    def text(
        self, key: str, params: Mapping[str, str | int] | None = None
    ) -> Sequence[OutgoingMessage]:
        """A text of the catalogue; a long one becomes several messages."""
        return free_text(self._texts.say(self._language, key, {**self._known, **(params or {})}))

    def question(self, question: Question) -> Sequence[OutgoingMessage]:
        """A question; with its choices as buttons or as a list."""
        prompt = self._prompt(question)
        if not prompt.options:
            return free_text(prompt.body)
        if question.as_list or len(prompt.options) > MAX_BUTTONS:
            return [_as_list(question.name, prompt)]
        return [_as_buttons(question.name, prompt)]

    def _prompt(self, question: Question) -> Prompt:
        texts, language = self._texts, self._language
        if question.asks_which_date:
            choices = (Choice(one, texts.date_in_words(language, one)) for one in question.options)
            body = texts.say(language, "common.which_date", self._known)
            return Prompt(body, tuple(choices), footer=None, button="")
        return texts.question(language, question.name, question.options, self._known)

    def line(self, key: str) -> str:
        """A text of the catalogue that is part of something else."""
        return self._texts.say(self._language, key, self._known)

    def suggestions(self, name: str, choices: Sequence[Choice]) -> Sequence[OutgoingMessage]:
        """A question as a list of options that are not in the catalogue."""
        prompt = self._texts.question(self._language, name, (), self._known)
        return [_as_list(name, replace(prompt, options=tuple(choices)))]

    def attachment(
        self, effect: SendDocument | SendLocation | SendContact
    ) -> tuple[OutgoingMessage, DocumentText | None]:
        """What to send, and the file to upload before it."""
        match effect:
            case SendDocument(key):
                found = self._texts.document(self._language, key)
                document = MediaMessage(
                    kind=MediaType.DOCUMENT, caption=found.caption, filename=found.filename
                )
                return document, found
            case SendLocation(key):
                place = self._texts.location(self._language, key)
                return LocationMessage(**asdict(place)), None
            case SendContact(key):
                card = _as_card(self._texts.contact(self._language, key))
                return ContactsMessage(contacts=[card]), None


def _as_card(contact: ContactText) -> dict[str, Any]:
    return {
        "name": {"formatted_name": contact.name, "first_name": contact.name},
        "phones": [{"phone": contact.phone, "type": "WORK"}],
        "emails": [{"email": contact.email, "type": "WORK"}],
        "org": {"company": contact.organisation},
    }


def free_text(text: str) -> Sequence[OutgoingMessage]:
    """Text that is not from the catalogue, such as the assistant's."""
    return [TextMessage(body=part, preview_url="://" in part) for part in split_text(text)]


def _as_buttons(name: str, prompt: Prompt) -> ButtonsMessage:
    # The titles of the catalogue are checked; those of loaded options may be longer.
    buttons = [
        Button(id=f"{name}.{one.id}", title=shortened(one.title, MAX_BUTTON_TITLE_CHARS))
        for one in prompt.options
    ]
    return ButtonsMessage(body=prompt.body, buttons=buttons, footer=prompt.footer)


def _as_list(name: str, prompt: Prompt) -> ListMessage:
    rows = [
        Row(
            id=f"{name}.{one.id}",
            title=shortened(one.title, MAX_ROW_TITLE_CHARS),
            description=one.description and shortened(one.description, MAX_ROW_DESCRIPTION_CHARS),
        )
        for one in prompt.options
    ]
    sections = [Section(rows=rows)]
    return ListMessage(
        body=prompt.body, button=prompt.button, sections=sections, footer=prompt.footer
    )
