"""Choices that people can tell apart, however long or alike the titles of loaded options are."""

from collections.abc import Sequence

from flow_engine import Option, Question
from schemas.cloud_api_limits import (
    MAX_BUTTON_TITLE_CHARS,
    MAX_ROW_DESCRIPTION_CHARS,
    MAX_ROW_TITLE_CHARS,
    utf16_length,
)
from schemas.interactive_schema import Row
from texts.prompt import Choice
from texts.splitting import shortened


def labelled(question: Question, choices: Sequence[Choice]) -> tuple[Choice, ...]:
    """Return choices with the titles and descriptions that were loaded with them."""
    labels = {one.id: one for one in question.labels}
    return tuple(_labelled(one, labels.get(one.id)) for one in choices)


def needs_list(question: Question, choices: Sequence[Choice]) -> bool:
    """Return whether buttons cannot show all: long or equal titles, or loaded descriptions."""
    titles = {choice.title for choice in choices}
    is_long = any(utf16_length(title) > MAX_BUTTON_TITLE_CHARS for title in titles)
    is_described = any(one.description for one in question.labels)
    return is_long or is_described or len(titles) < len(choices)


def rows(choices: Sequence[tuple[str, Choice]]) -> list[Row]:
    """Return the rows of (id, choice): a long title goes on in the description.

    Where the beginnings of titles are the same, each row has its number.
    """
    cut = [shortened(one.title, MAX_ROW_TITLE_CHARS) for _, one in choices]
    if len(set(cut)) < len(cut):
        numbered = (f"{number}. {one.title}" for number, (_, one) in enumerate(choices, 1))
        cut = [shortened(title, MAX_ROW_TITLE_CHARS) for title in numbered]
    return [
        Row(id=one_id, title=title, description=_description(one))
        for (one_id, one), title in zip(choices, cut, strict=True)
    ]


def _labelled(choice: Choice, label: Option | None) -> Choice:
    return choice if label is None else Choice(choice.id, label.label, label.description)


def _description(choice: Choice) -> str | None:
    """Return the description of a row; a title that the row cannot show goes before it."""
    is_cut = utf16_length(choice.title) > MAX_ROW_TITLE_CHARS
    parts = [choice.title if is_cut else None, (choice.description or "").strip()]
    whole = " · ".join(part for part in parts if part)
    return shortened(whole, MAX_ROW_DESCRIPTION_CHARS) if whole else None
