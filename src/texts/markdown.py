"""Markdown as models write it, turned into what WhatsApp shows.

WhatsApp knows *bold*, _italic_, ~struck~, `code`, blocks of code, lists and quotes, each within one
line. Source: faq.whatsapp.com, "How to format your messages".
"""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.tree import SyntaxTreeNode as Node

from utils.visible_text import is_blank

#: Longer texts stay as they are: no answer is as long, and a hostile one is not worth the time.
LONGEST = 20_000
#: A table of at most so many characters a line is set in columns; a phone shows about that many.
WIDEST = 34
RULE = "———"
#: Of nested lists and quotes.
DEEPEST = 19
#: Characters that format, or stand before an item or between parts.
NO_MARKS = str.maketrans("", "", "*_~`>#|\\-•—")
MARKS = re.compile(r"\*+|_+|~+")
ADDRESS = re.compile(r"://[^\s<>\[\]]+")


def to_whatsapp(markdown: str) -> str:
    """The same text; what is no Markdown is left alone. Never raises, and loses no letter."""
    if len(markdown) > LONGEST:
        return markdown
    tokens = _parser().parse(markdown)
    if any(token.level >= DEEPEST for token in tokens):
        return markdown  # the parser gives up on what is nested deeper: unformatted, but not lost
    return _blocks(Node(tokens).children, tight=False).strip("\n")


def shows_nothing(text: str) -> bool:
    """Return whether a text for WhatsApp is only marks and characters that nobody sees."""
    return is_blank(text.translate(NO_MARKS))


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    # Indented text, "[x]: y" and "&amp;" are no markup to people who write messages.
    parser.disable(["code", "reference", "entity", "html_block", "html_inline"])
    parser.inline.ruler.before("emphasis", "inside_word", _inside_word)
    parser.inline.ruler.before("emphasis", "address", _address)
    parser.normalizeLink = lambda url: url  # type: ignore[method-assign] # as it was written
    return parser


def _inside_word(state: StateInline, silent: bool) -> bool:
    """Marks in the middle of a word are none to WhatsApp: 2*3*4."""
    match = MARKS.match(state.src, state.pos)
    before = state.src[state.pos - 1 : state.pos]
    if match is None or not (
        before.isalnum() and state.src[match.end() : match.end() + 1].isalnum()
    ):
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


def _as_it_is(state: StateInline, text: str, *, silent: bool) -> bool:
    if not silent:
        state.pending += text
    state.pos += len(text)
    return True


def _blocks(nodes: Sequence[Node], *, tight: bool) -> str:
    return ("\n" if tight else "\n\n").join(_block(node) for node in nodes)


def _block(node: Node) -> str:
    return BLOCKS[node.type](node) if node.type in BLOCKS else _blocks(node.children, tight=False)


def _inline(node: Node, *, bold: bool = False) -> str:
    return "".join(_span(child, bold=bold) for child in node.children)


def _span(node: Node, *, bold: bool) -> str:
    match node.type:
        case "softbreak" | "hardbreak":
            return "\n"
        case "code_inline":
            return f"`{node.content}`"
        case "strong":
            inner = _inline(node, bold=True)
            return inner if bold else _marked("*", inner)
        case "em":
            return _marked("_", _inline(node, bold=bold))
        case "s":
            return _marked("~", _inline(node, bold=bold))
        case "link":
            return _link(_inline(node, bold=bold), str(node.attrs.get("href", "")))
        case "image":
            return _link(node.content, str(node.attrs.get("src", "")))
    return node.content or _inline(node, bold=bold)


def _marked(mark: str, text: str) -> str:
    """Marks stand around each line: WhatsApp forgets them at its end."""
    return "\n".join(f"{mark}{line}{mark}" if line.strip() else line for line in text.split("\n"))


def _link(text: str, url: str) -> str:
    shown = url.removeprefix("mailto:")
    return shown if text in ("", url, shown) else f"{text} ({shown})"


def _heading(node: Node) -> str:
    return _marked("*", _inline(node.children[0], bold=True)) if node.children else ""


def _paragraph(node: Node) -> str:
    return _inline(node.children[0])


def _fence(node: Node) -> str:
    """Without the name of the language, unless there is nothing else."""
    return f"```\n{node.content.rstrip() or node.info}\n```"


def _quote(node: Node) -> str:
    return "\n".join(f"> {line}" for line in _blocks(node.children, tight=False).split("\n"))


def _list(node: Node) -> str:
    number = int(node.attrs.get("start", 1))
    items = []
    for place, item in enumerate(node.children):
        mark = f"{number + place}. " if node.type == "ordered_list" else "- "
        first, *rest = _blocks(item.children, tight=True).split("\n")
        items += [f"{mark}{first}", *(f"{' ' * len(mark)}{line}" for line in rest)]
    return "\n".join(items)


def _table(node: Node) -> str:
    """In columns if a phone shows them side by side, else each row as lines."""
    rows = [[_inline(cell.children[0]) for cell in row.children] for row in _rows(node)]
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    if sum(widths) + 2 * (len(widths) - 1) <= WIDEST:
        lines = ("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)
        return "```\n" + "\n".join(lines) + "\n```"
    head, *body = rows
    if not body:
        return "\n".join(head)
    return "\n\n".join(
        "\n".join(f"{name}: {cell}" if name else cell for name, cell in zip(head, row, strict=True))
        for row in body
    )


def _rows(node: Node) -> list[Node]:
    return [row for part in node.children for row in part.children]


BLOCKS: Mapping[str, Callable[[Node], str]] = {
    "heading": _heading,
    "paragraph": _paragraph,
    "fence": _fence,
    "blockquote": _quote,
    "bullet_list": _list,
    "ordered_list": _list,
    "table": _table,
    "hr": lambda _node: RULE,
}
