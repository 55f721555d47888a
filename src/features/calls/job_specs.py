"""Jobs of calls: events of Meta about one call, and what follows in the chat of the person."""

from datetime import timedelta

from pydantic import BaseModel, ConfigDict, Field

from features.calls.states import End
from jobs.retry import INTERACTIVE, RetryPolicy
from jobs.spec import JobSpec, Pool, WorkerProfile
from services.conversations.job_specs import CONVERSATIONS

#: A pool of its own: a call rings while a thousand messages wait.
CALL_WORKER = WorkerProfile("voice_calls", max_lanes=100, is_live=True)
VOICE_CALLS = Pool("voice_calls", CALL_WORKER, is_about_person=True)
#: A call does not ring for long, so an attempt that fails is repeated soon or not at all.
BRIEF = RetryPolicy(tries=3, first=timedelta(seconds=0.5), longest=timedelta(seconds=2))


class _Body(BaseModel):
    model_config = ConfigDict(frozen=True)


class ConnectJob(_Body):
    """A person calls: `connect` with an SDP offer."""

    call: str
    #: Seconds since 1970; None if the webhook does not say.
    at: float | None = None
    sdp: str = Field("", repr=False)
    #: Payload of the button or of the link by which the person called.
    payload: str | None = None


class TerminateJob(_Body):
    """A call is over, for whatever reason."""

    call: str
    at: float | None = None
    #: Meta's status: COMPLETED, FAILED, REJECTED.
    status: str = ""
    #: Seconds since 1970; None if nobody picked up.
    started_at: float | None = None
    ended_at: float | None = None
    duration: int | None = None
    error: int | None = None
    is_outgoing: bool = False


class AnsweredJob(_Body):
    """Meta answers a call of ours with SDP; the person is called now."""

    call: str
    sdp: str = Field("", repr=False)


class StatusJob(_Body):
    """How far a call of ours is at the person: RINGING, ACCEPTED or REJECTED."""

    call: str
    status: str


class EndedJob(_Body):
    """A call is over: the conversation of the person takes note."""

    call: str
    end: End
    #: When they called, in seconds since 1970: it opens the window for messages.
    at: float
    #: Length of the talk, in seconds; 0 if nobody answered.
    seconds: int = 0
    #: Ids of the choices that were made by digits.
    chosen: tuple[str, ...] = ()
    #: Whether we called.
    is_outgoing: bool = False
    #: Meta's code of what went wrong.
    error: int | None = None


class ChoiceJob(_Body):
    """A digit was pressed: the step of the menu is done in the chat, as if it was tapped."""

    call: str
    #: Id of the choice, such as "main_menu.register"; None asks for a person.
    choice: str | None
    at: float


class VoicemailJob(_Body):
    """A caller left a message: the conversation of the person has it."""

    call: str
    #: Id of the kept file.
    file: str
    #: Its words; empty where no model wrote them down.
    text: str = Field("", repr=False)
    at: float


CONNECT = JobSpec("voice_connect", ConnectJob, pool=VOICE_CALLS, retry=BRIEF)
TERMINATE = JobSpec("voice_terminate", TerminateJob, pool=VOICE_CALLS, retry=INTERACTIVE)
ANSWERED = JobSpec("voice_answered", AnsweredJob, pool=VOICE_CALLS, retry=BRIEF)
STATUS = JobSpec("voice_status", StatusJob, pool=VOICE_CALLS, retry=INTERACTIVE)
ENDED = JobSpec("voice_ended", EndedJob, pool=CONVERSATIONS, retry=INTERACTIVE)
CHOICE = JobSpec("voice_choice", ChoiceJob, pool=CONVERSATIONS, retry=INTERACTIVE)
VOICEMAIL = JobSpec("voicemail", VoicemailJob, pool=CONVERSATIONS, retry=INTERACTIVE)
