"""Puts what a flow wants to say into messages of WhatsApp, in the person's language."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from flow_engine import Place, Question, RequestLocation, Reviewed, SendTemplate
from flow_engine.messages import Described
from flow_engine.state import RESUME
from schemas.cloud_api_limits import (
    MAX_BODY_CHARS,
    MAX_BUTTON_TITLE_CHARS,
    MAX_BUTTONS,
    MAX_ROW_DESCRIPTION_CHARS,
    MAX_ROW_TITLE_CHARS,
)
from schemas.cloud_api_schema import OutgoingMessage, TemplateMessage, TextMessage
from schemas.interactive_schema import (
    Button,
    ButtonsMessage,
    ListMessage,
    LocationRequestMessage,
    Row,
    Section,
)
from services.conversations.described_messages import Rendered, render
from texts.catalogue import Texts
from texts.prompt import Choice, Prompt
from texts.splitting import shortened, split_text

#: Longest answer that a review shows, in characters.
MAX_REVIEWED_CHARS = 300
PLACE = Place.what


class MessageRenderer:
    """Renders texts and questions in one language, for one person."""

    def __init__(self, texts: Texts, language: str, first_name: str) -> None:
        self._texts = texts
        self._language = language
        #: what every text may name
        self._known: Mapping[str, object] = {"first_name": first_name}

    def text(
        self, key: str, params: Mapping[str, object] | None = None
    ) -> Sequence[OutgoingMessage]:
        """A text of the catalogue; a long one becomes several messages."""
        return free_text(self._texts.say(self._language, key, {**self._known, **(params or {})}))

    def question(self, question: Question) -> Sequence[OutgoingMessage]:
        """A question; with its choices as buttons or as a list."""
        prompt = self._prompt(question)
        if question.chosen:
            chosen = self._shown(question.name, question.chosen, "title")
            prompt = replace(prompt, body=self._say("common.several", {"chosen": chosen}))
        if PLACE in question.wants and not prompt.options:
            return [LocationRequestMessage(body=prompt.body)]
        if not prompt.options:
            return free_text(prompt.body)
        *before, body = split_text(prompt.body, MAX_BODY_CHARS)
        prompt = replace(prompt, body=body)
        is_list = question.as_list or len(prompt.options) > MAX_BUTTONS
        asked = (_as_list if is_list else _as_buttons)(question.name, prompt)
        return [*(TextMessage(body=part) for part in before), asked]

    def _prompt(self, question: Question) -> Prompt:
        texts, language = self._texts, self._language
        if question.asks_which_date:
            choices = (Choice(one, texts.date_in_words(language, one)) for one in question.options)
            body = texts.say(language, "common.which_date", self._known)
            return Prompt(body, tuple(choices), footer=None, button="")
        named = self._named_in(question)
        return texts.question(language, question.name, question.options, named)

    def _named_in(self, question: Question) -> Mapping[str, object]:
        """Return what the text of a question may name."""
        known = {**question.answers, **self._known}
        if question.reviewed:
            known["answers"] = "\n".join(map(self._reviewed_by(question), question.reviewed))
        if question.name.endswith(f".{RESUME}"):
            known["question"] = self._about(question.name.removesuffix(f".{RESUME}"), known)
        return known

    def _reviewed_by(self, question: Question) -> Callable[[Reviewed], str]:
        flow = question.name.partition(".")[0]

        def line(one: Reviewed) -> str:
            name = f"{flow}.{one.step}"
            label = self._texts.label(self._language, name) or one.step
            shown = shortened(self._shown(name, one.value, one.shown_as), MAX_REVIEWED_CHARS)
            return f"*{label}:* {shown}"

        return line

    def _about(self, name: str, known: Mapping[str, object]) -> str:
        """Return what a question is about: its label, or else its text."""
        label = self._texts.label(self._language, name)
        asked = label or self._texts.question(self._language, name, (), known).body
        return shortened(asked.partition("\n")[0].strip(" ?¿.:*"), MAX_REVIEWED_CHARS)

    def _shown(self, name: str, value: object, spec: str) -> str:
        return self._texts.shown(self._language, name, value, spec)

    def _say(self, key: str, params: Mapping[str, object]) -> str:
        return self._texts.say(self._language, key, {**self._known, **params})

    def line(self, key: str, params: Mapping[str, object] | None = None) -> str:
        """A text of the catalogue that is part of something else."""
        return self._say(key, params or {})

    def suggestions(self, name: str, choices: Sequence[Choice]) -> Sequence[OutgoingMessage]:
        """A question as a list of options that are not in the catalogue."""
        prompt = self._texts.question(self._language, name, (), self._known)
        return [_as_list(name, replace(prompt, options=tuple(choices)))]

    def described(self, effect: Described) -> Rendered:
        """The message that a table of the catalogue describes, and the file to upload before it."""
        params = {**self._known, **getattr(effect, "params", {})}
        return render(effect, self._texts.table(self._language, effect.key, params))

    def location_request(self, effect: RequestLocation) -> OutgoingMessage:
        """A text with the button *Send location*."""
        return LocationRequestMessage(body=self._say(effect.key, effect.params))

    def template(self, effect: SendTemplate) -> OutgoingMessage:
        """A template, in the language of the person."""
        components = list(effect.components)
        if effect.values:
            parameters = [{"type": "text", "text": value} for value in effect.values]
            components.append({"type": "body", "parameters": parameters})
        language = effect.language or self._language
        return TemplateMessage(name=effect.name, language=language, components=components)


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
