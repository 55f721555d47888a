"""The stages that look at who speaks, and at what kind of message it is, before its words count."""

from domain.conversation_status import ConversationStatus
from services.conversations.context import ConversationContext
from services.conversations.decisions import NOTHING
from services.conversations.holders import asks_for_bot
from services.conversations.late_messages import age_of, apologize_for_delay, is_outside_window
from services.conversations.message_types import MessagePolicy, policy_for
from services.conversations.opt_out import OptOut
from services.conversations.profile import return_to_bot
from services.conversations.replies import Replies
from services.conversations.shared_content import as_answer, take_shared, thank_for_flow_reply
from services.conversations.stage import PassOn, StageResult
from services.conversations.turn import ConversationTurn


class ArrivalStages:
    """Stages of `CoreStages`, which has them in their order."""

    def __init__(self, context: ConversationContext) -> None:
        self.context = context
        self._replies = Replies(context)
        self._opt_out = OptOut(context)

    async def handed_back(self, turn: ConversationTurn) -> StageResult:
        """Meta delivers the message to us: its agent no longer holds the conversation."""
        was_theirs = turn.user.status == ConversationStatus.META_AGENT
        is_new = not turn.message.joined
        return PassOn(return_to_bot(turn)) if was_theirs and is_new else None

    async def ignored_type(self, turn: ConversationTurn) -> StageResult:
        """Reactions, edits and system messages need no answer."""
        return NOTHING if policy_for(turn.message) is MessagePolicy.IGNORE else None

    async def opt_out_keyword(self, turn: ConversationTurn) -> StageResult:
        """STOP, START and the like count whatever else is going on."""
        return self._opt_out.keyword(turn)

    async def opt_in_unclear(self, turn: ConversationTurn) -> StageResult:
        """A person who opted out may want to come back: they are asked once."""
        is_asked = turn.is_opted_out and not turn.is_bot_paused
        return self._opt_out.unclear_return(turn) if is_asked else None

    async def opt_out_unclear(self, turn: ConversationTurn) -> StageResult:
        """A message that may mean opt-out, such as "stop it", is asked about once."""
        return self._opt_out.unclear(turn)

    async def blocked(self, turn: ConversationTurn) -> StageResult:
        """A blocked person gets no answer."""
        return NOTHING if turn.is_blocked else None

    async def opted_out(self, turn: ConversationTurn) -> StageResult:
        """A person who opted out is told how to come back."""
        if not turn.is_opted_out:
            return None
        return NOTHING if turn.is_bot_paused else self._opt_out.hint(turn)

    async def back_to_bot(self, turn: ConversationTurn) -> StageResult:
        """A person may ask for the bot while an operator, or the owner, answers."""
        if not turn.is_bot_paused or not asks_for_bot(self.context, turn):
            return None
        returned = return_to_bot(turn)
        turn = turn.after(returned)
        return returned + (self._replies.repeat_question(turn) or self._replies.show_menu(turn))

    async def bot_paused(self, turn: ConversationTurn) -> StageResult:
        """Somebody else holds the conversation, so the bot is silent."""
        return NOTHING if turn.is_bot_paused else None

    async def return_to_bot(self, turn: ConversationTurn) -> StageResult:
        """Nobody else wrote for long: the bot answers again, and goes on."""
        is_over = turn.is_held and turn.user.bot_paused_until is not None
        return PassOn(return_to_bot(turn)) if is_over else None

    async def outside_window(self, turn: ConversationTurn) -> StageResult:
        """A message that is more than a day late gets an apology, if the window is open again."""
        return apologize_for_delay(turn, self._replies) if is_outside_window(turn) else None

    async def shared_in_form(self, turn: ConversationTurn) -> StageResult:
        """A place or a contact answers the question of the open form, as a text."""
        return as_answer(turn.message) if turn.state.flow is not None else None

    async def flow_reply(self, turn: ConversationTurn) -> StageResult:
        """What was filled in in a Flow of WhatsApp is thanked for; `MessageRecords` keeps it."""
        return thank_for_flow_reply(turn, self._replies)

    async def call_permission(self, turn: ConversationTurn) -> StageResult:
        """Operators see whether the person may be called; nothing is said."""
        content = turn.message.content
        return NOTHING if isinstance(content, dict) and "call_permission_reply" in content else None

    async def shared_content(self, turn: ConversationTurn) -> StageResult:
        """A place, a contact or an order is thanked for, where operators see it."""
        return take_shared(turn, self.context, self._replies)

    async def unsupported_type(self, turn: ConversationTurn) -> StageResult:
        """A type that the bot cannot read is answered with what it understands."""
        if policy_for(turn.message) is not MessagePolicy.EXPLAIN:
            return None
        key = self.context.texts.explanation_of(turn.message.kind)
        return self._replies.say_then_go_on(turn, key)

    async def late_message(self, turn: ConversationTurn) -> StageResult:
        """A message that is hours late gets an apology, not an answer as if it were new."""
        if age_of(turn) <= self.context.answer_within:
            return None
        return apologize_for_delay(turn, self._replies)
