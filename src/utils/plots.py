"""Plots as SVG, drawn on the server: pages show them without scripts."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from html import escape

#: Size of a plot, in pixels of SVG.
WIDTH, HEIGHT, BASE = 720, 200, 170


@dataclass(frozen=True, slots=True)
class Series:
    """What a part of each bar shows."""

    name: str
    colour: str


def legend(series: Sequence[Series]) -> str:
    """Return what the colours mean: classes "key" for squares, "named" for each with its name."""
    keys = "".join(
        f'<span class="named"><svg class="key" viewBox="0 0 8 8" aria-hidden="true">'
        f'<rect width="8" height="8" fill="{one.colour}"/></svg>{escape(one.name)}</span> '
        for one in series
    )
    return f"<p>{keys}</p>"


def bars_by_day(
    days: Mapping[date, Sequence[float]],
    series: Sequence[Series],
    *,
    since: date,
    until: date,
    label: str,
) -> str:
    """Return a bar for each day, from the bottom up with a part for each series.

    Days without numbers are empty. `label` says what the plot shows, for screen readers.
    """
    if not any(map(sum, days.values())):
        return "<p>No numbers yet.</p>"
    dates = [since + timedelta(days=place) for place in range((until - since).days + 1)]
    most = max(map(sum, days.values()))
    width = WIDTH / max(len(dates), 1)
    bars = "".join(
        _bar(days[day], series, day, place * width, width, BASE / most)
        for place, day in enumerate(dates)
        if day in days
    )
    ends = "".join(
        f'<text x="{x}" y="{HEIGHT - 8}" font-size="12" text-anchor="{anchor}" '
        f'fill="currentColor">{day.day} {day:%b}</text>'
        for x, anchor, day in ((0, "start", since), (WIDTH, "end", until))
    )
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(label)}">'
        f'<line x1="0" y1="{BASE}" x2="{WIDTH}" y2="{BASE}" stroke="#8a9a9f"/>'
        '<text x="0" y="2" font-size="12" dominant-baseline="hanging" fill="currentColor">'
        f"{most:,g}</text>{bars}{ends}</svg>"
    )


def _bar(
    values: Sequence[float],
    series: Sequence[Series],
    day: date,
    left: float,
    width: float,
    scale: float,
) -> str:
    named = zip(values, series, strict=True)
    told = ", ".join(f"{value:,g} {one.name}" for value, one in named)
    parts = "".join(_parts(values, series, left, width, scale))
    return f"<g><title>{day.day} {day:%b}: {escape(told)}</title>{parts}</g>"


def _parts(
    values: Sequence[float], series: Sequence[Series], left: float, width: float, scale: float
) -> Iterator[str]:
    top = float(BASE)
    for value, one in zip(values, series, strict=True):
        height = value * scale
        top -= height
        if height:
            yield (
                f'<rect x="{left + width * 0.1:.2f}" y="{top:.2f}" width="{width * 0.8:.2f}" '
                f'height="{height:.2f}" fill="{one.colour}"/>'
            )
