"""Lays a question out as a message: plain text, buttons or a list, within Meta's limits."""

from collections.abc import Sequence
from dataclasses import replace

from flow_engine import Question
from schemas.cloud_api_limits import (
    MAX_BODY_CHARS,
    MAX_BUTTONS,
    MAX_FOOTER_CHARS,
    MAX_ROWS,
    MAX_TEXT_CHARS,
    utf16_length,
)
from schemas.cloud_api_schema import OutgoingMessage, TextMessage
from schemas.interactive_schema import Button, ButtonsMessage, ListMessage, Section
from services.conversations.distinct_choices import labelled, needs_list, rows
from services.conversations.exits import TAP
from texts.prompt import Choice, Prompt
from texts.splitting import split_text


def free_text(text: str) -> Sequence[OutgoingMessage]:
    """Text that is not from the catalogue, such as the assistant's."""
    return [TextMessage(body=part, preview_url="://" in part) for part in split_text(text)]


def lay_out(
    question: Question, prompt: Prompt, *, above: str, hint: str, exits: Sequence[Choice]
) -> Sequence[OutgoingMessage]:
    """Return a question as one message with the text `above` it; as several where Meta's limits
    do not allow one. `hint` is a line below it, `exits` are more buttons.
    """
    prompt = replace(prompt, options=labelled(question, prompt.options))
    titles = {one.title for one in prompt.options}
    exits = [one for one in exits if one.title not in titles]
    choices = [(f"{question.name}.{one.id}", one) for one in prompt.options]
    ways = [(f"{TAP}.{one.id}", one) for one in exits]
    if len(choices) + len(ways) > MAX_ROWS:  # the ways out are a message of their own
        *texts, last = split_text(above or prompt.body, MAX_BODY_CHARS)
        asked = _messages(question, prompt, choices, above="", hint=hint)
        return [*_texts(texts), _buttons(replace(prompt, body=last, footer=None), ways), *asked]
    return _messages(question, prompt, [*choices, *ways], above=above, hint=hint)


def list_message(name: str, prompt: Prompt) -> ListMessage:
    """Return a question with its options as a list."""
    return _list(prompt, [(f"{name}.{one.id}", one) for one in prompt.options])


Choices = Sequence[tuple[str, Choice]]


def _messages(
    question: Question, prompt: Prompt, choices: Choices, *, above: str, hint: str
) -> Sequence[OutgoingMessage]:
    is_plain = not choices
    if hint and (
        is_plain or not question.options or prompt.footer or utf16_length(hint) > MAX_FOOTER_CHARS
    ):
        prompt = replace(prompt, body=f"{prompt.body}\n\n{hint}")
    elif hint:
        prompt = replace(prompt, footer=hint)
    whole = f"{above}\n\n{prompt.body}" if above else prompt.body
    if utf16_length(whole) > (MAX_TEXT_CHARS if is_plain else MAX_BODY_CHARS):
        earlier, whole = list(free_text(above)) if above else [], prompt.body
    else:
        earlier = []
    if is_plain:
        return [*earlier, *free_text(whole)]
    prompt = replace(prompt, body=whole)
    is_long = len(choices) > MAX_BUTTONS or needs_list(question, [one for _, one in choices])
    is_list = question.as_list or is_long
    return [*earlier, _list(prompt, choices) if is_list else _buttons(prompt, choices)]


def _texts(parts: Sequence[str]) -> list[OutgoingMessage]:
    return [message for one in parts for message in free_text(one)]


def _buttons(prompt: Prompt, choices: Choices) -> ButtonsMessage:
    buttons = [Button(id=one_id, title=one.title) for one_id, one in choices]
    return ButtonsMessage(body=prompt.body, buttons=buttons, footer=prompt.footer)


def _list(prompt: Prompt, choices: Choices) -> ListMessage:
    return ListMessage(
        body=prompt.body,
        button=prompt.button,
        sections=[Section(rows=rows(choices))],
        footer=prompt.footer,
    )
