"""Why a person is neither called nor asked, as operators read it, and what helps."""

from features.outgoing_calls.permission import MAX_UNANSWERED

OFF = "calls are off"
NOT_SERVED = "the bot does not serve this person"
NO_LINE = "all lines are busy, or the person is in a call"
ASKED_ALREADY = (
    "the person has not allowed calls, and may be asked once a day and twice a week; a button with "
    "which they call needs no permission"
)
NO_TEMPLATE = (
    "the person has not allowed calls, and last wrote more than 24 hours ago: "
    "CALL_PERMISSION_TEMPLATE names no template that asks"
)
NOT_NOW = (
    "Meta does not answer, or more calls are going on than this machine can carry: try again in a "
    "few minutes"
)
IN_VAIN = (
    f"the last {MAX_UNANSWERED} calls were not answered, and Meta takes the permission away after "
    "four; a button with which they call needs no permission"
)
