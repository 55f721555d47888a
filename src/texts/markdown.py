"""Markdown as models write it, turned into what WhatsApp shows.

WhatsApp knows *bold*, _italic_, ~struck~, `code`, blocks of code, lists and quotes, each within one
line. Source: faq.whatsapp.com, "How to format your messages".
"""

import re
from collections.abc import Callable, Mapping, Sequence

from markdown_it.token import Token
from markdown_it.tree import SyntaxTreeNode as Node

from texts.markdown_parser import make_parser
from texts.whatsapp_marks import marked, set_off
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
#: What WhatsApp's own marks do not have: a text without it may be WhatsApp's already.
ONLY_MARKDOWN = re.compile(r"\*\*|__|~~|\]\(|^ {0,3}#{1,6}\s|^\s*\|", re.MULTILINE)
#: Marks of Markdown and of WhatsApp.
MARKS = {"strong": "*", "em": "_", "s": "~"}


def to_whatsapp(markdown: str) -> str:
    """The same text; what is no Markdown is left alone. Never raises, and loses no letter."""
    if len(markdown) > LONGEST:
        return markdown
    tokens = make_parser().parse(markdown)
    if ONLY_MARKDOWN.search(markdown) is None:
        _read_stars_as_bold(tokens)
    if any(token.level >= DEEPEST for token in tokens):
        return markdown  # the parser gives up on what is nested deeper: unformatted, but not lost
    return _blocks(Node(tokens).children, tight=False).strip("\n")


def _read_stars_as_bold(tokens: Sequence[Token]) -> None:
    """*So* is bold in WhatsApp and italic in Markdown."""
    for token in tokens:
        for child in token.children or ():
            if child.markup == "*" and child.type.startswith("em_"):
                child.type = child.type.replace("em", "strong")


def shows_nothing(text: str) -> bool:
    """Return whether a text for WhatsApp is only marks and characters that nobody sees."""
    return is_blank(text.translate(NO_MARKS))


def _blocks(nodes: Sequence[Node], *, tight: bool) -> str:
    return ("\n" if tight else "\n\n").join(_block(node) for node in nodes)


def _block(node: Node) -> str:
    return BLOCKS[node.type](node) if node.type in BLOCKS else _blocks(node.children, tight=False)


def _inline(node: Node, *, bold: bool = False) -> str:
    plain = [_inside(child, bold=bold) for child in node.children]
    shown = [
        _span(child, text, bold=bold) for child, text in zip(node.children, plain, strict=True)
    ]
    for place, child in enumerate(node.children):
        if child.type in MARKS:
            before = shown[place - 1] if place else ""
            after = shown[place + 1] if place + 1 < len(shown) else ""
            shown[place] = set_off(before, plain[place], shown[place], after, child.markup)
    return "".join(shown)


def _inside(node: Node, *, bold: bool) -> str:
    return _inline(node, bold=bold or node.type == "strong")


def _span(node: Node, inside: str, *, bold: bool) -> str:
    match node.type:
        case "softbreak" | "hardbreak":
            return "\n"
        case "code_inline":
            mark = "```" if node.markup == "```" else "`"  # both are WhatsApp's
            return f"{mark}{node.content}{mark}"
        case "strong" if bold:
            return inside
        case "strong" | "em" | "s":
            return marked(MARKS[node.type], inside)
        case "link":
            return _link(inside, str(node.attrs.get("href", "")))
        case "image":
            return _link(node.content, str(node.attrs.get("src", "")))
    return node.content or inside


def _link(text: str, url: str) -> str:
    shown = url.removeprefix("mailto:")
    return shown if text in ("", url, shown) else f"{text} ({shown})"


def _heading(node: Node) -> str:
    return marked("*", _inline(node.children[0], bold=True)) if node.children else ""


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
