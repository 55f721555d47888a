"""A parser of the Markdown that models and teams write, which is not always CommonMark."""

import re
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline, emphasis
from markdown_it.rules_inline.state_inline import Delimiter

MARKS = re.compile(r"\*+|_+|~+")
ADDRESS = re.compile(r"://[^\s<>\[\]]+")


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
    rules.at("emphasis", _emphasis)
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


def _emphasis(state: StateInline, silent: bool) -> bool:
    """Bold also where it ends in a sign with a letter behind it: **Price:**10.

    CommonMark reads such stars as an opening only, which few who write them mean.
    """
    if silent or not state.src.startswith("**", state.pos):
        return emphasis.tokenize(state, silent)
    scanned = state.scanDelims(state.pos, True)
    before = state.src[state.pos - 1 : state.pos] if state.pos else ""
    after = state.src[state.pos + scanned.length : state.pos + scanned.length + 1]
    opens = scanned.can_open or bool(after.strip())
    closes = scanned.can_close or bool(before.strip())
    for _ in range(scanned.length):
        state.push("text", "", 0).content = "*"
        state.delimiters.append(
            Delimiter(ord("*"), scanned.length, len(state.tokens) - 1, -1, opens, closes)
        )
    state.pos += scanned.length
    return True


def _as_it_is(state: StateInline, text: str, *, silent: bool) -> bool:
    if not silent:
        state.pending += text
    state.pos += len(text)
    return True
