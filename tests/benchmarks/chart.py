"""The figures that people ask for first, as an SVG."""

from collections.abc import Sequence
from html import escape
from pathlib import Path

from tests.benchmarks.report import Figure, Report

WIDTH, LABELS, BAR, GAP = 760, 300, 22, 8
OURS, OTHERS = "#128c7e", "#9aa5a3"
TITLES = {
    "intake": "Webhooks accepted per second (one message each, 64 connections)",
    "replies": "Replies per second, from webhook to Meta's stand-in",
}


def write_chart(report: Report, path: Path) -> None:
    """Bars of the first intake table and of the replies, if they were measured."""
    parts, top = [], 10
    for key, title in TITLES.items():
        section = next((one for one in report.sections if one.key == key), None)
        if section is not None:
            parts += _bars(title, section.figures, top)
            top += 40 + len(section.figures) * (BAR + GAP)
    note = escape(f"{report.machine}, {report.measured_at}")
    parts.append(f'<text x="10" y="{top + 12}" font-size="11" fill="#667">{note}</text>')
    style = "font-family:system-ui,sans-serif"
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{top + 24}"'
    background = '<rect width="100%" height="100%" fill="#fff"/>'
    path.write_text("\n".join([f'{head} style="{style}">', background, *parts, "</svg>"]) + "\n")


def _bars(title: str, figures: Sequence[Figure], top: int) -> list[str]:
    lines = [f'<text x="10" y="{top + 16}" font-size="14" font-weight="600">{escape(title)}</text>']
    longest = max(figure.per_second or 0 for figure in figures)
    for row, figure in enumerate(figures):
        y = top + 28 + row * (BAR + GAP)
        rate = figure.per_second or 0
        width = max(1, (WIDTH - LABELS - 130) * rate / longest)
        colour = OURS if figure.name.startswith("ours") else OTHERS
        note = f", {figure.note}" if "lost" in figure.note and figure.note != "none lost" else ""
        middle = y + BAR - 6
        lines += [
            f'<text x="10" y="{middle}" font-size="12">{escape(figure.name)}</text>',
            f'<rect x="{LABELS}" y="{y}" width="{width:.0f}" height="{BAR}" fill="{colour}"/>',
            f'<text x="{LABELS + width + 6:.0f}" y="{middle}" font-size="12">'
            f"{rate:,.0f}{escape(note)}</text>",
        ]
    return lines
