"""The checker, on small histories: each broken promise is found, and nothing else is."""

from dataclasses import replace

import pytest
from tests.prove.answers import APOLOGY, QUESTION, REMINDER, TIMED_OUT
from tests.prove.checker import check, gaps, repeats, unanswered
from tests.prove.history import (
    Arrival,
    History,
    Kind,
    LaneEvent,
    Message,
    Rollback,
    StoredJob,
    What,
)
from tests.prove.report import Result, to_markdown
from tests.prove.violations import Promise

from jobs.model import JobState

ANA = "15550000001"
LANE = f"out:1:{ANA}"
AFTER_THE_COPY = 2.5


def wrote(*kinds: Kind, person: str = ANA) -> History:
    """A person who wrote such messages, a second apart; each is stored."""
    history = History()
    for number, kind in enumerate(kinds, start=1):
        history.messages.append(Message(person, number, kind, number, number + 0.1, posts=1))
    history.jobs = [
        StoredJob(n, f"in:1:{person}", "message", f"1:wamid.{person}.{n}", "{}", JobState.DONE)
        for n in range(1, len(kinds) + 1)
    ]
    return history


def heard(history: History, *texts: str, person: str = ANA) -> History:
    """The same, and the person got these, a second apart, each as a message of its own."""
    count = len(history.arrivals) + 1
    history.arrivals += [
        Arrival(10.0 + place, person, f"{place}.0", text)
        for place, text in enumerate(texts, start=count)
    ]
    return history


def promises(history: History) -> set[Promise]:
    return {each.promise for each in check(history)}


def claimed(token: str, process: str) -> LaneEvent:
    return LaneEvent(What.CLAIMED, LANE, token, process)


def released(process: str) -> LaneEvent:
    return LaneEvent(What.RELEASED, LANE, None, process)


def ended(job: int, token: str | None, process: str, state: JobState = JobState.DONE) -> LaneEvent:
    return LaneEvent(What.ENDED, LANE, token, process, job, f"{job}.0", state)


COUNTED = (Kind.COUNT, Kind.SLOW, Kind.FLAKY)
ANSWERS = ("1 after 0", "2 after 1", "3 after 2")


def test_nothing_is_found_where_every_promise_was_kept() -> None:
    history = heard(wrote(*COUNTED), *ANSWERS)
    history.accepted = frozenset({"1.0", "2.0"})
    history.segments = [[claimed("t", "w.1"), ended(1, "t", "w.1"), released("w.1")]]
    assert check(history) == []
    assert unanswered(history) == []


def test_an_answer_that_never_came_is_lost() -> None:
    history = heard(wrote(*COUNTED), "1 after 0", "3 after 2")
    assert promises(history) == {Promise.LOST}
    assert [each.number for each in unanswered(history)] == [2]


def test_nothing_was_promised_about_a_message_that_was_not_acknowledged() -> None:
    history = heard(wrote(*COUNTED), "1 after 0", "2 after 1")
    history.messages[2].acknowledged_at = None
    assert check(history) == []


def test_a_message_without_a_row_is_lost() -> None:
    history = heard(wrote(*COUNTED), *ANSWERS)
    history.jobs = history.jobs[1:]
    assert promises(history) == {Promise.LOST}


def test_what_the_database_takes_for_sent_and_meta_never_got_is_lost() -> None:
    history = heard(wrote(*COUNTED), *ANSWERS)
    history.accepted = frozenset({"77.0"})
    assert promises(history) == {Promise.LOST}


def test_two_answers_to_one_message_are_doubled() -> None:
    history = heard(wrote(*COUNTED), *ANSWERS, "3 after 2")
    assert promises(history) == {Promise.DOUBLED}


def test_a_message_that_is_stored_twice_is_doubled() -> None:
    history = heard(wrote(*COUNTED), *ANSWERS)
    history.jobs = [*history.jobs, replace(history.jobs[0], id=9)]
    assert promises(history) == {Promise.DOUBLED}


def test_answers_in_another_order_are_reordered() -> None:
    history = heard(wrote(*COUNTED), "2 after 1", "1 after 0", "3 after 2")
    assert promises(history) == {Promise.REORDERED}


def test_an_answer_from_another_state_is_reordered() -> None:
    history = heard(wrote(*COUNTED), "1 after 0", "2 after 1", "3 after 1")
    assert promises(history) == {Promise.REORDERED}


def test_poison_is_answered_by_one_apology_and_does_not_count() -> None:
    kinds = (Kind.COUNT, Kind.POISON, Kind.COUNT)
    assert check(heard(wrote(*kinds), "1 after 0", APOLOGY, "3 after 1")) == []
    assert promises(heard(wrote(*kinds), "1 after 0", "3 after 1")) == {Promise.LOST}
    twice = heard(wrote(*kinds), "1 after 0", APOLOGY, APOLOGY, "3 after 1")
    assert promises(twice) == {Promise.DOUBLED}


