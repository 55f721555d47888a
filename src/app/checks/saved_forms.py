"""What the flows save: found by the dry run of each `finish`, and typed by the forms."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from app.checks.dry_run import PLAIN_NAME, dry_run
from flow_engine.effects import SaveProfile, SaveRecord
from flow_engine.faults import Fault, did_you_mean
from flow_engine.flow import Flow
from flow_engine.registry import Definition
from flow_engine.saved import SavedData, SavedField, SavedForm

#: Name under which consent is stored, which no form asks for.
_NOT_ANSWERS = frozenset({"consent_version"})


def saved_data(definitions: Sequence[Definition]) -> SavedData:
    """Return the forms and the profile fields that some flow saves."""
    forms: dict[str, SavedForm] = {}
    profile: dict[str, SavedField] = {}
    for flow in definitions:
        if not isinstance(flow, Flow):
            continue
        for name, fields in _records(flow).items():
            before = forms.get(name, SavedForm(name, ()))
            known = {one.name: one for one in (*_typed(flow, fields), *before.fields)}
            actions = {**flow.status_actions, **before.on_status}
            loaded = {**before.sources, **_sources(flow)}
            forms[name] = SavedForm(name, tuple(known.values()), actions, loaded)
        answers = {key: value for key, value in _profile(flow).items() if key not in _NOT_ANSWERS}
        for field in _typed(flow, answers):
            profile.setdefault(field.name, field)
    flows = [flow for flow in definitions if isinstance(flow, Flow)]
    sources = dict.fromkeys(source for flow in flows for source in _sources(flow).values())
    return SavedData(tuple(forms.values()), tuple(profile.values()), tuple(sources))


def _sources(flow: Flow[Any]) -> dict[str, str]:
    named = ((step.name, step.options_from) for step in flow.steps)
    return {name: source for name, source in named if isinstance(source, str)}


def saved_names(flow: Flow[Any]) -> Sequence[str]:
    """Return the names of all fields of the records that a flow saves."""
    return list(dict.fromkeys(name for fields in _records(flow).values() for name in fields))


def saved_faults(definitions: Sequence[Definition]) -> Iterator[Fault]:
    """Yield odd names of records, statuses without a record, and parameters that no record has."""
    statuses: dict[tuple[str, str], Flow[Any]] = {}
    for flow in definitions:
        if not isinstance(flow, Flow):
            continue
        records = _records(flow)
        for name in records:
            if not PLAIN_NAME.fullmatch(name):
                text = f"{flow.name}: SaveRecord: {name!r} is not a plain name, like bookings"
                yield Fault(text, flow.defined_at.of_constant(name))
        yield from _status_faults(flow, records)
        for name in records:
            for status in flow.on_status:
                other = statuses.setdefault((name, status), flow)
                if other.status_actions[status] != flow.status_actions[status]:
                    text = f'{flow.name}: on_status "{status}" of {name} is another in {other.name}'
                    yield Fault(text, flow.defined_at.of_constant(status))


def profile_faults(definitions: Sequence[Definition]) -> Iterator[Fault]:
    """Yield steps that take their answer from a profile which no flow fills in."""
    flows = [one for one in definitions if isinstance(one, Flow)]
    if any(flow.says is not None or dry_run(flow).faults for flow in flows):
        return  # what such a flow saves is not known
    names = {field.name for field in saved_data(flows).profile}
    for flow in flows:
        for step in flow.steps:
            if step.from_profile and step.name not in names:
                text = f"from_profile: no flow saves {step.name} in the profile"
                where = flow.defined_at.of_constant(step.name)
                yield Fault(f"{flow.name}: {text}{did_you_mean(step.name, names)}", where)


def _status_faults(flow: Flow[Any], records: Mapping[str, Mapping[str, object]]) -> Iterator[Fault]:
    if flow.on_status and not records and not dry_run(flow).faults:
        hint = "return SaveRecord(...) from finish"
        yield Fault(f"{flow.name}: on_status needs a saved record; {hint}", flow.defined_at)
        return
    names = saved_names(flow)
    for status, action in flow.status_actions.items():
        for name in action.parameters:
            if names and name not in names:
                hint = did_you_mean(name, names)
                text = f'on_status "{status}": the record has no field {name}{hint}'
                yield Fault(f"{flow.name}: {text}", flow.defined_at.of_constant(name))


def _records(flow: Flow[Any]) -> dict[str, dict[str, object]]:
    """Return the fields of each record that a flow saves, with a sample of their values."""
    found: dict[str, dict[str, object]] = {
        name: dict.fromkeys(flow.form.model_fields) for name in flow.saves
    }
    for effect in dry_run(flow).effects:
        if isinstance(effect, SaveRecord):
            fields = found.setdefault(effect.table, {})
            for name, value in effect.fields.items():
                fields.setdefault(str(name), value)
    return found


def _profile(flow: Flow[Any]) -> dict[str, object]:
    effects = [one for one in dry_run(flow).effects if isinstance(one, SaveProfile)]
    return {name: value for effect in effects for name, value in effect.fields.items()}


def _typed(flow: Flow[Any], fields: Mapping[str, object]) -> Iterator[SavedField]:
    private = {step.name for step in flow.steps if step.private}
    for name, sample in fields.items():
        is_asked = name in flow.form.model_fields
        annotation = flow.field_type(name) if is_asked else _type_of(sample)
        yield SavedField(name, annotation, name in private)


def _type_of(sample: object) -> Any:
    """Return the type of a value that `finish` made itself."""
    return type(sample) if isinstance(sample, bool | int | float | list) else str
