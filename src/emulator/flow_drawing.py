"""Draws the map of all flows and menus as SVG: no library, no script, no inline style."""

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any
from urllib.parse import quote

#: Sizes, in pixels of the drawing.
BOX_WIDTH, BOX_HEIGHT, GAP, MARGIN = 190, 34, 34, 12
#: Distance between the arrows that pass other steps.
TRACK = 16
LABEL_WIDTH = 130
MAX_LABEL_CHARS = 22

Drawing = Mapping[str, Any]


def draw(flow_map: Mapping[str, Any]) -> str:
    """Return a section with an SVG for each flow and menu of a map."""
    known = {one["name"] for one in flow_map["definitions"]}
    root = str(flow_map["root"])
    sections = [_section(one, known, root) for one in flow_map["definitions"]]
    return "\n".join([*sections, _stages(flow_map.get("stages") or [])])


def _section(drawing: Drawing, known: set[str], root: str) -> str:
    name, kind = escape(drawing["name"]), escape(drawing["kind"])
    place = drawing["place"]
    words = ", ".join(f"“{escape(one)}”" for one in drawing["triggers"])
    parts = [
        f'<section id="{name}" class="{kind}" aria-labelledby="{name}-title">',
        f'<h2 id="{name}-title">{name} <small>{kind}</small></h2>',
        f'<p><a href="{_editor(root, place)}">{_written(place)}</a></p>',
        f"<p>{words}</p>" if words else "",
        _menu(drawing, known, root) if drawing["kind"] == "menu" else _flow(drawing, root),
    ]
    if drawing["kind"] == "flow" and drawing["leads_to"]:
        links = ", ".join(_link(one, known) for one in drawing["leads_to"])
        parts.append(f"<p>At the end: {links}</p>")
    return "\n".join((*filter(None, parts), "</section>"))


def _stages(stages: Sequence[Drawing]) -> str:
    """Return the routing table: who may take a message, in this order."""
    rows = "\n".join(
        f'<tr id="stage-{escape(one["name"])}"><td>{number}</td><th scope="row">'
        f"{escape(one['name'])}</th><td>{escape(one['summary'])}</td></tr>"
        for number, one in enumerate(stages, start=1)
    )
    if not rows:
        return ""
    title = '<h2 id="stages-title">Stages of a message</h2>'
    about = "<p>The first one that takes a message answers it.</p>"
    return (
        f'<section id="stages" tabindex="0" aria-labelledby="stages-title">{title}{about}'
        f"<table><tbody>{rows}</tbody></table></section>"
    )


def _flow(drawing: Drawing, root: str) -> str:
    nodes = drawing["nodes"]
    rows = {node["name"]: number for number, node in enumerate(nodes)}
    rows[""] = len(nodes)
    edges = drawing["edges"]
    tracks = _tracks(edges, rows)
    width = MARGIN * 2 + BOX_WIDTH + TRACK * (1 + max(tracks.values(), default=-1)) + LABEL_WIDTH
    height = MARGIN * 2 + len(nodes) * (BOX_HEIGHT + GAP) + 20
    shapes = [_arrow(number, edge, rows, tracks) for number, edge in enumerate(edges)]
    shapes.sort(key=lambda shape: "<text" in shape)  # labels above the lines
    boxes = [
        _box(drawing, {**node, "ways": [*_ways(edges, node)]}, root, rows[node["name"]])
        for node in nodes
    ]
    end = f'<circle class="end" cx="{_middle()}" cy="{_top(len(nodes)) + 8}" r="8" />'
    return _svg(drawing, width, height, [*shapes, *boxes, end])


def _ways(edges: Sequence[Mapping[str, str]], node: Drawing) -> Iterator[str]:
    """Yield where a step leads: "yes → the end"."""
    for edge in edges:
        if edge["from"] == node["name"]:
            yield f"{edge['label']} → {edge['to'] or 'the end'}".strip()


def _menu(drawing: Drawing, known: set[str], root: str) -> str:
    nodes = drawing["nodes"]
    step = BOX_HEIGHT + 10
    width = MARGIN * 2 + BOX_WIDTH + 40 + LABEL_WIDTH
    shapes = []
    for row, node in enumerate(nodes):
        top = MARGIN + row * step
        shapes.append(_box(drawing, node, root, row, top=top))
        middle, left = top + BOX_HEIGHT // 2, MARGIN + BOX_WIDTH
        shapes.append(f'<path class="edge" d="M{left} {middle}h30" marker-end="url(#head)" />')
        target = next(iter(node["targets"]), "")
        text = escape(_cut(target or ", ".join(node["effects"])))
        label = f'<text class="label" x="{left + 38}" y="{middle + 4}">{text}</text>'
        is_here = target in known
        shapes.append(f'<a href="#{escape(target)}">{label}</a>' if is_here else label)
    return _svg(drawing, width, MARGIN * 2 + len(nodes) * step, shapes)


