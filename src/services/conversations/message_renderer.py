"""Puts what a flow wants to say into messages of WhatsApp, in the person's language."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from flow_engine import Place, Question, RequestLocation, ReviewedAnswer, SendTemplate, WayOut
from flow_engine.messages import Described
from flow_engine.state import MAX_LIST_ROWS, MEANT, RESUME, SKIP
from schemas.cloud_api_limits import MAX_BODY_CHARS
from schemas.cloud_api_schema import OutgoingMessage, TemplateMessage
from schemas.interactive_schema import Button, ButtonsMessage, LocationRequestMessage
from services.conversations.described_messages import Rendered, render
from services.conversations.question_layout import free_text, lay_out, list_message
from texts.catalogue import Texts
from texts.prompt import Choice, Prompt
from texts.splitting import shortened, split_text

__all__ = ["MessageRenderer", "free_text"]

#: Longest answer that a review shows, in characters.
MAX_REVIEWED_CHARS = 300
PLACE = Place.what


class MessageRenderer:
    """Renders texts and questions in one language, for one person."""

    def __init__(self, texts: Texts, language: str, known: Mapping[str, object]) -> None:
        """Render in a language; `known` is what every text may name."""
        self._texts = texts
        self._language = language
        self._known = known

    def text(
        self, key: str, params: Mapping[str, object] | None = None
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
        prompt = self.prompt(question)
        if question.chosen:
            chosen = self._shown(question.name, question.chosen, "title")
            prompt = replace(prompt, body=self._say("common.several", {"chosen": chosen}))
        prompt = replace(prompt, body=ask or prompt.body)
        preface = self.line(question.preface, question.answers) if question.preface else ""
        above = "\n\n".join(filter(None, (before, preface)))
        hint = self.line("common.way_out") if question.way_out is WayOut.HINT else ""
        buttons = tuple(Choice(name, self.line(key)) for name, key in exits)
        if PLACE in question.wants and not prompt.options and not buttons:
            *texts, body = split_text(_joined(above, prompt.body, hint), MAX_BODY_CHARS)
            return [*_texts(texts), LocationRequestMessage(body=body)]
        earlier: list[OutgoingMessage] = []
        if prompt.options:  # a review may be longer than a message with buttons
            *texts, body = split_text(prompt.body, MAX_BODY_CHARS)
            earlier, prompt = _texts(texts), replace(prompt, body=body)
        return [*earlier, *lay_out(question, prompt, above=above, hint=hint, exits=buttons)]

    def buttons(
        self,
        key: str,
        choices: Mapping[str, str],
        params: Mapping[str, str | int] | None = None,
    ) -> Sequence[OutgoingMessage]:
        """A text with buttons (id -> key of the title) that are in no menu; no more than three."""
        return self.text_with_buttons(self._say(key, params or {}), choices)

    def text_with_buttons(self, body: str, choices: Mapping[str, str]) -> Sequence[OutgoingMessage]:
        """A text that is in words already, with buttons as in `buttons`."""
        titles = [Button(id=one, title=self.line(title)) for one, title in choices.items()]
        if not titles:
            return free_text(body)
        *texts, last = split_text(body, MAX_BODY_CHARS)
        return [*_texts(texts), ButtonsMessage(body=last, buttons=titles)]

    def prompt(self, question: Question) -> Prompt:
        """The words of a question, and the titles of its options."""
        texts, language = self._texts, self._language
        if question.asks_which_date:
            choices = (Choice(one, texts.date_in_words(language, one)) for one in question.options)
            body = texts.say(language, "common.which_date", self._known)
            return Prompt(body, tuple(choices), None, texts.say(language, "common.button"))
        if question.instead is not None:
            body = self.line(question.instead, question.answers)
            return Prompt(body, (), footer=None, button="")
        named = self._named_in(question)
        has_skip = question.is_optional and len(question.options) < MAX_LIST_ROWS
        options = (*question.options, SKIP) if has_skip else question.options
        prompt = texts.question(language, question.name, options, named)
        is_again = bool(question.reviewed) and question.way_out is not WayOut.NONE
        again = texts.find_shared(language, f"{question.name}.again") if is_again else None
        return prompt if again is None else replace(prompt, body=str(again))

    def _named_in(self, question: Question) -> Mapping[str, object]:
        """Return what the text of a question may name."""
        known = {**question.answers, **self._known}
        if question.reviewed:
            known["answers"] = "\n".join(map(self._reviewed_by(question), question.reviewed))
        if question.name.endswith(f".{RESUME}"):
            known["question"] = self._about(question.name.removesuffix(f".{RESUME}"), known)
        if question.name.endswith(f".{MEANT}"):
            name = question.name.removesuffix(f".{MEANT}")
            known["answer"] = self._shown(name, known["answer"], "title")
        return known

    def _reviewed_by(self, question: Question) -> Callable[[ReviewedAnswer], str]:
        flow = question.name.partition(".")[0]

        def line(one: ReviewedAnswer) -> str:
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

    def suggestions(
        self, name: str, choices: Sequence[Choice], ask: str | None = None
    ) -> Sequence[OutgoingMessage]:
        """A question as a list of options that are not in the catalogue; `ask` in its place."""
        prompt = self._texts.question(self._language, name, (), self._known)
        prompt = replace(prompt, body=ask or prompt.body)
        return [list_message(name, replace(prompt, options=tuple(choices)))]

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


def _joined(*parts: str) -> str:
    return "\n\n".join(filter(None, parts))


def _texts(parts: Sequence[str]) -> list[OutgoingMessage]:
    return [message for one in parts for message in free_text(one)]
