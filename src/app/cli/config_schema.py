"""The JSON schema of the config file, from the models of the settings."""

from collections.abc import Iterator
from typing import Any, Literal, get_args, get_origin

from config.file.sections import FileKey, all_keys, settings_sections
from config.sources import Models
from utils.file_settings import file_fields, model_of_bots
from utils.setting_types import SettingsModel

DIALECT = "https://json-schema.org/draft/2020-12/schema"
#: A value from the environment takes the place of any other.
VARIABLE = {"type": "string", "pattern": r"^\$\{[A-Za-z_][A-Za-z0-9_]*\}$"}


def config_schema(models: Models) -> dict[str, Any]:
    """Return the schema of all sections. Sections of other tools are allowed."""
    properties: dict[str, Any] = {"version": {"enum": ["1", "1.0", 1]}}
    for section, keys in settings_sections(models).items():
        properties[section] = _object({name: _setting(key) for name, key in keys.items()})
    definitions: dict[str, Any] = {}
    owner = model_of_bots(models)
    bots = owner.file_fields[owner.bots_field] if owner else ""
    for model in models:
        for place, schema in _parts(model, definitions):
            if place == bots:
                continue
            section, _, key = place.partition(".")
            if key:
                properties.setdefault(section, _object({}))["properties"][key] = schema
            else:
                properties[section] = schema
    if owner:
        keys = {key.name: key for key in all_keys(models)}
        own = {name: _setting(keys[one]) for name, one in owner.bot_keys.items() if one in keys}
        definitions.pop("FileBot", None)
        definitions["bot"] = _object({**properties, **own})
        properties[bots] = {"additionalProperties": {"$ref": "#/$defs/bot"}, "type": "object"}
    return {
        "$schema": DIALECT,
        "title": "Config file of the bot",
        "type": "object",
        "properties": properties,
        "$defs": definitions,
    }


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": ["object", "null"],
        "properties": properties,
        "additionalProperties": False,
    }


def _setting(key: FileKey) -> dict[str, Any]:
    kind = next(_types(key.info.annotation), {"type": ["string", "number"]})
    return {"description": key.info.description or "", "anyOf": [kind, VARIABLE, {"type": "null"}]}


def _types(annotation: Any) -> Iterator[dict[str, Any]]:
    """Yield the schema of what the file may have; nothing for types that read a text."""
    kinds = [annotation, *get_args(annotation)]
    if get_origin(annotation) is Literal:
        yield {"enum": list(get_args(annotation))}
        return
    for kind, schema in ((bool, "boolean"), (int, "integer"), (float, "number")):
        if kind in kinds:
            yield {"type": schema}
    if any((get_origin(kind) or kind) in (tuple, frozenset) for kind in kinds):
        yield {"type": ["array", "string"]}


def _parts(
    model: type[SettingsModel], definitions: dict[str, Any]
) -> Iterator[tuple[str, dict[str, Any]]]:
    places = {field: place for field, place in file_fields(model).items() if place}
    if not places:
        return
    schema = model.model_json_schema(by_alias=False, ref_template="#/$defs/{model}")
    definitions.update(schema.get("$defs", {}))
    for field, place in places.items():
        yield place, schema["properties"][field]
