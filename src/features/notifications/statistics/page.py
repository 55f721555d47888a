"""The page of operators: statistics as plots, drawn here, without scripts."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from html import escape

from features.notifications.stage import Status
from features.notifications.statistics.schema import Rate, StatisticsGroup

#: Size of a plot, in pixels of SVG.
WIDTH, HEIGHT, BASE = 720, 200, 170
#: What is shown of each day, from the bottom up, with its colour.
SHOWN: Mapping[Status, str] = {
    Status.READ: "#1b7f5c",
    Status.DELIVERED: "#4cae8a",
    Status.SENT: "#a9d6c3",
    Status.ACCEPTED: "#d3dde0",
    Status.PENDING: "#e8d9a8",
    Status.FAILED: "#c8503c",
}
_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem;
  color: #1d2a2e; }
table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid #d3dde0; padding: .3rem .6rem; text-align: right; }
th:first-child, td:first-child { text-align: left; }
svg { width: 100%; height: auto; }
.key { display: inline-block; width: .8em; height: .8em; margin: 0 .3em 0 1em; }
"""


def page(
    whole: Sequence[StatisticsGroup],
    days: Sequence[StatisticsGroup],
    templates: Sequence[StatisticsGroup],
    *,
    since: date,
    until: date,
) -> str:
    """Return the page."""
    title = f"Messages from {since} to {until}"
    rows = "".join(_row(one) for one in templates)
    body = "".join(_summary(one) for one in whole) or "<p>No messages yet.</p>"
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{title}</title><style>{_STYLE}</style></head><body><h1>{title}</h1>{body}"
        f"<h2>By day (UTC)</h2>{_legend()}{_plot(days, since, until)}"
        f"<h2>By template</h2><table><tr><th>Template</th>{_names()}</tr>{rows}</table>"
        "<p>People can turn read receipts off: the share of read messages is a lower bound.</p>"
        "</body></html>"
    )


def _summary(one: StatisticsGroup) -> str:
    billable = ", ".join(f"{count:,} {name}" for name, count in one.billable_by_category.items())
    codes = ", ".join(f"{count:,} with code {code}" for code, count in one.failed_by_code.items())
    lines = [
        f"{one.total:,} messages",
        f"{_percent(one.delivery)} of those with a final status were delivered",
        f"{_percent(one.read)} of the delivered ones were read",
        f"{_percent(one.failure)} failed" + (f" ({escape(codes)})" if codes else ""),
        f"{one.pending_over_an_hour:,} have waited for more than an hour",
    ]
    lines += [f"Meta charges for {escape(billable)}"] if billable else []
    return "<ul>" + "".join(f"<li>{line}</li>" for line in lines) + "</ul>"


def _names() -> str:
    return "".join(f"<th>{name.value.capitalize()}</th>" for name in SHOWN) + "<th>Total</th>"


def _row(one: StatisticsGroup) -> str:
    name = escape(" · ".join(one.group.values()))
    numbers = "".join(f"<td>{one.by_status[status]:,}</td>" for status in SHOWN)
    return f"<tr><td>{name}</td>{numbers}<td>{one.total:,}</td></tr>"


def _legend() -> str:
    keys = "".join(
        f'<span class="key" style="background:{colour}"></span>{status.value}'
        for status, colour in SHOWN.items()
    )
    return f"<p>{keys}</p>"


def _plot(days: Sequence[StatisticsGroup], since: date, until: date) -> str:
    """Return a bar for each day, with a part for each status."""
    by_day = {one.group["day"]: one for one in days}
    dates = [since + timedelta(days=place) for place in range((until - since).days + 1)]
    most = max((_shown(one) for one in days), default=0) or 1
    width = WIDTH / max(len(dates), 1)
    bars = "".join(
        _bar(by_day.get(day.isoformat()), day, place * width, width, BASE / most)
        for place, day in enumerate(dates)
    )
    ends = "".join(
        f'<text x="{x}" y="{HEIGHT - 8}" font-size="12" text-anchor="{anchor}">{day}</text>'
        for x, anchor, day in ((0, "start", since), (WIDTH, "end", until))
    )
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="Messages by day">'
        f'<line x1="0" y1="{BASE}" x2="{WIDTH}" y2="{BASE}" stroke="#8a9a9f"/>'
        f'<text x="0" y="12" font-size="12">{most:,}</text>{bars}{ends}</svg>'
    )


def _shown(one: StatisticsGroup) -> int:
    return sum(one.by_status[status] for status in SHOWN)


def _bar(one: StatisticsGroup | None, day: date, left: float, width: float, scale: float) -> str:
    if one is None:
        return ""
    told = ", ".join(f"{one.by_status[status]:,} {status.value}" for status in SHOWN)
    return f"<g><title>{day}: {told}</title>{''.join(_parts(one, left, width, scale))}</g>"


def _parts(one: StatisticsGroup, left: float, width: float, scale: float) -> Iterator[str]:
    top = float(BASE)
    for status, colour in SHOWN.items():
        height = one.by_status[status] * scale
        top -= height
        if height:
            yield (
                f'<rect x="{left + width * 0.1:.2f}" y="{top:.2f}" width="{width * 0.8:.2f}" '
                f'height="{height:.2f}" fill="{colour}"/>'
            )


def _percent(one: Rate) -> str:
    return "-" if one.rate is None else f"{one.rate:.1%}"
