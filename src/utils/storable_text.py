"""Text that both databases can store."""


def strip_unstorable(text: str) -> str:
    """Replace NUL and lone surrogates, which PostgreSQL refuses."""
    if text.isascii() and "\0" not in text:
        return text
    return text.encode("utf-8", "replace").decode().replace("\0", "\ufffd")
