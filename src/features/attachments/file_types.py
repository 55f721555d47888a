"""What a file is, by its first bytes and its declared type: senders and phones declare oddly."""

import codecs
import unicodedata

#: Types of text documents besides text/*.
TEXT_TYPES = frozenset({"application/json", "application/csv", "application/xml"})
#: Types that say nothing: the content decides.
VAGUE_TYPES = frozenset({"", "application/octet-stream", "application/vnd.ms-excel"})
PDF = "application/pdf"
#: Photos of iPhones, which models do not read.
HEIC = "image/heic"
HEIC_TYPES = frozenset({HEIC, "image/heif", "image/heic-sequence", "image/heif-sequence"})
#: Pictures that models read.
PICTURE_TYPES = frozenset({"image/jpeg", "image/png", "image/webp", "image/gif"})
#: Names of types that are written in other ways as well.
OTHER_NAMES = {"image/jpg": "image/jpeg", "image/pjpeg": "image/jpeg", "image/x-png": "image/png"}
#: What files of HEIC have behind "ftyp".
HEIC_BRANDS = (b"heic", b"heix", b"hevc", b"heim", b"mif1", b"msf1")
#: First bytes of files: (place, bytes, type).
SIGNATURES = (
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"GIF8", "image/gif"),
    (8, b"WEBP", "image/webp"),
    (0, b"%PDF-", PDF),
    *((4, b"ftyp" + brand, HEIC) for brand in HEIC_BRANDS),
)
#: Byte order marks; that of UTF-32 begins with that of UTF-16.
BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
#: Control characters that texts have, and the largest share of characters that texts do not have.
LAYOUT, MAX_OTHER_SHARE = "\t\n\r\f\v\x1a", 0.01
#: Characters by which a text is told from other data.
MAX_JUDGED_CHARS = 10_000


def is_picture(declared: str) -> bool:
    """Return whether a declared type is a picture that can be looked at."""
    return OTHER_NAMES.get(declared, declared) in PICTURE_TYPES | HEIC_TYPES


def is_document(declared: str) -> bool:
    """Return whether a declared type may be a document that can be read."""
    return declared == PDF or declared.startswith("text/") or declared in TEXT_TYPES | VAGUE_TYPES


def type_of(content: bytes, declared: str) -> str:
    """Return the type by the first bytes of a file, or else the declared one."""
    for place, signature, found in SIGNATURES:
        if content.startswith(signature, place):
            return found
    declared = OTHER_NAMES.get(declared, declared)
    return HEIC if declared in HEIC_TYPES else declared


def decode(content: bytes) -> str | None:
    """Return the text of a file in UTF-8, UTF-16, UTF-32 or Windows' cp1252; None for no text."""
    text = _decode(content).removeprefix("\ufeff").replace("\r\n", "\n")
    start = text[:MAX_JUDGED_CHARS]
    others = sum(map(_is_no_text, start))
    return text if others <= len(start) * MAX_OTHER_SHARE else None


def _is_no_text(character: str) -> bool:
    return character not in LAYOUT and (
        character == "\ufffd" or unicodedata.category(character) in ("Cc", "Cn", "Co", "Cs")
    )


def _decode(content: bytes) -> str:
    for mark, encoding in BYTE_ORDER_MARKS:
        if content.startswith(mark):
            return content.decode(encoding, "replace")
    if b"\0" in content:
        return content.decode(_utf16_of(content), "replace")
    try:
        return content.decode()
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def _utf16_of(content: bytes) -> str:
    """Texts of most languages have zero bytes: the high halves of spaces and line breaks."""
    even, odd = content[::2].count(0), content[1::2].count(0)
    return "utf-16-le" if odd >= even else "utf-16-be"
