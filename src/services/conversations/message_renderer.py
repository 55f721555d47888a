"""Puts what a flow wants to say into messages of WhatsApp, in the person's language."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from flow_engine import Question, SendContact, SendDocument, SendLocation, WayOut
from schemas.cloud_api_limits import (
    MAX_BODY_CHARS,
)
from schemas.cloud_api_schema import (
    ContactsMessage,
    LocationMessage,
    MediaMessage,
    MediaType,
    OutgoingMessage,
)
from schemas.interactive_schema import Button, ButtonsMessage
from services.conversations.question_layout import free_text, lay_out, list_message
from texts.catalogue import Texts
from texts.prompt import Choice, ContactText, DocumentText, Prompt
from texts.splitting import split_text

__all__ = ["MessageRenderer", "free_text"]


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

    def question(
        self,
        question: Question,
        *,
        before: str = "",
        exits: Sequence[tuple[str, str]] = (),
        ask: str | None = None,
    ) -> Sequence[OutgoingMessage]:
        """A question with its choices, and what leads out of it: one message, if that fits.

        `before` stands above it; `exits` are (name, key of the title); `ask` is said in its place.
        """
        prompt = self._prompt(question)
        prompt = replace(prompt, body=ask or prompt.body)
        parts = [before, self.line(question.preface) if question.preface else ""]
        above = "\n\n".join(filter(None, parts))
        hint = self.line("common.way_out") if question.way_out is WayOut.HINT else ""
        buttons = tuple(Choice(name, self.line(key)) for name, key in exits)
        return lay_out(question, prompt, above=above, hint=hint, exits=buttons)

    def buttons(
        self,
        key: str,
        choices: Mapping[str, str],
        params: Mapping[str, str | int] | None = None,
    ) -> Sequence[OutgoingMessage]:
        """A text with buttons (id -> key of the title) that are in no menu; no more than three."""
        body = self._texts.say(self._language, key, {**self._known, **(params or {})})
        titles = [Button(id=one, title=self.line(title)) for one, title in choices.items()]
        if not titles:
            return free_text(body)
        *texts, last = split_text(body, MAX_BODY_CHARS)
        earlier = [message for one in texts for message in free_text(one)]
        return [*earlier, ButtonsMessage(body=last, buttons=titles)]

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
        return [list_message(name, replace(prompt, options=tuple(choices)))]

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
