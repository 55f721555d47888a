"""Which checks run together: waves, in which each check comes after those that it depends on."""

from collections.abc import Collection, Iterator, Mapping, Sequence

from features.checks.definitions import Check

Checks = Mapping[str, Check]


def waves(checks: Checks, wanted: Collection[str]) -> Iterator[Sequence[str]]:
    """Yield names that can run at the same time, in the order of the file.

    Checks that wanted ones depend on run as well. There must be no circle.
    """
    left = with_needed(checks, wanted)
    done: set[str] = set()
    while left:
        ready = [name for name in left if done.issuperset(needed_by(name, checks))]
        if not ready:
            raise ValueError("checks depend on each other in a circle")
        yield ready
        done.update(ready)
        left = [name for name in left if name not in done]


def with_needed(checks: Checks, wanted: Collection[str]) -> list[str]:
    """Return wanted checks and all that they depend on, in the order of the file."""
    found: set[str] = set()
    waiting = [*wanted]
    while waiting:
        name = waiting.pop()
        if name in checks and name not in found:
            found.add(name)
            waiting += needed_by(name, checks)
    return [name for name in checks if name in found]


def circles(checks: Checks) -> Iterator[tuple[str, Sequence[str]]]:
    """Yield each check that depends on itself, with the way back to it."""
    for name in checks:
        way = _way_back(checks, name)
        if way is not None:
            yield name, way


def needed_by(name: str, checks: Checks) -> tuple[str, ...]:
    """Return the checks that run before one: those it depends on, and those that it sends."""
    check = checks.get(name)
    return (*check.depends_on, *sent_by(name, checks)) if check is not None else ()


def sent_by(name: str, checks: Checks) -> tuple[str, ...]:
    """Return the checks whose answers a workflow check sends; none if it starts a flow."""
    check = checks[name]
    if check.type != "workflow":
        return ()
    if check.workflow in checks and check.workflow != name:
        return (check.workflow,)
    return tuple(one for one in checks if one != name and checks[one].group == check.workflow)


def _way_back(checks: Checks, start: str) -> Sequence[str] | None:
    waiting: list[tuple[str, ...]] = [(start,)]
    seen: set[str] = set()
    while waiting:
        way = waiting.pop()
        for needed in needed_by(way[-1], checks):
            if needed == start:
                return (*way, start)
            if needed not in seen:
                seen.add(needed)
                waiting.append((*way, needed))
    return None
