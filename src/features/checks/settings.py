"""The parts of the config file that this feature reads."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from features.checks.definitions import MAX_SECONDS, Check
from features.checks.plan import circles
from features.checks.schemas import SchemaError, schema_of
from features.checks.templates import find_condition_problems, find_problems
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
        """Checks of both names."""
        return {**(self.steps or {}), **(self.checks or {})}

    @property
    def is_on(self) -> bool:
        """Whether the file has checks, be they none."""
        return self.checks is not None or self.steps is not None

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
        if self.workflow is not None and self.workflow not in self.all:
            yield FileProblem(("whatsapp", "workflow"), f"there is no check {self.workflow}")

    def _section_of(self, name: str) -> str:
        return "checks" if name in (self.checks or {}) else "steps"

    def _problems_of(self, path: tuple[str, str], check: Check) -> Iterator[FileProblem]:
        needed = {"ai": ("prompt",), "log": ("message",), "workflow": ("workflow",)}[check.type]
        for field in needed:
            if not getattr(check, field):
                yield FileProblem(path, f"a check of the type {check.type} needs {field}")
        for field, names in (("depends_on", check.depends_on), ("workflow", [check.workflow])):
            for name in names:
                if name and name not in self.all:
                    yield FileProblem((*path, field), f"there is no check {name}")
        for field, source in (("prompt", check.prompt), ("message", check.message)):
            for line, text in find_problems(source, self.all):
                yield FileProblem((*path, field), text, line)
        for field, condition in (("if", check.condition), ("fail_if", check.fail_if)):
            for _, text in find_condition_problems(condition, self.all) if condition else ():
                yield FileProblem((*path, field), text)
        try:
            schema_of(check, Path(self.folder))
        except SchemaError as error:
            yield FileProblem((*path, "schema"), str(error))


SETTINGS = ChecksSettings
