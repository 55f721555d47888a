"""Checks that no two models of settings read one environment variable."""

import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from flow_engine import Fault
from flow_engine.faults import SourceLine
from utils.setting_types import SettingsModel


def repeated_settings(models: Sequence[type[SettingsModel]]) -> Iterator[Fault]:
    """Yield each field that reads a variable of an earlier model: one of them would rule both."""
    taken: dict[str, tuple[type[SettingsModel], str]] = {}
    for model in models:
        for field, names in model.names().items():
            if other := next((taken[name] for name in names if name in taken), None):
                text = f"{field} reads {names[0]}, as {_line(*other)} does: give it another name"
                yield Fault(text, _line(model, field))
            taken |= {name: (model, field) for name in names if name not in taken}


def _line(model: type[SettingsModel], field: str) -> SourceLine:
    """Return where a field is declared."""
    file = sys.modules[model.__module__].__file__ or model.__module__
    found = re.search(rf"^\s+{field}\s*:", source := Path(file).read_text("utf-8"), re.MULTILINE)
    return SourceLine(file, source.count("\n", 0, found.end()) + 1 if found else None)
