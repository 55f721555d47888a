"""Reads YAML by the rules of version 1.2, and knows the line of everything that it has read.

PyYAML follows YAML 1.1: it reads the key `on` as true, `010` as 8 and `12:30` as 750, and of two
equal keys it takes the last one (github.com/yaml/pyyaml/issues/613, /744).
"""

import re
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

#: Keys and positions that lead to a value.
Path = tuple[Hashable, ...]

#: Most values of a file, with those that anchors repeat: a few lines can mean billions.
MAX_VALUES = 20_000
#: Deepest nesting.
MAX_DEPTH = 40

_TAG = "tag:yaml.org,2002:"
_TAGS = frozenset(_TAG + kind for kind in ("str", "null", "bool", "int", "float", "seq", "map"))
#: The core schema (yaml.org/spec/1.2.2, 10.3.2): patterns of plain values, and what they begin
#: with.
_CORE_SCHEMA = (
    ("null", r"~|null|Null|NULL|", "~nN"),
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", "-+0123456789"),
    (
        "float",
        r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)"
        r"|\.(?:nan|NaN|NAN)",
        "-+0123456789.",
    ),
)


@dataclass(frozen=True, slots=True)
class YamlProblem:
    """What is wrong with a file, and in which line (from 1)."""

    line: int
    text: str


class YamlError(Exception):
    """The text is no YAML that can be used."""

    def __init__(self, problems: list[YamlProblem]) -> None:
        super().__init__(problems[0].text)
        self.problems = problems


@dataclass(slots=True)
class YamlDocument:
    """The values of a file with their lines."""

    values: Any = None
    #: Line of each key, or of a value in a list, from 1.
    lines: dict[Path, int] = field(default_factory=dict)
    #: Line in which the text of a value begins: of a block, the one below its key.
    text_lines: dict[Path, int] = field(default_factory=dict)
    #: Numbers as they are written: a phone number may begin with 00.
    numbers: dict[Path, str] = field(default_factory=dict)
    #: What is wrong with single keys and values: the rest can be read.
    problems: list[YamlProblem] = field(default_factory=list)

    def line_of(self, path: Path) -> int:
        """Return the line of a value, or of the nearest one around it; 1 for an empty file."""
        return next((self.lines[one] for one in _upwards(path) if one in self.lines), 1)

    def known_path(self, path: Path, more: Path) -> Path:
        """Return a path with those keys of `more` that are in the file: others name types."""
        for key in more:
            if (*path, key) in self.lines:
                path = (*path, key)
        return path


def read_yaml(text: str) -> YamlDocument:
    """Read one document. Raise YamlError if nothing of it can be used."""
    try:
        node = _compose(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        said = error.problem or error.context or "this is not YAML"
        if said.endswith("'?'"):  # PyYAML takes it for the beginning of a key
            said += ": put a text with a question mark into quotes"
        raise YamlError([YamlProblem(mark.line + 1 if mark else 1, said)]) from None
    except (yaml.YAMLError, RecursionError):
        raise YamlError([YamlProblem(1, "this is not YAML")]) from None
    builder = _Builder()
    builder.document.values = None if node is None else builder.build(node, ())
    return builder.document


def _compose(text: str) -> yaml.Node | None:
    loader = _Loader(text)
    try:
        node: yaml.Node | None = loader.get_single_node()
    finally:
        loader.dispose()
    return node


class _Loader(yaml.SafeLoader):
    """PyYAML with the plain values of YAML 1.2."""


_Loader.yaml_implicit_resolvers = {}  # not those of version 1.1, which all loaders share
for _name, _pattern, _begins in _CORE_SCHEMA:
    _Loader.add_implicit_resolver(
        _TAG + _name,
        re.compile(f"(?:{_pattern})$"),
        [*_begins, ""] if _name == "null" else list(_begins),
    )


class _Builder:
    """Makes plain values of the nodes that PyYAML composed."""

    def __init__(self) -> None:
        self.document = YamlDocument()
        self._seen = 0

    def build(self, node: yaml.Node, path: Path) -> Any:
        line = node.start_mark.line + 1
        self._seen += 1
        if self._seen > MAX_VALUES or len(path) > MAX_DEPTH:
            raise YamlError([YamlProblem(line, "too many values, or nested too deeply")])
        self.document.lines.setdefault(path, line)
        if node.tag not in _TAGS:
            self._wrong(line, f"the tag {node.tag} means nothing here")
            return None
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.build(one, (*path, i)) for i, one in enumerate(node.value)]
        return self._scalar(node, path)

    def _mapping(self, node: yaml.MappingNode, path: Path) -> Mapping[str, Any]:
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                self._wrong(line, "a key has to be a word")
                continue
            key = str(key_node.value)
            if key in found:
                before = self.document.lines[(*path, key)]
                self._wrong(line, f"{key} is there twice: the first is in line {before}")
                continue
            self.document.lines[(*path, key)] = line
            found[key] = self.build(value_node, (*path, key))
        return found

    def _scalar(self, node: yaml.Node, path: Path) -> Any:
        text, kind = str(node.value), node.tag.rpartition(":")[2]
        is_block = getattr(node, "style", None) in ("|", ">")
        self.document.text_lines[path] = node.start_mark.line + 1 + is_block
        if kind in ("int", "float"):
            self.document.numbers[path] = text
        try:
            return _READERS.get(kind, str)(text)
        except ValueError:
            self._wrong(node.start_mark.line + 1, f"expected a value of the type {kind}")
            return None

    def _wrong(self, line: int, text: str) -> None:
        self.document.problems.append(YamlProblem(line, text))


def _integer(text: str) -> int:
    sign, digits = ("-", text[1:]) if text.startswith("-") else ("", text.removeprefix("+"))
    is_other_base = digits[:2] in ("0o", "0x")
    return int(sign + digits, 0) if is_other_base else int(sign + digits)


def _real(text: str) -> float:
    return float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))


#: Kinds of plain values, by the names of their tags.
_READERS: Mapping[str, Callable[[str], Any]] = {
    "str": str,
    "null": lambda _: None,
    "bool": lambda text: text.lower() == "true",
    "int": _integer,
    "float": _real,
}


def _upwards(path: Path) -> Iterator[Path]:
    for length in range(len(path), -1, -1):
        yield path[:length]
