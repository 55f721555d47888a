"""Jobs of calls to people. They are in the lane of the person's calls."""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from features.calls.job_specs import VOICE_CALLS
from jobs.retry import INTERACTIVE
from jobs.spec import EmptyBody, JobSpec


class CallJob(BaseModel):
    """Call a person, or ask first whether they may be called."""

    model_config = ConfigDict(frozen=True)

    #: Id of the wish to call; the first attempt brings it, and what is to be said.
    wish: str
    key: str
    params: Mapping[str, Any] = {}


class PermissionJob(BaseModel):
    """What a person said to a request, or chose in the profile of the business."""

    model_config = ConfigDict(frozen=True)

    response: Literal["accept", "reject"]
    is_permanent: bool = False
    #: End of a temporary permission, in seconds since 1970; None if Meta does not say.
    until: float | None = None
    #: Whether WhatsApp answered by itself: after a call of theirs, or after requests in vain.
    is_automatic: bool = False


CALL = JobSpec("call_person", CallJob, pool=VOICE_CALLS, retry=INTERACTIVE)
REPEAT = JobSpec("call_again", EmptyBody, pool=VOICE_CALLS, retry=INTERACTIVE)
PERMISSION = JobSpec("call_permission", PermissionJob, pool=VOICE_CALLS, retry=INTERACTIVE)
