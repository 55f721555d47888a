"""The ways through the steps of a flow: what is answered on all of them."""

from collections.abc import Mapping, Sequence

from flow_engine.ask import END

#: For each step, (the step that may follow, what is answered then).
Ways = Mapping[str, Sequence[tuple[str, frozenset[str]]]]


def answered_before(first: str, ways: Ways) -> Mapping[str, frozenset[str]]:
    """Return, for each step, what is answered on every way from the first step to it."""
    before = dict.fromkeys(ways, frozenset(ways)) | {first: frozenset[str]()}
    is_settled = False
    while not is_settled:
        is_settled = True
        for name, leading in ways.items():
            for target, added in leading:
                if target in (END, first) or target not in before:
                    continue
                known = before[target] & (before[name] | added)
                is_settled = is_settled and known == before[target]
                before[target] = known
    return before
