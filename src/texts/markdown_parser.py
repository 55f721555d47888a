"""A parser of the Markdown that models and teams write, which is not always CommonMark."""

import re
from collections.abc import Callable
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline, emphasis, strikethrough

Rule = Callable[[StateInline, bool], bool]
MARKS = re.compile(r"\*+|_+|~+")
#: It ends before two marks, and before a sign of Chinese or Japanese or one of full width.
ADDRESS = re.compile(r"://(?:(?!\*\*|~~)[^\s<>\[\]\u3000-\u303f\uff01-\uff0f\uff1a-\uff20])+")


@cache
def make_parser() -> MarkdownIt:
    """Return the parser; it is built once."""
    parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    # Indented text, "[x]: y" and "&amp;" are no markup to people who write messages.
    parser.disable(["code", "reference", "entity", "html_block", "html_inline"])
    rules = parser.inline.ruler
    rules.before("escape", "parenthesis", _parenthesis)
    rules.before("emphasis", "inside_word", _inside_word)
    rules.before("emphasis", "address", _address)
    rules.at("strikethrough", _generously(strikethrough.tokenize))
    rules.at("emphasis", _generously(emphasis.tokenize))
    parser.normalizeLink = lambda url: url  # type: ignore[method-assign] # as it was written
    return parser


def _parenthesis(state: StateInline, silent: bool) -> bool:
    r"""Keep the backslash of \(x\): no mark of WhatsApp, and a formula if anything."""
    if not state.src.startswith(("\\(", "\\)"), state.pos):
        return False
    return _as_it_is(state, state.src[state.pos : state.pos + 2], silent=silent)


def _inside_word(state: StateInline, silent: bool) -> bool:
    """Marks in the middle of a word are none to WhatsApp: 2*3*4.

    Bold between letters may be meant (**FAQ**s, **注意**请): the renderer decides.
    """
    match = MARKS.match(state.src, state.pos)
    before = state.src[state.pos - 1 : state.pos]
    after = state.src[match.end() : match.end() + 1] if match is not None else ""
    if match is None or not (before.isalnum() and after.isalnum()):
        return False
    if match[0] == "**" and before.isalpha() and after.isalpha():
        return False
    return _as_it_is(state, match[0], silent=silent)


def _address(state: StateInline, silent: bool) -> bool:
    """The rest of an address after "https": what looks like a mark in it is none."""
    if not state.src.endswith(("http", "https"), 0, state.pos):
        return False
    match = ADDRESS.match(state.src, state.pos)
    if match is None:
        return False
    return _as_it_is(state, match[0].rstrip("*_~.,;:!?)'\""), silent=silent)


def _generously(tokenize: Rule) -> Rule:
    """Read two marks also where they end in a sign with a letter behind it: **Price:**10.

    CommonMark reads such marks as an opening only, which few who write them mean.
    """

    def read(state: StateInline, silent: bool) -> bool:
        start, known = state.pos, len(state.delimiters)
        if not tokenize(state, silent):
            return False
        if state.src.startswith(("**", "~~"), start):
            before, after = state.src[start - 1 : start], state.src[state.pos : state.pos + 1]
            for one in state.delimiters[known:]:
                one.open = one.open or bool(after.strip())
                one.close = one.close or bool(before.strip())
        return True

    return read


def _as_it_is(state: StateInline, text: str, *, silent: bool) -> bool:
    if not silent:
        state.pending += text
    state.pos += len(text)
    return True
