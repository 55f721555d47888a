"""The sections of the config file, and the setting that each of their keys is.

All of it follows from the models of the settings: a feature that is added has its section.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from pydantic.fields import FieldInfo

from config.database_location import CORE_SECTION
from config.names import DEPRECATED_NAMES, FILE_SETTING
from config.sources import Models
from utils.file_settings import file_fields
from utils.setting_types import SettingsModel

#: Prefixes that the core's names have, and that keys in the section `whatsapp` have not.
_WHATSAPP_PREFIXES = ("WHATSAPP_WEBHOOK_", "WHATSAPP_", "WP_")
_AI_PREFIX = "OPENAI_"


class FileKey:
    """A key of the config file that is a setting."""

    def __init__(self, model: type[SettingsModel], field: str, names: tuple[str, ...]) -> None:
        self.model = model
        self.field = field
        #: Environment variables of the setting, best first.
        self.names = names

    @property
    def name(self) -> str:
        return self.names[0]

    @property
    def info(self) -> FieldInfo:
        return self.model.model_fields[self.field]

    @property
    def is_secret(self) -> bool:
        return "SecretStr" in str(self.info.annotation)

    @property
    def is_limit(self) -> bool:
        kinds = {*_kinds(self.info.annotation)}
        return not kinds.isdisjoint((int, float)) and not self.name.endswith("PORT")


def settings_sections(models: Models) -> Mapping[str, Mapping[str, FileKey]]:
    """Return the keys of each section that has settings, by the section's name."""
    return _sections(tuple(models))


def file_sections(models: Models) -> frozenset[str]:
    """Return the sections that models read as they are, such as `checks`."""
    return frozenset(
        place.partition(".")[0]
        for model in models
        for place in file_fields(model).values()
        if place
    )


def file_places(models: Models) -> frozenset[str]:
    """Return the places that models read as they are, such as `whatsapp.workflow`."""
    return frozenset(place for model in models for place in file_fields(model).values() if place)


@cache
def _sections(models: tuple[type[SettingsModel], ...]) -> Mapping[str, Mapping[str, FileKey]]:
    sections: dict[str, dict[str, FileKey]] = {}
    for key in all_keys(models):
        for section, name in _places(key):
            sections.setdefault(section, {}).setdefault(name, key)
    return sections


def all_keys(models: Models) -> Iterator[FileKey]:
    """Yield every setting that the file may have, in the order of the models."""
    for model in models:
        for field, names in model.names().items():
            if names[0] != FILE_SETTING:
                yield FileKey(model, field, names)


def _places(key: FileKey) -> Iterator[tuple[str, str]]:
    """Yield the sections that have the setting, with its key there; the best one first."""
    section = section_of(key.model)
    prefix = f"{section.upper()}_"
    yield section, key.name.removeprefix(prefix).lower()
    yield section, key.name.lower()
    if section == CORE_SECTION:
        for name in key.names:
            if name not in DEPRECATED_NAMES:
                yield "whatsapp", _without(name, _WHATSAPP_PREFIXES)
                yield "whatsapp", _without(name, _WHATSAPP_PREFIXES[1:])
                yield "whatsapp", name.lower()
    if key.name.startswith(_AI_PREFIX):
        yield "ai", key.name.removeprefix(_AI_PREFIX).lower()
    if key.is_limit:
        yield "limits", key.name.lower()


def section_of(model: type[SettingsModel]) -> str:
    """Return the section of a model: by default the name of the feature's folder."""
    return model.section or model.__module__.split(".")[-2]


def _without(name: str, prefixes: Sequence[str]) -> str:
    found = next((one for one in prefixes if name.startswith(one)), "")
    return name.removeprefix(found).lower()


def _kinds(annotation: object) -> Iterator[object]:
    """Yield a type, or the types of a union: `int | None`."""
    parts = getattr(annotation, "__args__", ())
    yield from parts or (annotation,)
