"""What an edited message leads to: WhatsApp lets people edit what they wrote, for 15 minutes."""

from dataclasses import dataclass, replace

from services.conversations.answered import ANSWERED
from services.conversations.context import ConversationContext
from services.conversations.decisions import NOTHING, Decisions
from services.conversations.exits import EDIT_PROFILE, TAP, Exits
from services.conversations.forms import Forms
from services.conversations.misses import misses_of
from services.conversations.replies import Replies
from services.conversations.stage import PassOn, StageResult
from services.conversations.turn import ConversationTurn

#: Forms whose answers are in the profile once they are finished.
PROFILE_FORMS = ("registration", EDIT_PROFILE)


@dataclass(frozen=True, slots=True)
class Edits:
    """Decides about messages that were edited."""

    context: ConversationContext

    async def decide(self, turn: ConversationTurn) -> StageResult:
        """Correct an answer, hear a message that was not understood anew, or stay quiet."""
        message_id = turn.message.edits or ""
        answered, state = ANSWERED.read(turn.state), turn.state.flow
        step = answered.step_of(message_id)
        if step is not None and state is not None and state.flow == answered.flow:
            return await Forms(self.context).correct(turn, step)
        if step is not None:
            return self._too_late(turn, answered.flow)
        if misses_of(turn).message_id == message_id:
            return PassOn(message=replace(turn.message, kind="text", edits=None))
        return NOTHING

    def _too_late(self, turn: ConversationTurn, flow: str) -> Decisions:
        """Answer the edit of an answer whose form is no longer open."""
        replies = Replies(self.context)
        can_edit = Exits(self.context).effects_of(EDIT_PROFILE) is not None
        if flow in PROFILE_FORMS and turn.user.is_registered and can_edit:
            button = f"{TAP}.{EDIT_PROFILE}"
            return replies.offer(turn, "common.edited_data", {button: button})
        return replies.say(turn, "common.edited_too_late")
