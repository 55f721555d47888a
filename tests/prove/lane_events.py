"""Checks what happened to lanes: who claimed them, and who ended their jobs, in which order."""

from collections import Counter
from collections.abc import Iterator, Sequence

from tests.prove.history import History, LaneEvent, What
from tests.prove.violations import Promise, Violation

from jobs.model import JobState


def check_lane_events(events: Sequence[LaneEvent]) -> Iterator[Violation]:
    """Yield ends of jobs by processes that did not hold the lane, or in the wrong order."""
    claimed_by = {each.token: each.process for each in events if each.what is What.CLAIMED}
    last: dict[str, int] = {}
    for each in events:
        if each.what is not What.ENDED or each.job is None:
            continue
        holder = claimed_by.get(each.token, "nobody")
        if holder != each.process:
            what = f"job {each.job} was ended by {each.process}, and the lane was held by {holder}"
            yield Violation(Promise.FENCE, each.lane, what)
        if each.state != JobState.TODO:
            if each.job <= last.get(each.lane, 0):
                what = f"job {each.job} ended after job {last[each.lane]}"
                yield Violation(Promise.REORDERED, each.lane, what)
            last[each.lane] = each.job


def allowed_repeats(history: History) -> Counter[str]:
    """Return how often each message may have been sent again, by its delivery.

    What Meta accepted is sent again if the process that sent it was gone, or had lost its lane,
    before it could store that; or if the attempt failed. See "What is not covered" in
    docs/reliability.md. A restored backup forgets what was sent since.
    """
    excuses: Counter[str] = Counter()
    for events in history.segments:
        lost: Counter[str] = Counter()
        claims: dict[str, LaneEvent] = {}
        for each in events:
            if each.what is What.ENDED:
                if each.state == JobState.TODO:
                    lost[each.lane] += 1
                else:
                    excuses[str(each.key)] += lost.pop(each.lane, 0)
                continue
            claim = claims.pop(each.lane, None)
            if claim and (each.what is What.CLAIMED or each.process != claim.process):
                lost[each.lane] += 1
            if each.what is What.CLAIMED:
                claims[each.lane] = each
    for rollback in history.rollbacks:
        before = {each.delivery for each in history.arrivals if each.at < rollback.restored_at}
        excuses.update(before)
    return excuses
