"""Ask for an opinion: one choice, several choices, and a free text that may be skipped."""

from typing import Literal

from pydantic import BaseModel

from flow_engine import END, Ask, Effect, Flow, React, SaveRecord, Say


class Survey(BaseModel):
    rating: Literal["good", "fair", "bad"]
    liked: list[Literal["food", "service", "place", "price"]] = []
    problem: str | None = None


def finish(survey: Survey) -> list[Effect]:
    answers = survey.model_dump(mode="json")
    return [
        React("🙏"),
        SaveRecord("surveys", answers),
        Say(f"survey.done.{survey.rating}", answers),
    ]


survey = Flow(
    name="survey",
    version=1,
    form=Survey,
    triggers=("survey", "encuesta", "pesquisa"),
    steps=(
        Ask("rating", then={"bad": "problem"}, otherwise="liked"),
        Ask("liked", otherwise=END),
        Ask("problem"),
    ),
    finish=finish,
)
