"""The stages of people who are in a form."""

from services.conversations.context import ConversationContext
from services.conversations.decisions import NOTHING
from services.conversations.edits import Edits
from services.conversations.effect_executor import EffectExecutor
from services.conversations.exits import MENU, Exits
from services.conversations.form_events import FormEvents
from services.conversations.forms import Forms
from services.conversations.open_form import leave_form
from services.conversations.replies import Replies
from services.conversations.stage import PassOn, StageResult
from services.conversations.turn import ConversationTurn
from services.conversations.wishes import Wishes


class FormStages:
    """Stages of `CoreStages`, which has them in their order."""

    def __init__(self, context: ConversationContext) -> None:
        self.context = context
        self._replies = Replies(context)
        self._executor = EffectExecutor(context)
        self._forms = Forms(context)
        self._events = FormEvents(context)
        self._wishes = Wishes(context)
        self._exits = Exits(context)
        self._edits = Edits(context)

    async def resume_form(self, turn: ConversationTurn) -> StageResult:
        """The open form is brought up to date with the newest version of its flow."""
        return PassOn(await self._events.resume(turn)) if turn.state.flow is not None else None

    async def awaited_file(self, turn: ConversationTurn) -> StageResult:
        """A file, a place or a contact answers the question of the open form."""
        if turn.state.flow is None or self._is_other_question(turn):
            return None
        return await self._events.take(turn)

    async def edited_message(self, turn: ConversationTurn) -> StageResult:
        """An edited message corrects its answer; any other edit needs no reply."""
        return await self._edits.decide(turn) if turn.message.edits is not None else None

    async def exit_tap(self, turn: ConversationTurn) -> StageResult:
        """A tap on a button for people who are stuck: back, cancel, menu, or of a feature."""
        name = self._exits.tapped(turn) if turn.message.choice else None
        if name is None:
            return None
        if (effects := self._exits.effects_of(name)) is not None:
            return await self._executor.execute(turn, effects)
        if turn.state.flow is not None:
            return await self._forms.leave_by_exit(turn, name)
        is_menu = name == MENU
        return self._replies.show_menu(turn) if is_menu else self._replies.old_menu(turn)

    async def changed_form(self, turn: ConversationTurn) -> StageResult:
        """The message answered a question that the form no longer asks first."""
        is_changed = self._is_other_question(turn)
        return NOTHING if is_changed and not self._wishes.cancels(turn) else None

    async def open_form(self, turn: ConversationTurn) -> StageResult:
        """The message answers the question of the open form."""
        flow = self.context.open_flow(turn)
        if flow is not None and self._wishes.may_leave(turn, flow):
            return PassOn(leave_form())
        return await self._forms.answer(turn, flow) if flow is not None else None

    def _is_other_question(self, turn: ConversationTurn) -> bool:
        """Whether a newer version of the flow has just asked another question."""
        before, now = turn.began_with.flow, turn.state.flow
        return before is not None and now is not None and before.step != now.step
