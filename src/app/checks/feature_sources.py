"""Checks the code of features: the texts that it says, and names that have to be unique.

The code is read, not run: what a feature says depends on who writes what to the bot.
"""

import ast
import re
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

from flow_engine import Fault
from flow_engine.faults import SourceLine, did_you_mean
from services.conversations.state import ConversationState
from services.feature import Feature
from texts.catalogue import Texts
from texts.required import CORE_TEXTS

#: A key in quotes, as "handoff.away".
_KEY = re.compile(r"""["\']([a-z]\w*)(\.\w+)+["\']""")
#: A tool or a part of the state that is named where it is made.
_NAMED = re.compile(r"""\b(Tool|StateSlot)\(\s*(?:name=)?["\'](\w+)["\']""")
#: What must not have one name, in words.
_KINDS = {"Tool": "tool of the assistant", "StateSlot": "part of the stored state"}
#: What is made with names that look like keys.
_NOT_SAID = {"JobSpec", "Pool", "Stage", "StateSlot", "Table", "Tool", "Counter", "Histogram"}


def source_faults(texts: Texts, features: Sequence[type[Feature]]) -> Iterator[Fault]:
    """Yield what is wrong with the code of features."""
    required = (CORE_TEXTS, *(feature.required_texts for feature in features))
    declared = {key for one in required for key in one.keys}
    tables = {name for language in texts.languages for name in texts.of(language)}
    tables |= {feature.name for feature in features}
    taken: dict[tuple[str, str], SourceLine | None] = {
        ("StateSlot", name): None for name in ConversationState.model_fields
    }
    for feature in features:
        for path in sorted(_folder(feature).rglob("*.py")):
            source = path.read_text(encoding="utf-8")
            yield from _repeated_names(path, source, taken)
            keys = {found[0][1:-1] for found in _KEY.finditer(source) if found[1] in tables}
            undeclared = {key for key in keys - declared if not _is_table(texts, key)}
            for key, line in _said(source, undeclared):
                hint = did_you_mean(key, declared)
                advice = f"name it in required_texts of features/{feature.name}/feature.py"
                text = f"the text {key} is said, but not declared{hint}; {advice}"
                yield Fault(text, SourceLine(str(path), line))


def _folder(feature: type[Feature]) -> Path:
    return Path(sys.modules[feature.__module__].__file__ or "").parent


def _repeated_names(
    path: Path, source: str, taken: dict[tuple[str, str], SourceLine | None]
) -> Iterator[Fault]:
    """Yield tools and parts of the state that have the name of another one; note all of them."""
    for found in _NAMED.finditer(source) if "Tool(" in source or "StateSlot(" in source else ():
        kind, name = found.groups()
        here = SourceLine(str(path), source.count("\n", 0, found.start()) + 1)
        if (kind, name) in taken:
            other = taken[kind, name] or "the core"
            text = f"{name}: another {_KINDS[kind]} has this name, see {other}; give it its own"
            yield Fault(text, here)
        taken.setdefault((kind, name), here)


def _said(source: str, keys: Collection[str]) -> Iterator[tuple[str, int]]:
    """Yield where the code of a file names these keys: the key and the line."""
    for node in _walk(ast.parse(source)) if keys else ():
        if isinstance(node, ast.Constant) and node.value in keys:
            yield str(node.value), node.lineno


def _walk(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes of a file, without the arguments of what only has a name, and of the log."""
    called = node.func if isinstance(node, ast.Call) else None
    if isinstance(called, ast.Name) and called.id in _NOT_SAID:
        return
    if isinstance(called, ast.Attribute) and getattr(called.value, "id", "") == "logger":
        return
    yield node
    for child in ast.iter_child_nodes(node):
        yield from _walk(child)


def _is_table(texts: Texts, key: str) -> bool:
    """Whether a key is that of a table of texts, which is read and not said."""
    return any(isinstance(texts.find(one, key), Mapping) for one in texts.languages)
