"""Jobs of the assistant in calls: tools that act in the chat, and what follows a call."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from features.assistant.job_specs import ONCE_MORE, QUESTIONS
from jobs.retry import INTERACTIVE
from jobs.spec import JobSpec
from services.conversations.job_specs import CONVERSATIONS


class _Body(BaseModel):
    model_config = ConfigDict(frozen=True)


class ActJob(_Body):
    """The model used a tool during a call: it acts in the chat."""

    call: str
    tool: str
    arguments: dict[str, Any] = {}
    #: What the caller had said.
    asked: str = Field("", repr=False)
    #: When they called, in seconds since 1970: it opens the window for messages.
    at: float


class EndedTalkJob(_Body):
    """A call is over: what was said becomes part of the chat, and is summarized."""

    call: str
    seconds: int
    end: str


ACT = JobSpec("voice_act", ActJob, pool=CONVERSATIONS, retry=INTERACTIVE)
SUMMARIZE = JobSpec("voice_summarize", EndedTalkJob, pool=QUESTIONS, retry=ONCE_MORE)
REMEMBER = JobSpec("voice_remember", EndedTalkJob, pool=CONVERSATIONS, retry=INTERACTIVE)
