"""Fills in a form on every route of a flow, as people might: for the checks at the start."""

from collections import deque
from collections.abc import Collection, Iterator, Mapping
from itertools import chain, islice
from typing import Any

from flow_engine.ask import END
from flow_engine.flow import Flow

#: Most sets of answers that are tried on one flow.
MAX_SAMPLE_FORMS = 200
#: Most steps that are walked in search of them; many ways may lead nowhere.
MAX_WALKED_STEPS = 20_000

Answers = dict[str, object]
AnswersByStep = Mapping[str, tuple[object, ...]]


def sample_forms(flow: Flow[Any], answers: AnswersByStep) -> Iterator[Answers]:
    """Yield sets of answers that lead to the end of a flow, at most MAX_SAMPLE_FORMS.

    First come sets that give each answer of each step at least once, then all combinations.
    """
    seen = set()
    for form in islice(chain(_each_once(flow, answers), _all(flow, answers)), MAX_SAMPLE_FORMS):
        if (key := repr(form)) not in seen:
            seen.add(key)
            yield form


def _each_once(flow: Flow[Any], answers: AnswersByStep) -> Iterator[Answers]:
    for step, possible in answers.items():
        before = _shortest(flow, answers, flow.first_step, step, ())
        for answer in possible if before is not None else ():
            to_here = {**(before or {}), step: answer}
            target = flow.next_step(step, answer)
            after = _shortest(flow, answers, target, END, to_here)
            if after is not None:
                yield {**to_here, **after}


def _shortest(
    flow: Flow[Any], answers: AnswersByStep, start: str, goal: str, avoided: Collection[str]
) -> Answers | None:
    """Return the answers on the shortest way from a step to another; None without a way."""
    waiting: deque[tuple[str, Answers]] = deque([(start, {})])
    seen = {*avoided}
    while waiting:
        step, way = waiting.popleft()
        if step == goal:
            return way
        if step == END or step in seen:
            continue
        seen.add(step)
        for answer in answers[step]:
            waiting.append((flow.next_step(step, answer), {**way, step: answer}))
    return None


def _all(flow: Flow[Any], answers: AnswersByStep) -> Iterator[Answers]:
    """Yield combinations of answers on routes that come to no step twice: all, if not too many."""
    waiting: list[tuple[str, Answers]] = [(flow.first_step, {})]
    for _ in range(MAX_WALKED_STEPS):
        if not waiting:
            return
        step, way = waiting.pop()
        if step == END:
            yield way
        elif step not in way:
            waiting += [
                (flow.next_step(step, answer), {**way, step: answer})
                for answer in reversed(answers[step])
            ]
