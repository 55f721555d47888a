"""Text as both databases can hold it."""


def strip_unstorable(text: str) -> str:
    """Without NUL and halves of characters, which PostgreSQL refuses: a sign stands for each."""
    if text.isascii() and "\0" not in text:
        return text
    return text.encode("utf-8", "replace").decode().replace("\0", "\ufffd")
