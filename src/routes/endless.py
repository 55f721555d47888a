"""Answers that go on until somebody ends them: they must not hold up the end of a process."""

from typing import Any

#: Name in the scope of a request.
_ENDLESS = "bot.endless"


def mark_endless(scope: Any) -> None:
    """Have the server cut off the answer to a request (its ASGI scope) when the process stops."""
    scope[_ENDLESS] = True


def is_endless(scope: Any) -> bool:
    """Return whether the answer to a request goes on until it is cut off."""
    return _ENDLESS in scope
