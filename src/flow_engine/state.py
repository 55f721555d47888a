"""Where one person stands in one flow: small, plain, and safe to store as JSON."""

from pydantic import BaseModel, ConfigDict


class FlowState(BaseModel):
    """The answers so far and the step being asked."""

    model_config = ConfigDict(frozen=True)

    flow: str
    version: int
    step: str
    answers: dict[str, object] = {}
    options: tuple[str, ...] = ()
    #: which part of a long list of options is shown
    page: int = 0
    awaiting_options: bool = False
    turn: int = 0
