"""The parts of the config file that this feature reads."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import Field
from pydantic_settings import SettingsConfigDict

import flows
from features.checks.definitions import MAX_SECONDS, Check
from features.checks.plan import circles, sent_by
from features.checks.schemas import SchemaError, schema_of
from features.checks.templates import find_condition_problems, find_problems
from flow_engine import Flow
from flow_engine.registry import find_definitions
from utils.file_settings import FileProblem, FileSettings


class ChecksSettings(FileSettings):
    """Checks, and which of them a message runs."""

    model_config: ClassVar[SettingsConfigDict] = SettingsConfigDict(
        title="Checks of the config file"
    )
    file_fields: ClassVar[Mapping[str, str]] = {
        "checks": "checks",
        "steps": "steps",
        "frontends": "frontends",
        "flows": "flows",
        "workflow": "whatsapp.workflow",
        "provider": "ai.provider",
        "timeout": "ai.timeout",
        "folder": "",
    }

    checks: dict[str, Check] | None = Field(None, description="Checks by their names.")
    steps: dict[str, Check] | None = Field(None, description="Another name of checks.")
    frontends: list[dict[str, Any]] = Field([], description="Only whatsapp means something here.")
    flows: list[str] | None = Field(
        None,
        description="Flows that people can start beside the checks; without it, the checks answer "
        "all free text.",
    )
    workflow: str | None = Field(None, description="The only check that a message runs.")
    provider: Literal["openai"] = Field("openai", description="Kind of the server.")
    timeout: float = Field(
        60, gt=0, le=MAX_SECONDS, description="Longest wait for an answer of a model, in seconds."
    )
    folder: str = Field(".", description="Folder of the config file.")

    @property
    def all(self) -> Mapping[str, Check]:
        """Checks of both names, and one for the flow that `whatsapp.workflow` names."""
        found = {**(self.steps or {}), **(self.checks or {})}
        if self.workflow is not None and self.workflow not in found:
            found[self.workflow] = Check(type="workflow", workflow=self.workflow)
        return found

    @property
    def is_on(self) -> bool:
        """Whether the file has checks, be they none."""
        return any(one is not None for one in (self.checks, self.steps, self.workflow))

    @property
    def started_flows(self) -> frozenset[str]:
        """Flows that checks of the type workflow start."""
        checks = self.all
        return frozenset(
            check.workflow
            for name, check in checks.items()
            if check.type == "workflow" and not sent_by(name, checks)
        )

    @property
    def answer_everything(self) -> bool:
        """Whether free text goes to the checks before menus and words of flows."""
        return self.is_on and not self.flows

    @property
    def for_messages(self) -> list[str]:
        """Names of the checks that a message runs."""
        if self.workflow is not None:
            return [self.workflow]
        return [name for name, check in self.all.items() if check.is_for_messages]

    def files(self) -> Iterable[str]:
        """Return the files of schemas."""
        named = (check.answer_schema for check in self.all.values() if not check.is_text)
        return [str(Path(self.folder) / name) for name in named if isinstance(name, str)]

    def file_problems(self) -> Iterable[FileProblem]:
        """Return what is wrong between checks: names, templates, conditions, schemas, circles."""
        for section, checks in (("checks", self.checks), ("steps", self.steps)):
            for name, check in (checks or {}).items():
                yield from self._problems_of((section, name), check)
        for name, way in circles(self.all):
            yield FileProblem(
                (self._section_of(name), name, "depends_on"), f"a circle: {' -> '.join(way)}"
            )
        for name in {*(self.checks or {})}.intersection(self.steps or {}):
            yield FileProblem(("steps", name), "a check of this name is in checks: keep one")
        yield from self._problems_of_flows()

    def _problems_of_flows(self) -> Iterator[FileProblem]:
        """Yield flows that are named and are not there."""
        wanted = self.started_flows
        known = _flows() if self.flows or wanted else ()
        for position, name in enumerate(self.flows or ()):
            if name not in known:
                text = f"there is no flow {name}{_hint(name, known)}"
                yield FileProblem(("flows", position), text)
        for name, check in self.all.items():
            unknown = check.workflow if check.type == "workflow" else ""
            if unknown in wanted.difference(known, [""]):
                hint = _hint(unknown, [*known, *self.all.keys() - {unknown}])
                path = (self._section_of(name), name, "workflow")
                is_own = name in (self.checks or {}) or name in (self.steps or {})
                text = f"there is no check, group or flow {unknown}{hint}"
                yield FileProblem(path if is_own else ("whatsapp", "workflow"), text)

    def _section_of(self, name: str) -> str:
        return "checks" if name in (self.checks or {}) else "steps"

    def _problems_of(self, path: tuple[str, str], check: Check) -> Iterator[FileProblem]:
        needed = {"ai": ("prompt",), "log": ("message",), "workflow": ("workflow",)}[check.type]
        for field in needed:
            if not getattr(check, field):
                yield FileProblem(path, f"a check of the type {check.type} needs {field}")
        for name in check.depends_on:
            if name not in self.all:
                yield FileProblem((*path, "depends_on"), f"there is no check {name}")
        for field, source in (("prompt", check.prompt), ("message", check.message)):
            for line, text in find_problems(source, self.all):
                yield FileProblem((*path, field), text, line)
        conditions = [("if", check.condition), ("fail_if", check.fail_if)]
        for field, condition in [*conditions, *(("assume", one) for one in check.assume)]:
            for _, text in find_condition_problems(condition, self.all) if condition else ():
                yield FileProblem((*path, field), text)
        try:
            schema_of(check, Path(self.folder))
        except SchemaError as error:
            within = error.path if isinstance(check.answer_schema, dict) else ()
            yield FileProblem((*path, "schema", *within), str(error))


def _flows() -> Collection[str]:
    """Return the names of the flows that are there."""
    return [one.name for one in find_definitions(flows).definitions if isinstance(one, Flow)]


def _hint(name: str, known: Collection[str]) -> str:
    nearest = get_close_matches(name, known, n=1)
    return f": did you mean {nearest[0]}?" if nearest else ""


SETTINGS = ChecksSettings
