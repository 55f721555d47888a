"""The inbound routing table of the features that are there, for commands and documentation."""

from collections.abc import Iterator, Sequence

from app.checks.unstarted_bot import build_unstarted_bot
from services.conversations.stage import Stage


def routing_table() -> tuple[Stage, ...]:
    """Return the stages in their order, of a bot with default settings that does not run."""
    return build_unstarted_bot().parts.conversations.handler.stages


def describe_stages(stages: Sequence[Stage]) -> str:
    """Return the stages as a Markdown table."""
    return "\n".join(["| | stage | from | what it does |", "|---|---|---|---|", *_rows(stages)])


def _rows(stages: Sequence[Stage]) -> Iterator[str]:
    for number, stage in enumerate(stages, start=1):
        package, _, rest = stage.handle.__module__.partition(".")
        origin = f"`features/{rest.partition('.')[0]}`" if package == "features" else "core"
        yield f"| {number} | `{stage.name}` | {origin} | {stage.summary} |"
