"""The states of a call, and the reasons for its end."""

from enum import StrEnum


class CallState(StrEnum):
    """How far a call is. It never goes back, and `ENDED` is final."""

    #: The offer is there, and nothing was decided yet; or Meta was asked to call a person.
    RINGING = "ringing"
    #: The engine makes an answer.
    PREPARING = "preparing"
    PRE_ACCEPTED = "pre_accepted"
    #: ICE and DTLS are up; Meta is asked to accept.
    CONNECTED = "connected"
    TALKING = "talking"
    ENDED = "ended"

    def may_become(self, later: "CallState") -> bool:
        """Return whether a call may go from this state to another one."""
        order = list(CallState)
        return self is not CallState.ENDED and order.index(later) > order.index(self)


class End(StrEnum):
    """Why a call is over."""

    COMPLETED = "completed"
    #: It rang, and nobody answered in time.
    MISSED = "missed"
    #: Calls are off, or the extra is not installed.
    OFF = "off"
    #: The person is not on the allowlist, is blocked, or opted out.
    NOT_ALLOWED = "not_allowed"
    #: The person has another call, all lines are taken, or they called too often.
    BUSY = "busy"
    CLOSED = "closed"
    #: Somebody of the team answers in the chat.
    HELD = "held"
    #: No audio came about, or none arrived.
    NO_MEDIA = "no_media"
    #: Packets stopped in the middle of a call.
    LOST = "lost"
    TOO_LONG = "too_long"
    #: Meta, or the engine, refused something.
    FAILED = "failed"
    #: The bot stopped while the call went on.
    DRAINED = "drained"
    #: The process that had the call is gone.
    ORPHANED = "orphaned"
    #: We called, and the person did not answer in time, or said no.
    NO_ANSWER = "no_answer"
    DECLINED = "declined"
    #: The caller left a message for the team.
    MESSAGE_LEFT = "message_left"
