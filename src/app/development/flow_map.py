"""All flows and menus as the map of the emulator draws them, from the same data that runs them."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from app.checks.flow_links import reachable_effects
from flow_engine.ask import END, Call, Review
from flow_engine.effects import ShowMenu, StartFlow
from flow_engine.flow import Flow
from flow_engine.menu import Menu
from services.conversations.stage import Stage
from texts.catalogue import Texts
from utils.exception_origin import SOURCE

Node = dict[str, Any]


def flow_map(
    drawn: Iterable[Flow[Any] | Menu], texts: Texts, stages: Iterable[Stage] = ()
) -> dict[str, Any]:
    """Return the folder of the project, the stages, and each flow and menu with nodes and edges."""
    return {
        "root": SOURCE.parent.as_posix(),
        "definitions": [_drawing(one, texts) for one in drawn],
        "stages": [{"name": one.name, "summary": one.summary} for one in stages],
    }


def _drawing(drawn: Flow[Any] | Menu, texts: Texts) -> dict[str, Any]:
    is_menu = isinstance(drawn, Menu)
    nodes = _choices(drawn, texts) if isinstance(drawn, Menu) else _steps(drawn, texts)
    effects = (one.effect for one in reachable_effects(drawn))
    ends = {one.name for one in effects if isinstance(one, StartFlow | ShowMenu)}
    return {
        "name": drawn.name,
        "kind": "menu" if is_menu else "flow",
        "triggers": list(drawn.triggers),
        "place": _place(drawn, drawn.name),
        "text": _texts(texts, f"{drawn.name}.ask"),
        "nodes": list(nodes),
        "edges": [] if isinstance(drawn, Menu) else list(_edges(drawn)),
        "leads_to": sorted(ends),
    }


def _steps(flow: Flow[Any], texts: Texts) -> Iterator[Node]:
    for step in flow.steps:
        kinds = {Call: "call", Review: "review"}
        kind = next((name for each, name in kinds.items() if isinstance(step, each)), "question")
        key = f"{flow.name}.{step.name}"
        yield {
            "name": step.name,
            "kind": kind,
            "text": _texts(texts, f"{key}.{'wait' if kind == 'call' else 'ask'}"),
            "options": list(flow.options(step.name)),
            "place": _place(flow, step.name),
        }


def _choices(menu: Menu, texts: Texts) -> Iterator[Node]:
    for choice, effects in menu.choices.items():
        targets = [one.name for one in effects if isinstance(one, StartFlow | ShowMenu)]
        yield {
            "name": choice,
            "kind": "choice",
            "text": _texts(texts, f"{menu.name}.options.{choice}.title"),
            "targets": targets,
            "effects": [type(one).__name__ for one in effects],
            "place": _place(menu, choice),
        }


def _edges(flow: Flow[Any]) -> Iterator[dict[str, str]]:
    answers: dict[tuple[str, str], list[str]] = {}
    for source, leading in flow.edges.items():
        for target, answer in leading:
            answers.setdefault((source, target), []).append(answer)
    for source, target in flow.failure_edges.items():
        answers.setdefault((source, target), []).append("failed")
    for (source, target), found in answers.items():
        label = " / ".join(filter(None, found))
        yield {"from": source, "to": "" if target == END else target, "label": label}


def _texts(texts: Texts, key: str) -> Mapping[str, str]:
    found = {one: texts.find_shared(one, key) for one in sorted(texts.languages)}
    first = {one: text[0] if isinstance(text, list) else text for one, text in found.items()}
    return {one: text for one, text in first.items() if isinstance(text, str)}


def _place(drawn: Flow[Any] | Menu, name: str) -> dict[str, Any]:
    """Return the file within the project, and the line where a step or choice is named."""
    where = drawn.defined_at.of_constant(name)
    file = where.file.removeprefix(f"{SOURCE.parent.as_posix()}/")
    return {"file": file, "line": where.line or 1}
