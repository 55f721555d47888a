"""The page with the questions that the bot could not answer, drawn on the server."""

import json
from collections.abc import Sequence
from datetime import tzinfo
from html import escape
from urllib.parse import quote

from features.inbox.html_page import html_page
from features.inbox.questions import MAX_GROUPS, ShownGroup
from services.open_questions import WrittenAnswer

#: Other wordings of a question that are shown, and that an answer covers.
MAX_WORDINGS = 8


def page(
    groups: Sequence[ShownGroup],
    answers: Sequence[WrittenAnswer],
    *,
    zone: tzinfo,
    is_supervisor: bool,
) -> str:
    """Return the page."""
    cards = "".join(_group(one, zone) for one in groups)
    asked = f'<ul class="cards">{cards}</ul>' if cards else _NOTHING
    more = f"<p>These are the first {MAX_GROUPS}.</p>" if len(groups) == MAX_GROUPS else ""
    written = "".join(map(_answer, answers))
    known = f'<h2>Answers written here</h2><ul class="cards">{written}</ul>' if written else ""
    main = (
        "<h2>Questions without an answer</h2><p>Write an answer once, and the bot gives it to "
        "everyone who asks from now on. Questions that mean the same are on one card.</p>"
        f"{asked}{more}{known}"
    )
    return html_page(
        "Questions", main, is_supervisor=is_supervisor, script="questions.js", here="questions"
    )


_NOTHING = (
    "<p>Nothing is open: the bot had an answer to every question, or you have written it.</p>"
)


def _group(one: ShownGroup, zone: tzinfo) -> str:
    group = one.group
    first, *others = group.wordings[: MAX_WORDINGS + 1]
    data = json.dumps({"ids": group.ids, "also": others, "language": group.language})
    text, author = one.answered or ("", "")
    return (
        f'<li class="card"><form data-group="{escape(data)}">{_facts(one, zone)}'
        '<label>Question <input name="question" required maxlength="300" dir="auto" '
        f'value="{escape(first)}"></label>{_wordings(others)}'
        f"<label>Answer {_hint(author)}"
        '<textarea name="answer" required maxlength="4000" rows="3" dir="auto">'
        f"{escape(text)}</textarea></label>"
        '<div class="line"><button type="button" name="aside">Put aside</button>'
        '<button type="submit" class="main">Add to the FAQ</button></div></form></li>'
    )


def _facts(one: ShownGroup, zone: tzinfo) -> str:
    group, at = one.group, one.group.last_at.astimezone(zone)
    count = f"{group.people} people" if group.people != 1 else "1 person"
    links = ", ".join(
        f'<a href="../inbox#{quote(key, safe="")}">{escape(name)}</a>' for key, name in one.people
    )
    more = " and others" if group.people > len(one.people) else ""
    return (
        f'<p class="facts">{count} · {escape(group.language)} · last on {at.day} {at:%b} · '
        f"{links}{more}</p>"
    )


def _wordings(others: Sequence[str]) -> str:
    if not others:
        return ""
    rows = "".join(f'<li dir="auto">{escape(one)}</li>' for one in others)
    return f'<p>Also asked as</p><ul class="wordings">{rows}</ul>'


def _hint(author: str) -> str:
    return f"<small>as {escape(author)} answered</small> " if author else ""


def _answer(one: WrittenAnswer) -> str:
    question, author = escape(one.question), f"{escape(one.author)} · " if one.author else ""
    remove = f'<button type="button" class="quiet" data-remove="{question}">Remove</button>'
    return (
        f'<li class="card"><h3 dir="auto">{question}</h3>'
        f'<p class="facts">{author}{escape(one.language)}</p>'
        f'<p dir="auto">{escape(one.answer)}</p>'
        f"{'<p>It is in Airtable now: change it there.</p>' if one.is_elsewhere else remove}</li>"
    )
