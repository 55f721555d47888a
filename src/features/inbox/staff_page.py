"""The page with the operators, what they see, and what they did."""

from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from html import escape
from urllib.parse import quote

from domain.json import JsonObject
from features.inbox.html_page import html_page
from features.inbox.operators import Operator, Role
from features.inbox.tables.operators import HERE, OperatorRow


def page(
    team: Sequence[OperatorRow],
    acts: Sequence[JsonObject],
    names: Mapping[str, str],
    *,
    operator: Operator,
    are_hidden: bool,
    now: datetime,
    zone: tzinfo,
) -> str:
    """Return the page; only admins invite and remove."""
    is_admin = operator.role is Role.ADMIN
    present = [one for one in team if one.revoked_at is None]
    rows = "".join(_operator(one, now, zone, is_admin=is_admin) for one in present)
    heads = "".join(f'<th scope="col">{one}</th>' for one in ("Operator", "Role", "Now"))
    last = '<th scope="col"><span class="unseen">Remove</span></th>' if is_admin else ""
    table = (
        f"<table><thead><tr>{heads}{last}</tr></thead><tbody>{rows}</tbody></table>"
        if rows
        else "<p>Nobody is invited yet.</p>"
    )
    checked = " checked" if are_hidden else ""
    main = (
        f'<h2>Operators</h2><div id="operators">{_wide("Operators", table)}</div>'
        f"{_INVITE if is_admin else ''}"
        "<h2>Phone numbers</h2>"
        f'<label class="switch"><input type="checkbox" id="hide"{checked}> '
        "Agents see only the last two digits of a number</label>"
        f"<h2>Who saw and did what</h2>{_acts(acts, names, zone)}"
    )
    return html_page("Team", main, is_supervisor=True, script="team.js", here="team")


_INVITE = (
    '<form id="invite" class="card"><h3>Invite a colleague</h3>'
    '<label>Name <input name="name" required maxlength="60" autocomplete="off"></label>'
    '<label>Role <select name="role"><option>agent</option>'
    "<option>supervisor</option><option>admin</option></select></label>"
    '<button type="submit" class="main">Make a link</button>'
    '<p class="facts">Agents read and answer. Supervisors also see numbers and this page, hide '
    "phone numbers from agents, and erase people. Admins also invite and remove.</p>"
    '<p id="link" role="status"></p></form>'
)


def _operator(one: OperatorRow, now: datetime, zone: tzinfo, *, is_admin: bool) -> str:
    name = escape(one.name)
    remove = (
        f'<td><button type="button" class="quiet" data-revoke="{name}" '
        f'aria-label="Remove {name}">Remove</button></td>'
    )
    return (
        f'<tr><th scope="row" dir="auto">{name}</th><td>{one.role}</td>'
        f"<td>{_presence(one, now, zone)}</td>{remove if is_admin else ''}</tr>"
    )


def _presence(one: OperatorRow, now: datetime, zone: tzinfo) -> str:
    if one.seen_at is None:
        return "not yet here"
    if now - one.seen_at > HERE:
        at = one.seen_at.astimezone(zone)
        return f"last here on {at.day} {at:%b} at {at:%H:%M}"
    return "away" if one.away_at is not None else "here"


def _acts(acts: Sequence[JsonObject], names: Mapping[str, str], zone: tzinfo) -> str:
    if not acts:
        return "<p>Nobody has done anything yet.</p>"
    rows = "".join(_act(one, names, zone) for one in acts)
    heads = "".join(
        f'<th scope="col">{one}</th>' for one in ("When", "Operator", "Act", "Conversation")
    )
    table = f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"
    return _wide("Who saw and did what", table)


def _act(one: JsonObject, names: Mapping[str, str], zone: tzinfo) -> str:
    at, key = datetime.fromisoformat(one["at"]).astimezone(zone), one["key"]
    name = escape(names.get(key, "")) if key else ""
    link = f'<a href="../inbox#{quote(key, safe="")}" dir="auto">{name}</a>' if name else ""
    return (
        f'<tr><th scope="row">{at.day} {at:%b %H:%M}</th><td dir="auto">{escape(one["operator"])}'
        f"</td><td>{escape(one['act'])}</td><td>{link}</td></tr>"
    )


def _wide(name: str, table: str) -> str:
    return f'<div class="wide words" role="region" aria-label="{name}" tabindex="0">{table}</div>'
