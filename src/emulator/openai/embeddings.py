"""Embeddings that mean nothing: a vector of random numbers, the same for the same text.

Source: platform.openai.com/docs/api-reference/embeddings
"""

import base64
import math
import random
import struct
from collections.abc import Sequence

DIMENSIONS = 1536


def vector(text: str, size: int) -> list[float]:
    """Return a vector of length 1."""
    numbers = random.Random(text)
    found = [numbers.gauss(0, 1) for _ in range(size)]
    length = math.sqrt(sum(one * one for one in found))
    return [one / length for one in found]


def packed(numbers: Sequence[float]) -> str:
    """Return numbers as base64 of 32-bit floats."""
    return base64.b64encode(struct.pack(f"<{len(numbers)}f", *numbers)).decode()
