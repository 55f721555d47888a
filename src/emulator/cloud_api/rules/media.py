"""Which files Meta takes, and how large.

Source: developers.facebook.com/docs/whatsapp/cloud-api/reference/media
"""

from emulator.cloud_api.rules.errors import GraphError

MEGABYTE = 1024 * 1024

#: Largest files by MIME type, in bytes.
MAX_BYTES = {
    **dict.fromkeys(
        ("audio/aac", "audio/mp4", "audio/mpeg", "audio/amr", "audio/ogg", "audio/opus"),
        16 * MEGABYTE,
    ),
    **dict.fromkeys(
        (
            "text/plain",
            "application/pdf",
            "application/msword",
            "application/vnd.ms-excel",
            "application/vnd.ms-powerpoint",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            "application/vnd.openxmlformats-officedocument.presentationml.presentation",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ),
        100 * MEGABYTE,
    ),
    **dict.fromkeys(("image/jpeg", "image/png"), 5 * MEGABYTE),
    "image/webp": 500 * 1024,  # animated
    **dict.fromkeys(("video/mp4", "video/3gpp"), 16 * MEGABYTE),
}


MAX_STILL_STICKER_BYTES = 100 * 1024


def check_media(content: bytes, mime_type: str) -> None:
    base_type = mime_type.partition(";")[0].strip()
    if base_type not in MAX_BYTES:
        allowed = ", ".join(MAX_BYTES)
        text = (
            f"Param file must be a file with one of the following types: {allowed}. "
            f"Received file of type '{mime_type}'."
        )
        raise GraphError(100, "The file type is not supported.", text)
    largest = MAX_BYTES[base_type]
    if base_type == "image/webp" and not _is_animated(content):
        largest = MAX_STILL_STICKER_BYTES
    if len(content) > largest:
        raise GraphError(131053, f"The file is larger than {largest} bytes.")


def _is_animated(webp: bytes) -> bool:
    """Source: the WebP container specification (developers.google.com/speed/webp)."""
    return webp[12:16] == b"VP8X" and bool(webp[20] & 0b10)
