"""What the files of the project import, read from their code."""

import ast
from collections.abc import Container, Iterable, Iterator
from pathlib import Path


def modules_in(folder: Path) -> dict[str, Path]:
    """Return the files of a folder by the names under which they are imported."""
    paths = folder.rglob("*.py")
    return {_name(path.relative_to(folder)): path for path in paths}


def imports_of(path: Path, modules: Container[str]) -> Iterator[str]:
    """Yield the modules that a file imports, of ours and others: for types and in functions too."""
    return _imported(ast.walk(_tree(path)), modules)


def imports_at_once(path: Path, modules: Container[str]) -> Iterator[str]:
    """Yield the modules that a file imports as soon as it is imported itself."""
    return _imported(_run_at_once(_tree(path)), modules)


def _imported(nodes: Iterable[ast.AST], modules: Container[str]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = (f"{node.module}.{one.name}" for one in node.names)
            yield from (name if name in modules else node.module for name in names)


def _run_at_once(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the statements outside of functions and of what is there for types only."""
    for child in ast.iter_child_nodes(node):
        is_for_types = isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING"
        if not is_for_types and not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield child
            if isinstance(child, ast.stmt | ast.ExceptHandler):
                yield from _run_at_once(child)


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _name(path: Path) -> str:
    return ".".join(path.with_suffix("").parts).removesuffix(".__init__")
