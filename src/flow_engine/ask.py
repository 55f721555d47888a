"""The steps of a flow: a question, a review of the answers, a call of one's own code."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from flow_engine.options import Option

#: Target of the answers after which a flow is finished.
END = "end"

#: Own code between two questions: it gets the form as far as it is filled in, with typed values,
#: and returns the answer to its step.
CallHandler = Callable[[Any], Awaitable[object]]


#: Loads the choices of a step when a person reaches it.
OptionSource = Callable[[], Awaitable[Sequence[str | Option]]]


@dataclass(frozen=True, slots=True)
class NextDays:
    """The days that a person may choose from: `Ask("day", options_from=NextDays(10))`."""

    count: int = 10
    #: days from today to the first one
    start: int = 1
    #: 0 is Monday
    weekdays: Collection[int] = range(7)


@dataclass(frozen=True, slots=True)
class Ask:
    """One question. It is named after the form field that it fills in.

    `then` sends particular answers to particular steps; any other answer goes to
    `otherwise`, or to the next step in the list.
    """

    name: str
    then: Mapping[str, str] = field(default_factory=dict)
    otherwise: str | None = None
    #: loads the choices when the step is reached: a function, a name of `app.option_sources`, or
    #: `NextDays`
    options_from: "str | NextDays | OptionSource | None" = None
    #: show up to three choices as a list too, where titles are longer and have descriptions
    as_list: bool = False
    #: keep the answer from the assistant, which otherwise knows what a person's profile holds
    private: bool = False
    #: take the answer from the person's profile, if it holds one that the form accepts, and do not
    #: ask. A review shows it, and lets the person change it
    from_profile: bool = False
    #: people may leave it out, by *Skip* or in words; the field keeps its default then
    optional: bool = False
    #: the filter that a review shows the answer with, such as "money EUR"; None: what its type says
    shown_as: str | None = None
    #: when the options take place, by option (`flow_engine.recurring`): texts name {option:when}
    dates: Mapping[str, str] = field(default_factory=dict)
    #: patterns (of `re`) of the answer to the next question, by the option that it shows: the
    #: number of a passport says by itself which document it is
    told_by: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Review(Ask):
    """Show the answers so far, and let the person change each of them.

    Its text may name {answers}. By itself it offers *Right* and *Change*; named after a field of
    the form, it offers the options of that field and *Change*.
    """

    name: str = "review"


@dataclass(frozen=True, slots=True)
class Call(Ask):
    """Call own code between two questions; what it returns is the answer to this step.

    It runs in a job of its own: it survives a crash, and is called once more after one, so what it
    does has to be harmless if it is done twice. If all attempts fail, the person is told
    `<flow>.<step>.failed`, and the flow goes on at `on_failure`, or ends.
    """

    #: a function, or the name of one in `app.calls`
    handler: CallHandler | str = field(kw_only=True)
    #: longest time of one attempt
    timeout: timedelta = field(default=timedelta(seconds=10), kw_only=True)
    #: attempts after the first one
    retries: int = field(default=2, kw_only=True)
    #: the step after all attempts failed; None ends the flow
    on_failure: str | None = field(default=None, kw_only=True)
    #: say `<flow>.<step>.wait` before
    says_wait: bool = field(default=False, kw_only=True)
