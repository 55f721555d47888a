"""The types that the fields of a form can have, besides those of Python."""

from flow_engine.answers import (
    BirthDate,
    DocumentNumber,
    FullName,
    LongText,
    MailAddress,
    PhoneNumber,
)
from flow_engine.received import ContactCard, File, Media, Photo, Place, Received, Video, Voice

__all__ = [
    "BirthDate",
    "ContactCard",
    "DocumentNumber",
    "File",
    "FullName",
    "LongText",
    "MailAddress",
    "Media",
    "PhoneNumber",
    "Photo",
    "Place",
    "Received",
    "Video",
    "Voice",
]
