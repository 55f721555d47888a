"""Prompts in Liquid: checked when the file is read, and filled in for one message.

What a person wrote, and what a model made of it, is data. In a prompt it is never an instruction:
its place says where it follows, and it follows as the user's part of the conversation. It is never
read as a template either.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TextIO

from liquid import BoundTemplate, Environment, FalsyStrictUndefined, RenderContext
from liquid.builtin.output import Output, OutputNode
from liquid.builtin.tags.echo_tag import EchoNode, EchoTag
from liquid.exceptions import LiquidError
from liquid.stringify import to_liquid_string

from features.checks.variables import is_known

#: Most rounds of all loops of a template, most characters of a prompt, and of its variables.
MAX_LOOPS = 10_000
MAX_OUTPUT_BYTES = 100_000
MAX_VARIABLES = 100_000
#: Tags that read other files, or write what is not looked at.
_NO_TAGS = ("include", "render", "cycle", "tablerow")
#: A word that cannot be an instruction: an id, a phone number, a type.
_SINGLE_WORD = re.compile(r"[\w.:+@=/-]{0,128}")
#: A place that stands for data already.
_PLACE = re.compile(r"\(data \d+\)")
#: Name of what collects data, which no template can write.
_COLLECTOR = "what is data"
#: What JavaScript has in conditions, and Liquid in place of it.
_JAVASCRIPT = {
    "===": "==",
    "!==": "!=",
    "&&": "and",
    "||": "or",
    "=>": "a filter such as where",
    ".includes(": "contains",
    ".length": ".size",
    "!outputs": "== false",
    "!webhook": "== false",
}


class TemplateProblem(NamedTuple):
    """What is wrong with a template, and in which of its lines (from 1)."""

    line: int
    text: str


class TemplateFailed(Exception):
    """A template could not be filled in; says why, without the values."""


class Words(str):
    """What a person wrote, or a model: always data."""

    __slots__ = ()


@dataclass(slots=True)
class Data:
    """What the places of a prompt stand for, in the order of the places."""

    #: Whether values are put where their places are, as other tools do.
    is_raw: bool = False
    values: list[str] = field(default_factory=list)

    def place(self, value: object, text: str) -> str:
        """Return what a prompt has in place of a value."""
        is_harmless = _SINGLE_WORD.fullmatch(text) or _PLACE.fullmatch(text)
        is_data = isinstance(value, Words) or not is_harmless
        if self.is_raw or not is_data:
            return text
        if text not in self.values:
            self.values.append(text)
        return f"(data {self.values.index(text) + 1})"


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt that is filled in: instructions, and the data that they speak of."""

    text: str
    data: tuple[str, ...]


class _DataOutput(OutputNode):
    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        return buffer.write(_shown(self, context))


class _DataEcho(EchoNode):
    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        return buffer.write(_shown(self, context))


class _OutputTag(Output):
    node_class = _DataOutput


class _EchoTag(EchoTag):
    node_class = _DataEcho


class _Undefined(FalsyStrictUndefined):
    """A part of an output that a model left out: false, and an error where it is shown."""

    force_liquid_default = True


class _Environment(Environment):
    loop_iteration_limit = MAX_LOOPS
    local_namespace_limit = MAX_VARIABLES
    output_stream_limit = MAX_OUTPUT_BYTES


def _make_environment() -> Environment:
    environment = _Environment(undefined=_Undefined)
    environment.add_tag(_OutputTag)
    environment.add_tag(_EchoTag)
    for name in _NO_TAGS:
        environment.tags.pop(name)
    return environment


_ENVIRONMENT = _make_environment()


def find_problems(source: str, checks: Mapping[str, Any]) -> Iterator[TemplateProblem]:
    """Yield what is wrong with a template; `checks` are the names that `outputs` has."""
    try:
        template = _ENVIRONMENT.from_string(source)
        found = template.analyze()
    except LiquidError as error:
        yield TemplateProblem(_line_of(source, error), _said(error))
        return
    for name, spans in found.filters.items():
        if name not in _ENVIRONMENT.filters:
            yield TemplateProblem(spans[0].line_col(source)[0], f"unknown filter {name}")
    for uses in found.globals.values():
        for one in uses:
            if (problem := is_known(one.segments, checks)) is not None:
                yield TemplateProblem(one.span.line_col(source)[0], problem)


def find_condition_problems(source: str, checks: Mapping[str, Any]) -> Iterator[TemplateProblem]:
    """Yield what is wrong with a condition."""
    hints = [
        f"{ours} in place of {theirs}" for theirs, ours in _JAVASCRIPT.items() if theirs in source
    ]
    if hints:
        yield TemplateProblem(0, f"conditions are Liquid, not JavaScript: write {', '.join(hints)}")
        return
    yield from (TemplateProblem(0, one.text) for one in find_problems(_as_template(source), checks))


def fill_in(source: str, known: Mapping[str, Any], *, is_raw: bool = False) -> Prompt:
    """Return a prompt for one message. Raise TemplateFailed."""
    data = Data(is_raw)
    return Prompt(_render(source, {**known, _COLLECTOR: data}), tuple(data.values))


def fill_in_text(source: str, known: Mapping[str, Any]) -> str:
    """Return a text for people: what is data in prompts is only text there."""
    return fill_in(source, known, is_raw=True).text


def is_true(condition: str, known: Mapping[str, Any]) -> bool:
    """Return whether a condition holds. Raise TemplateFailed."""
    return bool(_render(_as_template(condition), {**known, _COLLECTOR: Data(is_raw=True)}))


def _as_template(condition: str) -> str:
    return f"{{% if {condition} %}}x{{% endif %}}"


def _render(source: str, known: Mapping[str, Any]) -> str:
    try:
        return _parsed(source).render(**known).strip()
    except LiquidError as error:
        raise TemplateFailed(f"line {_line_of(source, error)}: {_said(error)}") from None


def _parsed(source: str) -> BoundTemplate:
    return _ENVIRONMENT.from_string(source)


def _shown(node: OutputNode, context: RenderContext) -> str:
    value = node.expression.evaluate(context)
    text = to_liquid_string(value, autoescape=False)
    data = context.globals.get(_COLLECTOR)
    return data.place(value, text) if isinstance(data, Data) else text


def _line_of(source: str, error: LiquidError) -> int:
    at = error.token.start_index if error.token is not None else 0
    return source.count("\n", 0, max(0, at)) + 1


def _said(error: LiquidError) -> str:
    return str(error.message or "this is no template").splitlines()[0].rstrip(".")
