"""Names of new flows, features and tables: what may be a name, and what is taken already."""

import ast
import keyword
import re

#: Longest name, in characters: lines of the new files stay within 100.
MAX_NAME_CHARS = 23
_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")


class BadName(ValueError):
    """What was given cannot be a name; says what can."""


def check_name(name: str) -> None:
    """Raise BadName if a module, a class and a table cannot be named like this."""
    if _NAME.fullmatch(name) is None or keyword.iskeyword(name) or len(name) > MAX_NAME_CHARS:
        raise BadName(
            f"{name!r} cannot be a name: use lower-case letters, digits and _, such as book_table, "
            f"at most {MAX_NAME_CHARS} characters, and no word of Python's own."
        )


def class_name(name: str) -> str:
    """`book_table` -> `BookTable`."""
    return "".join(part.capitalize() for part in name.split("_"))


def identifiers(source: str) -> frozenset[str]:
    """Return all names that Python code defines, imports or reads."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.alias(name=name, asname=other):
                found.add(other or name)
            case ast.Name(id=name) | ast.arg(arg=name) | ast.ClassDef(name=name):
                found.add(name)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                found.add(name)
    return frozenset(found)
