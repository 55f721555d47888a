"""Pages of the inbox that are drawn on the server."""

from collections.abc import Sequence

#: (path below the inbox, what it is called, whether only supervisors see it)
PAGES: Sequence[tuple[str, str, bool]] = (
    ("questions", "Questions", False),
    ("numbers", "Numbers", True),
    ("team", "Team", True),
)


def html_page(
    title: str, main: str, *, is_supervisor: bool, script: str | None = None, here: str = ""
) -> str:
    """Return a page with the bar that all of them have."""
    links = "".join(
        f'<a href="{path}"{_current(path == here)}>{name}</a>'
        for path, name, is_theirs in PAGES
        if is_supervisor or not is_theirs
    )
    run = f'<script type="module" src="pages/{script}"></script>' if script else ""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>{title} · Inbox</title><link rel="icon" href="data:,">'
        f'<link rel="stylesheet" href="pages/inbox.css">{run}</head><body class="numbers">'
        f'<header class="bar"><h1>{title}</h1><nav aria-label="Pages">'
        f'<a href="../inbox">Conversations</a>{links}</nav></header><main>{main}</main>'
        '<output id="said" aria-live="assertive"></output></body></html>'
    )


def _current(is_here: bool) -> str:
    return ' aria-current="page"' if is_here else ""
