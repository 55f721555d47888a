"""Where one person stands in one flow: small, plain, and safe to store as JSON."""

from pydantic import BaseModel, ConfigDict

#: Most rows that WhatsApp shows in a list.
MAX_LIST_ROWS = 10
#: The row that leads to the next page; after the last one the list starts over.
MORE = "more"
#: The row that ends several choices.
DONE = "done"
#: The button of a question that may be left out.
SKIP = "skip"
#: What a review offers by itself.
RIGHT, CHANGE = "right", "change"
#: The question what a "no" to a review means, and the option of a review that refuses.
WRONG, REFUSE = "wrong", "no"
#: The question whether a doubtful answer is meant.
SURE = "sure"
#: The same of an option.
MEANT = "meant"
#: The question of people who come back to a form, and what it offers.
RESUME, GO_ON, START_AGAIN = "resume", "go_on", "start_again"
RESUME_OPTIONS = (GO_ON, START_AGAIN)
#: Options whose texts are in `common.options`, unless a question has its own.
SHARED_OPTIONS = frozenset({MORE, DONE, SKIP, RIGHT, CHANGE, *RESUME_OPTIONS})
#: Questions whose texts are in `common.<name>`, unless a flow has its own.
SHARED_QUESTIONS = frozenset({"review", CHANGE, WRONG, SURE, MEANT, RESUME})


class FlowState(BaseModel):
    """The answers so far and the step being asked."""

    model_config = ConfigDict(frozen=True)

    flow: str
    version: int
    step: str
    answers: dict[str, object] = {}
    #: what the profile held for the steps with `from_profile` when the form was started
    known: dict[str, object] = {}
    options: tuple[str, ...] = ()
    #: title and description of options that were loaded with them
    labels: dict[str, tuple[str, str | None]] = {}
    #: which part of a long list of options is shown
    page: int = 0
    awaiting_options: bool = False
    #: one's own code runs (`Call`)
    awaiting_call: bool = False
    #: what was chosen so far, of several choices
    chosen: tuple[str, ...] = ()
    #: a question about the form in place of the step's own: CHANGE, WRONG, SURE, RESUME
    aside: str = ""
    #: the person changes one answer, and comes back to the review
    is_changing: bool = False
    #: the person was reminded of the question
    is_reminded: bool = False
    #: an earlier question is answered anew: the answers after it are kept
    correcting: bool = False
    #: the part of a date that was given, "3 March", the answer that is asked about (SURE), or what
    #: the person wrote that is wrong (CHANGE, WRONG)
    begun: str = ""
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
