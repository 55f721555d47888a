"""What the model is told about a person."""

from datetime import UTC, datetime, timedelta

from pydantic import BaseModel

from app.composition.catalogue import load_texts
from domain.user import User
from features.assistant.prompt import build_prompt
from flow_engine import Ask, Flow, Flows
from services.conversations.context import ConversationContext


class Answers(BaseModel):
    city: str
    salary: str


def flow(name: str, *steps: Ask) -> Flow[Answers]:
    return Flow(name, 1, Answers, (*steps,), lambda answers: [])


def test_the_profile_of_a_fork_is_known_except_for_private_answers() -> None:
    first = flow("first", Ask("city"), Ask("salary", private=True))
    second = flow("second", Ask("salary"), Ask("city"))  # not private here: it stays private
    flows = Flows([first, second])
    soon = timedelta(minutes=1)
    context = ConversationContext(flows, load_texts(), remind_after=soon, cancel_after=soon)
    person = User("1", full_name="Ana", profile={"city": "Bogotá", "salary": "1000", "name": "Eve"})
    prompt = build_prompt(context, person, datetime(2026, 5, 4, tzinfo=UTC), [], language="en")
    assert '"city": "Bogot' in prompt
    assert '"name": "Ana"' in prompt
    assert "salary" not in prompt
    assert "1000" not in prompt
