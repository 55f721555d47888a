"""Checks the documents, places and contact cards that flows send."""

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any

from app.checks.language_file import LanguageFile
from flow_engine import Effect, Fault, SendContact, SendDocument, SendLocation
from flow_engine.faults import did_you_mean
from texts.prompt import ContactText, DocumentText, LocationText

Attachment = SendDocument | SendLocation | SendContact

#: What is sent, in words, and the fields that its table has.
KINDS: Mapping[type[Effect], tuple[str, type[Any]]] = {
    SendDocument: ("a document", DocumentText),
    SendLocation: ("a place", LocationText),
    SendContact: ("a contact", ContactText),
}


def attachment_faults(file: LanguageFile, attachment: Attachment) -> Iterator[Fault]:
    """Yield what a table lacks, or has wrong, to be sent."""
    kind, texts = KINDS[type(attachment)]
    table = file.find(attachment.key)
    if not isinstance(table, Mapping):
        yield file.fault(attachment.key, f"is a text, not the table of {kind}")
        return
    fields = {field.name: field for field in dataclasses.fields(texts)}
    for name in table.keys() - fields.keys():
        hint = did_you_mean(name, fields.keys() - table.keys())
        yield file.fault(f"{attachment.key}.{name}", f"is no field of {kind}{hint}")
    for name, field in fields.items():
        yield from _field_faults(file, f"{attachment.key}.{name}", field, kind)
    if isinstance(attachment, SendDocument):
        yield from _file_faults(file, attachment.key)


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
    elif not isinstance(value, str):
        yield file.fault(key, f"is not a text: {value!r}")


def _file_faults(file: LanguageFile, key: str) -> Iterator[Fault]:
    name = file.find(f"{key}.file")
    if file.folder is None or not isinstance(name, str):
        return
    folder = file.folder / "files"
    if not (folder / name).is_file():
        hint = did_you_mean(name, (path.name for path in folder.glob("*")))
        yield file.fault(f"{key}.file", f"names a file that is not in files/: {name}{hint}")
