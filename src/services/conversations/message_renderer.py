"""Puts what a flow wants to say into messages of WhatsApp, in the person's language."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from flow_engine import Option, Question, SendContact, SendDocument, SendLocation
from schemas.cloud_api_limits import (
    MAX_BUTTON_TITLE_CHARS,
    MAX_BUTTONS,
    MAX_ROW_DESCRIPTION_CHARS,
    MAX_ROW_TITLE_CHARS,
    utf16_length,
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
        labels = {one.id: one for one in question.labels}
        choices = [_labelled(one, labels.get(one.id)) for one in prompt.options]
        prompt = replace(prompt, options=tuple(choices))
        is_described = any(one.description for one in question.labels)
        is_long = question.as_list or is_described or len(choices) > MAX_BUTTONS
        if is_long or not _fit_buttons(choices):
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


def _labelled(choice: Choice, label: Option | None) -> Choice:
    """Return a choice with the title and the description that were loaded with it."""
    return choice if label is None else Choice(choice.id, label.label, label.description)


def _fit_buttons(choices: Sequence[Choice]) -> bool:
    """Return whether buttons can show the titles: short ones that differ.

    The titles of the catalogue are checked; those of loaded options may be of any kind.
    """
    titles = {choice.title for choice in choices}
    is_short = all(utf16_length(title) <= MAX_BUTTON_TITLE_CHARS for title in titles)
    return is_short and len(titles) == len(choices)


def _as_buttons(name: str, prompt: Prompt) -> ButtonsMessage:
    buttons = [Button(id=f"{name}.{one.id}", title=one.title) for one in prompt.options]
    return ButtonsMessage(body=prompt.body, buttons=buttons, footer=prompt.footer)


def _as_list(name: str, prompt: Prompt) -> ListMessage:
    sections = [Section(rows=_rows(name, prompt.options))]
    return ListMessage(
        body=prompt.body, button=prompt.button, sections=sections, footer=prompt.footer
    )


def _rows(name: str, choices: Sequence[Choice]) -> list[Row]:
    """Return rows that people can tell apart: a long title goes on in the description.

    Where the beginnings of titles are the same, each row has its number.
    """
    cut = [shortened(one.title, MAX_ROW_TITLE_CHARS) for one in choices]
    if len(set(cut)) < len(cut):
        numbered = (f"{number}. {one.title}" for number, one in enumerate(choices, 1))
        cut = [shortened(title, MAX_ROW_TITLE_CHARS) for title in numbered]
    return [
        Row(id=f"{name}.{one.id}", title=title, description=_description(one))
        for one, title in zip(choices, cut, strict=True)
    ]


def _description(choice: Choice) -> str | None:
    """Return the description of a row; a title that the row cannot show goes before it."""
    is_cut = utf16_length(choice.title) > MAX_ROW_TITLE_CHARS
    parts = [choice.title if is_cut else None, (choice.description or "").strip()]
    whole = " · ".join(part for part in parts if part)
    return shortened(whole, MAX_ROW_DESCRIPTION_CHARS) if whole else None
