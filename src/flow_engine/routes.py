"""The ways through the steps of a flow: what is answered on all of them."""

from collections.abc import Mapping, Sequence

from flow_engine.ask import END

Edges = Mapping[str, Sequence[tuple[str, str]]]


def answered_before(first: str, edges: Edges) -> Mapping[str, frozenset[str]]:
    """Return, for each step, the steps that come before it on every way from the first one."""
    everything = frozenset(edges)
    before = dict.fromkeys(edges, everything) | {first: frozenset[str]()}
    is_settled = False
    while not is_settled:
        is_settled = True
        for name, leading in edges.items():
            for target, _ in leading:
                if target in (END, first) or target not in before:
                    continue
                known = before[target] & (before[name] | {name})
                is_settled = is_settled and known == before[target]
                before[target] = known
    return before
