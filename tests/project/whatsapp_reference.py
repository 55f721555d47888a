"""Generate the reference of WhatsAppService from its docstrings, which a test compares.

`PYTHONPATH=src python -m tests.project.whatsapp_reference` writes
docs/reference/whatsapp-service.md.
"""

import inspect
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from services.clients.cloud_api.default_instance import on_default
from services.clients.cloud_api.product_sender import ProductSender
from services.whatsapp_service import WhatsAppService

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "whatsapp-service.md"
HEAD = """# WhatsAppService

<!-- Generated from the docstrings of src/services/whatsapp_service.py by
     `PYTHONPATH=src python -m tests.project.whatsapp_reference`: change them instead. -->

"""
SECTION = re.compile(r"^(Args|Returns|Raises|Example):\n", re.MULTILINE)
#: First line of an argument or an error, and the indented lines that continue it.
ENTRY = re.compile(r"^(\w+): ((?:.+)(?:\n {4}.+)*)", re.MULTILINE)
#: Methods of the base class that scripts use.
INHERITED = ("use", "close")


def methods() -> Iterator[str]:
    """Yield the names of the public methods, in the order of the source."""
    for kind in (WhatsAppService, ProductSender):
        yield from (name for name, one in vars(kind).items() if isinstance(one, on_default))
    yield from INHERITED


def render_page() -> str:
    """Return the Markdown of the whole page."""
    parts = [HEAD + render_docstring(inspect.getdoc(WhatsAppService) or "")]
    for name in methods():
        method = getattr(WhatsAppService, name)
        parts.append(f"## {name}\n\n```python\n{_signature(name)}\n```\n")
        parts.append(render_docstring(inspect.getdoc(method) or ""))
    return "\n".join(parts)


def render_docstring(docstring: str) -> str:
    """Return a docstring as Markdown: its sections become lists and examples."""
    summary, *sections = SECTION.split(docstring)
    text = [f"{summary.strip()}\n"]
    for title, body in zip(sections[::2], sections[1::2], strict=True):
        content, rest = _split_block(body)
        text.append(_render_section(title, content))
        if rest:
            text.append(f"{rest}\n")
    return "\n".join(text)


def _split_block(body: str) -> tuple[str, str]:
    """Return the indented lines of a section, dedented, and the text after them."""
    lines = body.splitlines()
    end = next((i for i, line in enumerate(lines) if line and not line[0].isspace()), len(lines))
    content = inspect.cleandoc("\n".join(["", *lines[:end]]))
    return content, "\n".join(lines[end:]).strip()


def _render_section(title: str, content: str) -> str:
    if title == "Example":
        code = "\n".join(line[4:] for line in content.splitlines())
        return f"```python\n{code}\n```\n"
    if title == "Returns":
        return f"Returns: {' '.join(content.split())}\n"
    entries = [f"- `{name}`: {' '.join(text.split())}\n" for name, text in ENTRY.findall(content)]
    return f"{title}:\n\n{''.join(entries)}" if title == "Raises" else "".join(entries)


def _signature(name: str) -> str:
    method = getattr(WhatsAppService, name)
    signature = inspect.signature(method)
    keyword = "async def" if inspect.iscoroutinefunction(method) else "def"
    names = [_parameter(one) for one in signature.parameters.values()]
    result = f" -> {_type(signature.return_annotation)}"
    line = f"{keyword} {name}({', '.join(names)}){result}"
    if len(line) <= 88:
        return line
    return f"{keyword} {name}(\n" + "".join(f"    {one},\n" for one in names) + f"){result}"


def _parameter(parameter: inspect.Parameter) -> str:
    default = parameter.default
    given = "" if default is inspect.Parameter.empty else f" = {_literal(default)}"
    return f"{parameter.name}: {_type(parameter.annotation)}{given}"


def _type(annotation: object) -> str:
    """Return the name of a type, without the modules that it comes from."""
    text = inspect.formatannotation(annotation).strip("'")
    return re.sub(r"\b(?:[a-z_]+\.)+(?=[A-Z])", "", text)


def _literal(value: object) -> str:
    return json.dumps(value) if isinstance(value, str) else repr(value)


def main() -> None:
    """Write the page, in its folder."""
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(render_page(), encoding="utf-8")
    sys.stdout.write(f"{PAGE.relative_to(Path.cwd())}\n")


if __name__ == "__main__":
    main()
