"""Checks the tables of the messages that flows send: documents, places, links, products."""

import dataclasses
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from app.checks.language_file import LanguageFile, uses_in_text
from flow_engine import Fault
from flow_engine.faults import did_you_mean
from flow_engine.messages import Described
from services.conversations.described_messages import TABLES, render
from texts.prompt import MediaText


def attachment_faults(
    file: LanguageFile, attachment: Described, given: Collection[str]
) -> Iterator[Fault]:
    """Yield what a table lacks, or has wrong, to be sent; `given` are the names it may use."""
    kind, texts = TABLES[type(attachment)]
    table = file.find(attachment.key)
    if not isinstance(table, Mapping):
        yield file.fault(attachment.key, f"is a text, not the table of {kind}")
        return
    fields = {field.name: field for field in dataclasses.fields(texts)}
    faults = []
    for name in table.keys() - fields.keys():
        hint = did_you_mean(name, fields.keys() - table.keys())
        faults.append(file.fault(f"{attachment.key}.{name}", f"is no field of {kind}{hint}"))
    for name, field in fields.items():
        faults += _field_faults(file, f"{attachment.key}.{name}", field, kind)
        faults += _name_faults(file, f"{attachment.key}.{name}", given)
    if "file" in fields:
        faults += _file_faults(file, attachment.key, is_needed=texts is MediaText)
    yield from faults or _limit_faults(file, attachment, table)


def _limit_faults(
    file: LanguageFile, attachment: Described, table: Mapping[str, Any]
) -> Iterator[Fault]:
    """Yield what WhatsApp would refuse."""
    try:
        render(attachment, table)
    except ValidationError as error:
        for each in error.errors():
            place = ".".join(map(str, (attachment.key, *each["loc"][:1])))
            yield file.fault(place, f"cannot be sent: {each['msg']}")


def _name_faults(file: LanguageFile, key: str, given: Collection[str]) -> Iterator[Fault]:
    text = file.find(key)
    for name, _ in uses_in_text(text) if isinstance(text, str) else ():
        if name not in given:
            hint = did_you_mean(name, given)
            yield file.fault(key, f"names {{{name}}}, which nothing fills in{hint}")


def _field_faults(
    file: LanguageFile, key: str, field: "dataclasses.Field[Any]", kind: str
) -> Iterator[Fault]:
    value = file.find(key)
    if value is None:
        if field.default is dataclasses.MISSING:
            yield file.fault(key, f"is missing; {kind} needs it")
    elif field.type in (float, "float"):
        if isinstance(value, bool) or not isinstance(value, int | float):
            yield file.fault(key, f"is not a number: {value!r}")
    elif field.type in (list[str], "list[str]"):
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            yield file.fault(key, f"is not a list of texts: {value!r}")
    elif not isinstance(value, str):
        yield file.fault(key, f"is not a text: {value!r}")


def _file_faults(file: LanguageFile, key: str, *, is_needed: bool) -> Iterator[Fault]:
    name = file.find(f"{key}.file")
    if is_needed and (name is None) == (file.find(f"{key}.link") is None):
        yield file.fault(key, "needs either a file or a link")
    if file.folder is None or not isinstance(name, str):
        return
    folder = file.folder / "files"
    if not (folder / name).is_file():
        hint = did_you_mean(name, (path.name for path in folder.glob("*")))
        yield file.fault(f"{key}.file", f"names a file that is not in files/: {name}{hint}")
