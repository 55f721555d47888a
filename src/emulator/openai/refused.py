"""Refusals, as OpenAI's servers answer them.

Source: platform.openai.com/docs/guides/error-codes
"""

from dataclasses import dataclass


@dataclass(eq=False)  # neither frozen nor slotted: Python sets the traceback
class RefusedRequest(Exception):
    """Answered as OpenAI answers a bad request."""

    message: str
    param: str | None = None
    code: str | None = None
    status: int = 400
