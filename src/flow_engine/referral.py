"""The ad or the post that led a person to the bot, as a form has it.

    class Lead(BaseModel):
        name: FullName
        ad: Annotated[str, FromReferral("headline")] = ""

Nobody is asked for such a field: it is filled in when the form begins.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from flow_engine.faults import Fault, did_you_mean

if TYPE_CHECKING:
    from flow_engine.flow import Flow

#: What Meta says of an ad or a post (`source_type`): its id, address, words, and for ads the id of
#: the click and the payload (`ref`) that its author chose.
FIELDS = ("source_type", "source_id", "source_url", "headline", "body", "ctwa_clid", "ref")
#: The fields that `Flow(referrals=...)` names.
NAMED_BY = ("source_id", "ref")


@dataclass(frozen=True, slots=True)
class FromReferral:
    """Marks a field of a form that the bot fills in; it stays as it is for other people."""

    #: one of FIELDS
    name: str


def fields_from_referral(form: type[BaseModel]) -> Mapping[str, str]:
    """Return the fields of a form that are filled in, and from what."""
    return {
        name: mark.name
        for name, info in form.model_fields.items()
        for mark in info.metadata
        if isinstance(mark, FromReferral)
    }


def given_by(form: type[BaseModel], referral: Mapping[str, Any] | None) -> dict[str, object]:
    """Return what is filled in before anything is asked."""
    known = referral or {}
    given = fields_from_referral(form).items()
    defaults = {name: form.model_fields[name].get_default() for name, _ in given}
    return {name: known.get(source) or defaults[name] for name, source in given}


def referral_faults(flow: "Flow[Any]") -> Iterator[Fault]:
    """Yield fields that nothing can fill in, or that are asked as well."""
    asked = {step.name for step in flow.steps}
    for name, source in fields_from_referral(flow.form).items():
        where = flow.defined_at.of_constant(source)
        if source not in FIELDS:
            hint = did_you_mean(source, FIELDS)
            yield Fault(f"{flow.name}: a referral has no {source}{hint}", where)
        if flow.form.model_fields[name].is_required():
            text = f"{name} is empty for people without a referral; give it a default"
            yield Fault(f"{flow.name}: {text}", where)
        if name in asked:
            text = f"{name} is filled in from the referral, so it cannot be asked"
            yield Fault(f"{flow.name}: {text}", flow.defined_at.of_constant(name))