def _tracks(edges: Sequence[Mapping[str, str]], rows: Mapping[str, int]) -> dict[int, int]:
    """Return on which track beside the boxes each arrow runs that is not to the next step."""
    taken: list[list[tuple[int, int]]] = []
    tracks = {}
    for number, edge in enumerate(edges):
        ends = sorted((rows[edge["from"]], rows[edge["to"]]))
        low, high = ends[0], ends[1]
        if rows[edge["to"]] == rows[edge["from"]] + 1:
            continue
        free = (
            place
            for place, spans in enumerate(taken)
            if all(high < other[0] or other[1] < low for other in spans)
        )
        track = next(free, len(taken))
        if track == len(taken):
            taken.append([])
        taken[track].append((low, high))
        tracks[number] = track
    return tracks


def _arrow(
    number: int,
    edge: Mapping[str, str],
    rows: Mapping[str, int],
    tracks: Mapping[int, int],
) -> str:
    source, target = rows[edge["from"]], rows[edge["to"]]
    label = escape(_cut(edge["label"]))
    if number not in tracks:
        top = _top(source) + BOX_HEIGHT
        line = f'<path class="edge" d="M{_middle()} {top}v{GAP - 4}" marker-end="url(#head)" />'
        text = f'<text class="label" x="{_middle() + 8}" y="{top + GAP // 2 + 2}">{label}</text>'
        return line + (text if label else "")
    right = MARGIN + BOX_WIDTH
    x = right + TRACK * (1 + tracks[number])
    begins, ends = _top(source) + BOX_HEIGHT * 2 // 3, _top(target) + BOX_HEIGHT // 3
    if target == rows[""]:
        right_end, ends = _middle() + 8, _top(target) + 8
    else:
        right_end = right
    path = f"M{right} {begins}H{x}V{ends}H{right_end + 4}"
    line = f'<path class="edge" d="{path}" marker-end="url(#head)" />'
    text = f'<text class="label" x="{x + 5}" y="{ends + 4}">{label}</text>'
    return line + (text if label else "")


def _box(drawing: Drawing, node: Drawing, root: str, row: int, *, top: int | None = None) -> str:
    y = _top(row) if top is None else top
    name, kind = escape(node["name"]), escape(node["kind"])
    about = escape("\n".join(_about(node)))
    shape = f'<rect x="{MARGIN}" y="{y}" width="{BOX_WIDTH}" height="{BOX_HEIGHT}" rx="8" />'
    text = f'<text x="{MARGIN + 12}" y="{y + 22}">{escape(_cut(node["name"]))}</text>'
    words = escape(f"{node['name']}, {kind}, {_written(node['place'])}")
    return (
        f'<a class="node {kind}" href="{_editor(root, node["place"])}" aria-label="{words}" '
        f'data-of="{escape(drawing["name"])}" data-node="{name}" data-about="{about}">'
        f"<title>{about}</title>{shape}{text}</a>"
    )


def _about(node: Drawing) -> Iterator[str]:
    """Yield what is told of a step or choice: its texts, options, targets and place."""
    for language, text in node["text"].items():
        yield f"{language}: {text}"
    if node.get("options"):
        yield f"options: {', '.join(node['options'])}"
    yield from node.get("ways") or ()
    if node.get("effects"):
        yield f"does: {', '.join(node['effects'])}"
    yield _written(node["place"])


def _svg(drawing: Drawing, width: int, height: int, shapes: Sequence[str]) -> str:
    name = escape(drawing["name"])
    head = (
        f'<marker id="head-{name}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" '
        'markerHeight="7" orient="auto"><path class="head" d="M0 0l8 4-8 4z" /></marker>'
    )
    size = f'width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
    inner = "\n".join(shapes).replace("url(#head)", f"url(#head-{name})")
    return f'<svg {size} role="group" aria-label="{name}"><defs>{head}</defs>\n{inner}\n</svg>'


def _top(row: int) -> int:
    return MARGIN + row * (BOX_HEIGHT + GAP)


def _middle() -> int:
    return MARGIN + BOX_WIDTH // 2


def _cut(text: str) -> str:
    return text if len(text) <= MAX_LABEL_CHARS else f"{text[: MAX_LABEL_CHARS - 1]}…"


def _link(name: str, known: set[str]) -> str:
    text = escape(name)
    return f'<a href="#{text}">{text}</a>' if name in known else text


def _written(place: Mapping[str, Any]) -> str:
    return escape(f"{place['file']}:{place['line']}")


def _editor(root: str, place: Mapping[str, Any]) -> str:
    """Return a link that opens the line in VS Code."""
    return f"vscode://file{quote(root)}/{quote(place['file'])}:{place['line']}"
