"""Draws a flow or a menu as a Mermaid state diagram, from the same data that runs it."""

from typing import Any

from flow_engine.ask import END
from flow_engine.effects import ShowMenu, StartFlow
from flow_engine.flow import Flow
from flow_engine.menu import Menu


def to_mermaid(drawn: Flow[Any] | Menu) -> str:
    lines = _menu_lines(drawn) if isinstance(drawn, Menu) else _flow_lines(drawn)
    return "\n".join(["stateDiagram-v2", *(f"    {line}" for line in lines)])


def _flow_lines(flow: Flow[Any]) -> list[str]:
    lines = [f"[*] --> {flow.first_step}: {' / '.join(flow.triggers) or flow.name}"]
    for source, edges in flow.edges.items():
        for target, answer in edges:
            arrow = f"{source} --> {'[*]' if target == END else target}"
            lines.append(f"{arrow}: {answer}" if answer else arrow)
    return lines


def _menu_lines(menu: Menu) -> list[str]:
    lines = [f"[*] --> {menu.name}"]
    for choice, effects in menu.choices.items():
        targets = [effect.name for effect in effects if isinstance(effect, StartFlow | ShowMenu)]
        lines.append(f"{menu.name} --> {targets[0] if targets else '[*]'}: {choice}")
    return lines
