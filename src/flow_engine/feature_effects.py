"""Effects whose handlers are features: where the feature is absent, nothing breaks."""

from dataclasses import dataclass, field
from typing import ClassVar

from flow_engine.messages import Params
from flow_engine.received import Media


class FeatureEffect:
    """An effect that a feature adds: a frozen dataclass that inherits from this one.

    The feature declares its handler. Where that feature is absent, menus leave the choice out, a
    form says that it is not available, and a warning at the start names the effect.
    """

    __slots__ = ()
    #: Whether the effect itself says what happens next, so that no menu has to follow.
    has_follow_up: ClassVar[bool] = False
    #: Whether it may be asked for in the middle of a form, and whoever holds the conversation.
    interrupts: ClassVar[bool] = False
    #: Whether people need not know that the feature is absent.
    is_silent: ClassVar[bool] = False


@dataclass(frozen=True, slots=True)
class NotifyOperators(FeatureEffect):
    """Tell the operators something, in a text of the catalogue; the bot goes on as before."""

    is_silent: ClassVar[bool] = True

    key: str
    params: Params = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OfferCall(FeatureEffect):
    """Send a text with a button that calls the number; without it where no calls are taken."""

    key: str
    params: Params = field(default_factory=dict)
    #: Up to 512 characters that the webhook of the call brings back.
    payload: str | None = None


@dataclass(frozen=True, slots=True)
class CallPerson(FeatureEffect):
    """Call the person, who hears a text, then the menu; who has not allowed it is asked first."""

    key: str = "calls.opening"
    params: Params = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class KeepFile(FeatureEffect):
    """Keep a file that a person sent, which Meta deletes after 30 days at the latest.

    `SaveRecord` and `SaveProfile` keep the files in their fields by themselves.
    """

    is_silent: ClassVar[bool] = True

    file: Media


@dataclass(frozen=True, slots=True)
class TakingPart(FeatureEffect):
    """Remember what was described: "sign me up for that" means it from then on."""

    is_silent: ClassVar[bool] = True

    #: The text for people who need to do nothing else.
    key: str
    #: The flow that starts for people who want to take part; "registration" only if they need it.
    starts: str = ""
