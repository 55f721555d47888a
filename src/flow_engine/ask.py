"""One step of a flow."""

from collections.abc import Mapping
from dataclasses import dataclass, field

#: Target of the answers after which a flow is finished.
END = "end"


@dataclass(frozen=True, slots=True)
class Ask:
    """One question. It is named after the form field that it fills in.

    `then` sends particular answers to particular steps; any other answer goes to
    `otherwise`, or to the next step in the list.
    """

    name: str
    then: Mapping[str, str] = field(default_factory=dict)
    otherwise: str | None = None
    #: loads the choices when the step is reached: a name of `app.option_sources`
    options_from: str | None = None
    #: show up to three choices as a list too, where titles are longer and have descriptions
    as_list: bool = False
    #: keep the answer from the assistant, which otherwise knows what a person's profile holds
    private: bool = False
