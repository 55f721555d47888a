"""What a flow may ask the outside world to do. Data only: nothing here runs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum
from typing import ClassVar, get_args

from flow_engine.options import Option

Params = Mapping[str, str | int]


class FeatureEffect:
    """An effect that a feature adds: a frozen dataclass that inherits from this one.

    The feature declares its handler. Where that feature is absent, menus leave the choice out, a
    form says that it is not available, and a warning at the start names the effect.
    """

    __slots__ = ()
    #: Whether the effect itself says what happens next, so that no menu has to follow.
    has_follow_up: ClassVar[bool] = False


@dataclass(frozen=True, slots=True)
class Say:
    """Send a text, named by its key in the text catalogue."""

    key: str
    params: Params = field(default_factory=dict)


class WayOut(Enum):
    """How a question shows that nobody has to answer it."""

    NONE = "none"
    #: one line: "back" and "cancel" may be written
    HINT = "hint"
    #: buttons that lead back, out of the form, or to somebody who helps
    BUTTONS = "buttons"


@dataclass(frozen=True, slots=True)
class Question:
    """Send a question; options become reply buttons (up to 3) or a list menu (up to 10).

    `name` is the flow and step ("registration.id_type"), or the name of a menu. Each option is
    sent under the id "<name>.<option>", so that a tap tells which question it answers.
    """

    name: str
    options: tuple[str, ...] = ()
    #: a list menu, however few the options
    as_list: bool = False
    #: the options are dates (ISO), of which the person meant one
    asks_which_date: bool = False
    #: key of a text that stands before the question, in the same message
    preface: str | None = None
    way_out: WayOut = WayOut.NONE
    #: titles and descriptions of options that are in no catalogue
    labels: tuple[Option, ...] = ()


@dataclass(frozen=True, slots=True)
class ShowMenu:
    """Show a menu by name; "home" is the one that fits this person."""

    name: str = "home"


@dataclass(frozen=True, slots=True)
class StartFlow:
    """Begin another flow, by name."""

    name: str


@dataclass(frozen=True, slots=True)
class TalkToAssistant:
    """Hand the conversation to the language model until the person leaves it."""


@dataclass(frozen=True, slots=True)
class TalkToHuman:
    """Hand the conversation to one of us; the bot keeps silent until it is handed back."""

    #: what the person wrote, for who answers
    asked: str = ""


@dataclass(frozen=True, slots=True)
class SaveProfile:
    """Change the profile of this person, field by field; values have to fit into JSON."""

    fields: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class DeleteProfile:
    """Forget everything that this person told us."""


@dataclass(frozen=True, slots=True)
class ForgetAnswers:
    """Keep no copy of what the person wrote in a form, since they do not agree to it.

    What they agreed to before, their profile and their records, stays.
    """


@dataclass(frozen=True, slots=True)
class SetLanguage:
    """Speak this language to this person from now on."""

    language: str


@dataclass(frozen=True, slots=True)
class SetMarketing:
    """This person agrees to be sent offers, or no longer does."""

    wanted: bool


@dataclass(frozen=True, slots=True)
class SaveRecord:
    """Keep one record of what the person filled in, under a name such as "bookings"."""

    table: str
    fields: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class SendDocument:
    """Send a file that the text catalogue describes (file, file name, caption)."""

    key: str


@dataclass(frozen=True, slots=True)
class SendLocation:
    """Send a place that the text catalogue describes."""

    key: str


@dataclass(frozen=True, slots=True)
class SendContact:
    """Send a contact card that the text catalogue describes."""

    key: str


@dataclass(frozen=True, slots=True)
class LoadOptions:
    """Fetch the choices for a step; they come back as OptionsLoaded, with this turn."""

    source: str
    turn: int


@dataclass(frozen=True, slots=True)
class SetTimer:
    """Wake this conversation later. A stale turn number is ignored.

    `after` of None means the bot's own setting for this timer.
    """

    timer: str
    turn: int
    after: timedelta | None = None


Effect = (
    Say
    | Question
    | ShowMenu
    | StartFlow
    | TalkToAssistant
    | TalkToHuman
    | SaveProfile
    | DeleteProfile
    | ForgetAnswers
    | SetLanguage
    | SetMarketing
    | SaveRecord
    | SendDocument
    | SendLocation
    | SendContact
    | LoadOptions
    | SetTimer
    | FeatureEffect
)

EFFECT_TYPES: tuple[type, ...] = get_args(Effect)
