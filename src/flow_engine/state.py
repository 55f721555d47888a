"""Where one person stands in one flow: small, plain, and safe to store as JSON."""

from pydantic import BaseModel, ConfigDict

#: Most rows that WhatsApp shows in a list.
MAX_LIST_ROWS = 10
#: The row that leads to the next page; after the last one the list starts over.
MORE = "more"


class FlowState(BaseModel):
    """The answers so far and the step being asked."""

    model_config = ConfigDict(frozen=True)

    flow: str
    version: int
    step: str
    answers: dict[str, object] = {}
    options: tuple[str, ...] = ()
    #: title and description of options that were loaded with them
    labels: dict[str, tuple[str, str | None]] = {}
    #: which part of a long list of options is shown
    page: int = 0
    awaiting_options: bool = False
    #: an earlier question is answered anew: the answers after it are kept
    correcting: bool = False
    #: number of answers to this question that were refused
    refusals: int = 0
    turn: int = 0

    @property
    def is_stuck(self) -> bool:
        """Return whether every second answer to this question was refused just now."""
        return self.refusals > 0 and self.refusals % 2 == 0

    @property
    def shown_options(self) -> tuple[str, ...]:
        """Return the options of one page; those of a long list end with MORE."""
        if len(self.options) <= MAX_LIST_ROWS:
            return self.options
        first = self.page * (MAX_LIST_ROWS - 1)
        return (*self.options[first : first + MAX_LIST_ROWS - 1], MORE)

    @property
    def next_page(self) -> int:
        return (self.page + 1) % -(-len(self.options) // (MAX_LIST_ROWS - 1))
