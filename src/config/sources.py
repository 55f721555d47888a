"""Where settings come from: the config file, the environment, then .env."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from dotenv.parser import parse_stream
from pydantic_settings import DotEnvSettingsSource, EnvSettingsSource, InitSettingsSource

from config.names import FILE_SETTING, is_placeholder, without_superseded
from utils.file_settings import PARTS_SETTING
from utils.setting_types import SettingsModel

if TYPE_CHECKING:
    from config.file.config_file import ConfigFile

Models = Sequence[type[SettingsModel]]
Model = TypeVar("Model", bound=SettingsModel)

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")


class EnvironmentSource(EnvSettingsSource):
    """The environment of this process, or the mapping that stands in for it."""

    def __init__(self, model: type[SettingsModel], variables: Mapping[str, str]) -> None:
        self._variables = variables
        super().__init__(model, case_sensitive=True)

    def _load_env_vars(self) -> Mapping[str, str | None]:
        return dict(self._variables)


class EnvFileSource(DotEnvSettingsSource):
    """The settings of an `EnvFile`, which is read once for all models."""

    def __init__(self, model: type[SettingsModel], variables: Mapping[str, str]) -> None:
        self._variables = variables
        super().__init__(
            model, env_file=None, dotenv_filtering="only_existing", case_sensitive=True
        )

    def _read_env_files(self) -> Mapping[str, str | None]:
        return dict(self._variables)


@dataclass(frozen=True, slots=True)
class EnvFile:
    """What .env has. A `$` in it is only a dollar; a line that cannot be read is a problem."""

    values: Mapping[str, str]
    problems: tuple[str, ...] = ()

    @classmethod
    def read(cls, path: Path) -> "EnvFile":
        """Read the file with python-dotenv's parser; a missing file has nothing."""
        try:
            text = path.read_text("utf-8-sig")
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
            return cls({})
        except UnicodeDecodeError:
            return cls({}, (f"{path.name} cannot be read: save it as UTF-8.",))
        except OSError as error:
            return cls({}, (f"{path.name} cannot be read: {error.strerror}.",))
        values: dict[str, str] = {}
        problems: list[str] = []
        for line in parse_stream(StringIO(text)):
            is_comment = line.key is None and not line.error
            if line.key and line.value is not None and _NAME.fullmatch(line.key):
                values[line.key] = line.value
            elif not is_comment:
                blank_lines = line.original.string[: -len(line.original.string.lstrip())]
                number = line.original.line + blank_lines.count("\n")
                problems.append(f"{path.name}, line {number}: expected NAME=value.")
        return cls(values, tuple(problems))


@dataclass(frozen=True, slots=True)
class GivenValues:
    """The text of every variable that is given, without empty ones."""

    environment: Mapping[str, str]
    #: From .env, without those that the environment has.
    file: Mapping[str, str]
    #: All names in .env, empty ones too.
    names_in_file: tuple[str, ...]
    #: Sentences about .env itself.
    file_problems: tuple[str, ...]
    #: What counts more than both.
    config: "ConfigFile | None" = None
    #: Names that .env and the environment have in vain, since the config file has them.
    shadowed: tuple[str, ...] = ()

    @classmethod
    def read(
        cls,
        environ: Mapping[str, str],
        env_file: Path,
        models: Models = (),
        *,
        knows_all: bool = True,
    ) -> "GivenValues":
        """Read all of them; in development, placeholders count as not given.

        `models` are those whose settings are taken from the config file. If they are not all that
        there are, `knows_all` is False: what none of them reads may be for another one.
        """
        file = EnvFile.read(env_file)
        in_file = {name: value for name, value in file.values.items() if name not in environ}
        is_development = {**in_file, **environ}.get("ENVIRONMENT", "").strip() == "development"
        environment = _without_empty(environ, drop_placeholders=is_development)
        rest = _without_empty(in_file, drop_placeholders=is_development)
        config = _read_config({**rest, **environment}, models, knows_all=knows_all)
        shadows = config.shadows(models) if config else frozenset()
        return cls(
            {name: value for name, value in environment.items() if name not in shadows},
            {name: value for name, value in rest.items() if name not in shadows},
            tuple(file.values),
            file.problems,
            config,
            tuple(sorted(shadows.intersection([*rest, *environment]))),
        )

    @property
    def values(self) -> dict[str, str]:
        """All of them by name."""
        return {**self.file, **self.environment, **self._in_config}

    @property
    def _in_config(self) -> dict[str, str]:
        values = self.config.values if self.config else {}
        return {name: value for name, value in values.items() if value}

    def load(self, model: type[Model]) -> Model:
        """Return the settings of one model; raises pydantic's ValidationError."""
        given = self.values
        known = {name for names in model.names().values() for name in names}
        layers = (self._in_config, self.environment)
        sources = [
            InitSettingsSource(model, self.config.parts_for(model) if self.config else {}),
            *(EnvironmentSource(model, _only(known, layer, given)) for layer in layers),
            EnvFileSource(model, without_superseded(self.file, given)),
        ]
        return model(_build_sources=(tuple(sources), {}))


def _read_config(
    variables: Mapping[str, str], models: Models, *, knows_all: bool
) -> "ConfigFile | None":
    name, parts = variables.get(FILE_SETTING), variables.get(PARTS_SETTING)
    if not (name or parts) or not models:
        return None
    from config.file.config_file import ConfigFile  # most installations have no such file

    if parts:
        return ConfigFile.of_parts(parts)
    return ConfigFile.read(Path(name or ""), variables, models, knows_all=knows_all)


def _only(
    known: Collection[str], layer: Mapping[str, str], given: Collection[str]
) -> dict[str, str]:
    values = without_superseded(layer, given)
    return {name: value for name, value in values.items() if name in known}


def _without_empty(values: Mapping[str, str], *, drop_placeholders: bool) -> dict[str, str]:
    stripped = {name: value.strip() for name, value in values.items()}
    return {
        name: value
        for name, value in stripped.items()
        if value and not (drop_placeholders and is_placeholder(value))
    }