@pytest.mark.parametrize(
    ("texts", "found"),
    [
        ((QUESTION, REMINDER, TIMED_OUT, QUESTION, TIMED_OUT), set()),
        ((QUESTION, TIMED_OUT), {Promise.LOST}),
        ((QUESTION, TIMED_OUT, QUESTION), {Promise.TIMER}),
        ((QUESTION, TIMED_OUT, TIMED_OUT, QUESTION, TIMED_OUT), {Promise.DOUBLED}),
        ((QUESTION, TIMED_OUT, TIMED_OUT, QUESTION), {Promise.REORDERED}),
    ],
)
def test_a_form_that_nobody_answers_reminds_and_ends(
    texts: tuple[str, ...], found: set[Promise]
) -> None:
    assert promises(heard(wrote(Kind.FORM, Kind.FORM), *texts)) == found


def test_a_job_that_still_waits_was_left_undone() -> None:
    history = heard(wrote(*COUNTED), *ANSWERS)
    history.jobs = [*history.jobs, StoredJob(9, LANE, "send", "9.0", "{}", JobState.TODO)]
    assert promises(history) == {Promise.ASLEEP}


@pytest.mark.parametrize("token", [None, "theirs"])
def test_a_job_that_is_ended_by_a_process_without_the_lane_passed_the_fence(
    token: str | None,
) -> None:
    history = heard(wrote(*COUNTED), *ANSWERS)
    history.segments = [
        [claimed("ours", "w0.1"), claimed("theirs", "w1.1"), ended(1, token, "w0.1")]
    ]
    assert promises(history) == {Promise.FENCE}


def test_jobs_of_a_lane_that_end_in_another_order_are_reordered() -> None:
    history = heard(wrote(*COUNTED), *ANSWERS)
    history.segments = [[claimed("t", "w.1"), ended(2, "t", "w.1"), ended(1, "t", "w.1")]]
    assert promises(history) == {Promise.REORDERED}


def came_again(*events: LaneEvent) -> History:
    """The message 2.0 came twice, and this happened to the lane that sent it."""
    history = heard(wrote(*COUNTED), *ANSWERS)
    history.arrivals.append(replace(history.arrivals[1], at=20.0))
    history.segments = [list(events)]
    return history


@pytest.mark.parametrize(
    "events",
    [
        # the lease of a process ended, and another one claimed the lane
        [claimed("a", "w0.1"), claimed("b", "w1.1"), ended(2, "b", "w1.1")],
        # the process was killed, and the next one released all lanes at its start
        [claimed("a", "w.1"), released("w.2"), claimed("b", "w.2"), ended(2, "b", "w.2")],
        # the attempt failed: the answer of Meta was lost
        [claimed("a", "w.1"), ended(2, "a", "w.1", JobState.TODO), ended(2, "a", "w.1")],
    ],
)
def test_a_message_may_come_again_from_a_process_that_lost_its_lane(
    events: list[LaneEvent],
) -> None:
    history = came_again(*events)
    assert check(history) == []
    assert repeats(history) == 1


@pytest.mark.parametrize(
    "events",
    [
        [claimed("a", "w.1"), ended(2, "a", "w.1"), released("w.1")],
        # the claim that was lost had another job
        [claimed("a", "w0.1"), claimed("b", "w1.1"), ended(1, "b", "w1.1"), ended(2, "b", "w1.1")],
    ],
)
def test_a_message_that_comes_again_without_such_a_reason_is_doubled(
    events: list[LaneEvent],
) -> None:
    assert promises(came_again(*events)) == {Promise.DOUBLED}


def test_two_messages_with_one_id_are_found() -> None:
    history = heard(wrote(*COUNTED), *ANSWERS)
    history.arrivals[1] = replace(history.arrivals[1], delivery="1.0")
    assert promises(history) == {Promise.REUSED}


def test_a_restored_backup_may_forget_and_repeat_only_what_came_after_it() -> None:
    history = heard(wrote(*COUNTED), "1 after 0", "2 after 1", "2 after 1")
    history.jobs = []
    history.rollbacks = [Rollback(copied_at=AFTER_THE_COPY, restored_at=100.0)]
    assert check(history) == []  # message 3 was acknowledged after the copy
    history.arrivals = history.arrivals[:1]
    assert promises(history) == {Promise.LOST}  # message 2 before it


def test_the_longest_wait_comes_first() -> None:
    history = heard(wrote(*COUNTED), "1 after 0", "3 after 2", "2 after 1")
    waits = [(round(seconds, 1), each.number) for seconds, each in gaps(history)]
    assert waits == [(10.9, 2), (9.9, 1), (8.9, 3)]


def test_the_report_shows_what_a_person_wrote_and_got() -> None:
    history = heard(wrote(*COUNTED), "1 after 0", "3 after 2")
    result = Result.of("SQLite", 12.0, ["all0"], history, ["crash"])
    report = to_markdown([result], command="watch.py prove --seed 5", seed=5)
    assert "watch.py prove --seed 5" in report
    assert "| **lost** | **1** |" in report
    assert "no answer to slow 2" in report
    assert "wrote slow 2, acknowledged" in report
