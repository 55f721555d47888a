"""What the files of the project import, read from their code: also for types, also in functions."""

import ast
from collections.abc import Container, Iterator
from pathlib import Path


def modules_in(folder: Path) -> dict[str, Path]:
    """Return the files of a folder by the names under which they are imported."""
    paths = folder.rglob("*.py")
    return {_name(path.relative_to(folder)): path for path in paths}


def imports_of(path: Path, modules: Container[str]) -> Iterator[str]:
    """Yield the modules that a file imports, of ours and others."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = (f"{node.module}.{one.name}" for one in node.names)
            yield from (name if name in modules else node.module for name in names)


def _name(path: Path) -> str:
    return ".".join(path.with_suffix("").parts).removesuffix(".__init__")
