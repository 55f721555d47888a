"""The page with the numbers of the inbox, drawn on the server."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from html import escape

from features.inbox.html_page import html_page
from features.inbox.numbers import Answers, Day, Numbers
from utils.plots import Series, bars_by_day, legend

#: Days that the page offers.
PERIODS = (7, 30, 90)
PEOPLE = [
    Series("the bot alone", "#4cae8a"),
    Series("with an operator", "#3d6fb4"),
]
FIRST = [Series("minutes to the first answer (median)", "#c88a2d")]


def page(numbers: Numbers, *, since: date, until: date, now: datetime) -> str:
    """Return the page."""
    days = (until - since).days + 1
    periods = "".join(_period(one, is_shown=one == days) for one in PERIODS)
    main = (
        f'<nav aria-label="Period">{periods}<a href="numbers.csv?days={days}">CSV</a></nav>'
        f'<dl class="tiles">{"".join(_tiles(numbers, now))}</dl>'
        f"<h2>People who wrote, by day</h2>{legend(PEOPLE)}{_people(numbers.days, since, until)}"
        f"<h2>First answers, by day</h2>{legend(FIRST)}{_first(numbers.days, since, until)}"
        f"<h2>Operators</h2>{_operators(numbers.operators)}"
        "<p>A case begins when a person asks for one, and ends when the bot answers again. "
        "Medians: half of all took less.</p>"
    )
    return html_page("Numbers", main, is_supervisor=True, here="numbers")


def duration(seconds: float | None) -> str:
    """Return a length of time as a person reads it."""
    if seconds is None:
        return "none yet"
    if seconds < 60:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h" if seconds < 172_800 else f"{seconds / 86_400:.1f} d"


def _period(days: int, *, is_shown: bool) -> str:
    current = ' aria-current="page"' if is_shown else ""
    return f'<a href="numbers?days={days}"{current}>{days} days</a> '


def _tiles(numbers: Numbers, now: datetime) -> Iterator[str]:
    whole = numbers.whole
    people = sum(day.people for day in numbers.days.values())
    alone = sum(day.by_bot_alone for day in numbers.days.values())
    since = numbers.waiting_since
    longest = f", longest {duration((now - since).total_seconds())}" if since else ""
    yield _tile("Waiting now", f"{numbers.waiting}{longest}")
    yield _tile("Asked for a person", f"{whole.cases:,} ({len(whole.first):,} answered)")
    yield _tile("Wait for the first answer", duration(whole.median_first))
    yield _tile("Time until it was done", duration(whole.median_resolution))
    yield _tile("Answered by the bot alone", f"{alone / people:.0%}" if people else "none yet")
    yield _tile("Replies of operators", f"{whole.replies:,}")
    yield _tile("Answered too late", f"{whole.missed:,}")


def _tile(name: str, value: str) -> str:
    return f"<div><dt>{name}</dt><dd>{value}</dd></div>"


def _people(days: Mapping[date, Day], since: date, until: date) -> str:
    values = {day: (one.by_bot_alone, one.people - one.by_bot_alone) for day, one in days.items()}
    label = "People who wrote by day: those whom the bot answered alone, and the others"
    return bars_by_day(values, PEOPLE, since=since, until=until, label=label)


def _first(days: Mapping[date, Day], since: date, until: date) -> str:
    medians = {day: one.answers.median_first for day, one in days.items()}
    values = {day: (round(one / 60, 1),) for day, one in medians.items() if one is not None}
    label = "Median time to the first answer by day, in minutes"
    return bars_by_day(values, FIRST, since=since, until=until, label=label)


def _operators(operators: Mapping[str, Answers]) -> str:
    heads = "Operator", "Replies", "First answers", "Time to it", "Until it was done", "Too late"
    rows = "".join(
        f'<tr><th scope="row">{escape(name)}</th><td>{one.replies:,}</td>'
        f"<td>{len(one.first):,}</td>"
        f"<td>{duration(one.median_first)}</td><td>{duration(one.median_resolution)}</td>"
        f"<td>{one.missed:,}</td></tr>"
        for name, one in operators.items()
    )
    names = "".join(f'<th scope="col">{one}</th>' for one in heads)
    if not rows:
        return "<p>Nobody answered in this time.</p>"
    table = f"<table><thead><tr>{names}</tr></thead><tbody>{rows}</tbody></table>"
    return f'<div class="wide" role="region" aria-label="Operators" tabindex="0">{table}</div>'
