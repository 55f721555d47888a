"""Show a person what the bot keeps about them."""

from dataclasses import dataclass
from typing import ClassVar

from flow_engine import FeatureEffect


@dataclass(frozen=True, slots=True)
class ShowMyData(FeatureEffect):
    """Say everything that the bot keeps about this person."""

    has_follow_up: ClassVar[bool] = True
    interrupts: ClassVar[bool] = True
