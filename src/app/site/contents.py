"""Which pages the site has, and in which order."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

#: Pages that are made of docstrings while the site is built: the title and the module of each.
REFERENCES: Mapping[str, tuple[str, str]] = {
    "docs/reference/flow-engine.md": ("The flow engine", "flow_engine"),
    "docs/reference/feature.md": ("Features", "services.feature"),
    "docs/reference/emulator.md": ("The emulator in tests", "emulator.cloud_api.testing"),
}
#: Pages by section, as paths in the project. A page of a feature that was deleted is left out.
SECTIONS: Mapping[str, Sequence[str]] = {
    "Start": (
        "README.md",
        "docs/going-live.md",
        "docs/emulator.md",
        "docs/stories.md",
        "docs/commands.md",
    ),
    "Conversations": (
        "docs/flows.md",
        "docs/side-questions.md",
        "docs/assistant.md",
        "docs/checks.md",
    ),
    "Examples": ("examples/README.md", "docs/gallery.md"),
    "Change the bot": ("docs/howto/README.md",),
    "Operators": ("docs/inbox.md", "docs/operators.md", "docs/calls.md"),
    "Other systems": (
        "docs/notifications.md",
        "docs/templates.md",
        "docs/bulk.md",
        "docs/events.md",
        "docs/callbacks.md",
    ),
    "Operation": (
        "docs/deployment.md",
        "docs/operation.md",
        "docs/configuration.md",
        "docs/tenants.md",
        "docs/reliability.md",
        "docs/proof.md",
        "docs/benchmarks.md",
    ),
    "How it works": (
        "docs/architecture.md",
        "docs/map.md",
        "docs/job-lifecycle.md",
        "docs/job-contract.md",
        "docs/glossary.md",
    ),
    "Reference": ("docs/reference/whatsapp-service.md", *REFERENCES),
    "Decisions": ("docs/decisions/README.md",),
    "Project": ("CONTRIBUTING.md", "CHANGELOG.md"),
}
#: A page with this name is the index of its folder: the other pages of the folder follow it.
INDEX = "README.md"


def contents(root: Path) -> dict[str, dict[str, str]]:
    """Return the Markdown of the pages that are there, by section and path in the project."""
    found = {title: dict(_texts(root, pages)) for title, pages in SECTIONS.items()}
    return {title: pages for title, pages in found.items() if pages}


def _texts(root: Path, pages: Sequence[str]) -> Iterator[tuple[str, str]]:
    for page in _there(root, pages):
        yield page, (root / page).read_text("utf-8")
    for page in pages:
        title, module = REFERENCES.get(page, ("", ""))
        if module and _is_there(root, module):
            yield page, f"# {title}\n\n::: {module}\n"


def _there(root: Path, pages: Sequence[str]) -> Iterator[str]:
    for page in pages:
        path = root / page
        if path.is_file():
            yield page
        if path.name == INDEX and path.parent != root and path.is_file():
            yield from (
                one.relative_to(root).as_posix()
                for one in sorted(path.parent.glob("*.md"), key=_order)
                if one != path
            )


def _order(page: Path) -> tuple[bool, str]:
    """What one copies to write another page comes last."""
    return page.stem.endswith("template"), page.name


def _is_there(root: Path, module: str) -> bool:
    path = root / "src" / module.replace(".", "/")
    return path.is_dir() or path.with_suffix(".py").is_file()
