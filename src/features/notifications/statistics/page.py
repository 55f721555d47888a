"""The page of operators: statistics as plots, drawn here, without scripts."""

from collections.abc import Mapping, Sequence
from datetime import date
from html import escape

from features.notifications.stage import Status
from features.notifications.statistics.schema import Rate, StatisticsGroup
from utils.plots import Series, bars_by_day, legend

#: What is shown of each day, from the bottom up, with its colour.
SHOWN: Mapping[Status, str] = {
    Status.READ: "#1b7f5c",
    Status.DELIVERED: "#4cae8a",
    Status.SENT: "#a9d6c3",
    Status.ACCEPTED: "#d3dde0",
    Status.PENDING: "#e8d9a8",
    Status.FAILED: "#c8503c",
}
_SERIES = [Series(status.value, colour) for status, colour in SHOWN.items()]
_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem;
  color: #1d2a2e; }
table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid #d3dde0; padding: .3rem .6rem; text-align: right; }
th:first-child, td:first-child { text-align: left; }
.wide { overflow-x: auto; }
svg { width: 100%; height: auto; }
.key { display: inline; width: .8em; height: .8em; margin: 0 .3em 0 0; }
.named { margin-right: .8em; white-space: nowrap; }
@media (max-width: 40rem) {
  h1 { font-size: 1.4rem; }
  svg text { font-size: 22px; }
}
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
        f"<title>{title}</title><style>{_STYLE}</style></head><body><main><h1>{title}</h1>{body}"
        f"<h2>By day (UTC)</h2>{legend(_SERIES)}{_plot(days, since, until)}"
        '<h2>By template</h2><div class="wide" tabindex="0" role="region" '
        f'aria-label="By template"><table><tr><th>Template</th>{_names()}</tr>{rows}</table></div>'
        "<p>People can turn read receipts off: the share of read messages is a lower bound.</p>"
        "</main></body></html>"
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
    lines += [f"Meta charges for {escape(billable)} messages"] if billable else []
    return "<ul>" + "".join(f"<li>{line}</li>" for line in lines) + "</ul>"


def _names() -> str:
    return "".join(f"<th>{name.value.capitalize()}</th>" for name in SHOWN) + "<th>Total</th>"


def _row(one: StatisticsGroup) -> str:
    name = escape(" · ".join(one.group.values()))
    numbers = "".join(f"<td>{one.by_status[status]:,}</td>" for status in SHOWN)
    return f"<tr><td>{name}</td>{numbers}<td>{one.total:,}</td></tr>"


def _plot(days: Sequence[StatisticsGroup], since: date, until: date) -> str:
    by_day = {
        date.fromisoformat(one.group["day"]): [one.by_status[status] for status in SHOWN]
        for one in days
    }
    return bars_by_day(by_day, _SERIES, since=since, until=until, label="Messages by day")


def _percent(one: Rate) -> str:
    return "-" if one.rate is None else f"{one.rate:.1%}"
