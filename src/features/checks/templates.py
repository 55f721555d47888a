"""Prompts in Liquid: checked when the file is read, and filled in for one message.

What a person wrote, and what a model made of it, is data. In a prompt it is never an instruction:
its place says where it follows, and it follows as the user's part of the conversation. It is never
read as a template either. `features.checks.words` follows it through filters, loops and variables.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple, TextIO

from liquid import BoundTemplate, Environment, FalsyStrictUndefined, RenderContext
from liquid.builtin.output import Output, OutputNode
from liquid.builtin.tags.echo_tag import EchoNode, EchoTag
from liquid.exceptions import LiquidError, OutputStreamLimitError, UndefinedError
from liquid.stringify import to_liquid_string

from features.checks.limits import MAX_LOOPS, LimitedTemplate, limited_time
from features.checks.variables import is_known
from features.checks.words import has_words, keeping_words

#: Most characters of a template; most bytes of a prompt, of its data, and of its variables.
MAX_TEMPLATE_CHARS = 100_000
MAX_OUTPUT_BYTES = 100_000
MAX_VARIABLES = 100_000
#: Templates that are kept ready.
MAX_PARSED = 256
#: Tags that read other files, or write what is not looked at.
_NO_TAGS = ("include", "render", "cycle", "tablerow")
#: A word of the program that cannot be an instruction: an id, a phone number, a type.
_SINGLE_WORD = re.compile(r"[\w.:+@=/-]{0,128}")
#: A path as a template has it.
_PATH = re.compile(r"[\w.\[\]'\"-]+")
#: A place that stands for data already.
_PLACE = re.compile(r"\(data \d+\)")
#: Name of what collects data, which no template can write.
_COLLECTOR = "what is data"
_TOO_DEEP = "its blocks are nested too deeply"
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


@dataclass(slots=True)
class Data:
    """What the places of a prompt stand for, in the order of the places."""

    #: Whether values are put where their places are, as other tools do.
    is_raw: bool = False
    values: list[str] = field(default_factory=list)
    #: Bytes of all of them.
    size: int = 0

    def place(self, value: object, text: str) -> str:
        """Return what a prompt has in place of a value."""
        is_harmless = _SINGLE_WORD.fullmatch(text) or _PLACE.fullmatch(text)
        is_data = has_words(value) or not is_harmless
        if self.is_raw or not text or not is_data:
            return text
        if text not in self.values:
            self.values.append(text)
            self.size += len(text.encode())
            if self.size > MAX_OUTPUT_BYTES:
                said = f"its data has more than {MAX_OUTPUT_BYTES} bytes"
                raise OutputStreamLimitError(said, token=None)
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
    template_class = LimitedTemplate
    loop_iteration_limit = MAX_LOOPS
    local_namespace_limit = MAX_VARIABLES
    output_stream_limit = MAX_OUTPUT_BYTES

    def add_filter(self, name: str, func: Callable[..., Any]) -> None:
        super().add_filter(name, keeping_words(name, func))


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
    if len(source) > MAX_TEMPLATE_CHARS:
        yield TemplateProblem(0, f"it has more than {MAX_TEMPLATE_CHARS} characters")
        return
    try:
        found = _parsed(source).analyze()
    except LiquidError as error:
        yield TemplateProblem(_line_of(source, error), _said(error))
        return
    except RecursionError:
        yield TemplateProblem(0, _TOO_DEEP)
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


def are_true(conditions: Iterable[str], known: Mapping[str, Any]) -> bool:
    """Return whether all conditions hold. Raise TemplateFailed."""
    return all(is_true(one, known) for one in conditions)


def _as_template(condition: str) -> str:
    return f"{{% if {condition} %}}x{{% endif %}}"


def _render(source: str, known: Mapping[str, Any]) -> str:
    try:
        with limited_time():
            return _parsed(source).render(**known).strip()
    except LiquidError as error:
        raise TemplateFailed(f"line {_line_of(source, error)}: {_said(error)}") from None
    except RecursionError:
        raise TemplateFailed(_TOO_DEEP) from None
    except ValueError:  # a number of thousands of digits
        raise TemplateFailed("a value cannot be shown") from None


@lru_cache(MAX_PARSED)
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
    """Return what is wrong; a path as it is written, since Liquid shows it with its values."""
    if isinstance(error, UndefinedError) and error.token is not None:
        path = _PATH.match(error.token.source, max(0, error.token.start_index))
        return f"{path[0] if path else 'a name'} is undefined"
    return str(error.message or "this is no template").splitlines()[0].rstrip(".")
