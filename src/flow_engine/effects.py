"""What a flow may ask the outside world to do. Data only: nothing here runs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from typing import get_args

from flow_engine.ask import NextDays, OptionSource
from flow_engine.feature_effects import CallPerson as CallPerson
from flow_engine.feature_effects import FeatureEffect as FeatureEffect
from flow_engine.feature_effects import KeepFile as KeepFile
from flow_engine.feature_effects import NotifyOperators as NotifyOperators
from flow_engine.feature_effects import OfferCall as OfferCall
from flow_engine.feature_effects import TakingPart as TakingPart
from flow_engine.messages import Params, SendEffect
from flow_engine.messages import React as React
from flow_engine.messages import RequestLocation as RequestLocation
from flow_engine.messages import SendAudio as SendAudio
from flow_engine.messages import SendCatalogue as SendCatalogue
from flow_engine.messages import SendContact as SendContact
from flow_engine.messages import SendDocument as SendDocument
from flow_engine.messages import SendImage as SendImage
from flow_engine.messages import SendLink as SendLink
from flow_engine.messages import SendLocation as SendLocation
from flow_engine.messages import SendProduct as SendProduct
from flow_engine.messages import SendProducts as SendProducts
from flow_engine.messages import SendSticker as SendSticker
from flow_engine.messages import SendTemplate as SendTemplate
from flow_engine.messages import SendVideo as SendVideo
from flow_engine.options import Option


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
class ReviewedAnswer:
    """One answer of a review, and the filter that shows it in the person's terms."""

    step: str
    value: object
    shown_as: str


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
    #: what the person answered before, which the text may name
    answers: Params = field(default_factory=dict, compare=False)
    #: what a review shows as {answers}
    reviewed: tuple[ReviewedAnswer, ...] = field(default=(), compare=False)
    #: what was chosen so far, of several choices
    chosen: tuple[str, ...] = ()
    #: what answers it besides text: "photo", "place", ...
    wants: tuple[str, ...] = ()
    #: key of a text that is said in place of the question's own
    instead: str | None = None
    #: people may leave it out
    is_optional: bool = False
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
class LoadOptions:
    """Fetch the choices for a step; they come back as OptionsLoaded, with this turn."""

    source: str | NextDays | OptionSource
    turn: int


@dataclass(frozen=True, slots=True)
class RunCall:
    """Call one's own code for a step; what it returns comes back as CallEnded, with this turn."""

    flow: str
    step: str
    turn: int
    answers: Params


@dataclass(frozen=True, slots=True)
class SetTimer:
    """Wake this conversation later. A stale turn number is ignored.

    `after` of None means the bot's own setting for this timer.
    """

    timer: str
    turn: int
    after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Schedule:
    """Do something later: send a message or a template, start a flow, or call.

    `name` tells it from others of the same person: scheduling it again moves it. It is not done
    if the person has opted out by then; a message is not sent where the 24 hours have passed
    since they wrote last, but `outside_window` is, a template.
    """

    name: str
    #: a moment, in the bot's time zone if it has none of its own, or a time from now
    at: datetime | timedelta
    effect: Say | SendEffect | StartFlow | CallPerson
    outside_window: SendTemplate | None = None


@dataclass(frozen=True, slots=True)
class Unschedule:
    """Do not do what was scheduled under this name."""

    name: str


#: Effects that can wait: a reaction, say, cannot.
SCHEDULABLE: tuple[type, ...] = tuple(
    one for one in (Say, *get_args(SendEffect), StartFlow, CallPerson) if one is not React
)

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
    | SendEffect
    | LoadOptions
    | RunCall
    | Schedule
    | Unschedule
    | SetTimer
    | FeatureEffect
)

EFFECT_TYPES: tuple[type, ...] = get_args(Effect)
