"""Kept forms: nobody is held in a form; what was answered waits, and people are led back."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from features.kept_forms.drafts import BACK, BACK_TO_FORM, Drafts
from features.kept_forms.leaving import Leaving
from features.kept_forms.option_questions import asked_options, options_told
from features.taps.reopening import reopened
from flow_engine import (
    Effect,
    Flow,
    FlowState,
    Menu,
    Question,
    ShowMenu,
    StartFlow,
    TalkToHuman,
    WayOut,
)
from services.conversations.decisions import NOTHING, Decisions, sending
from services.conversations.effect_executor import EffectExecutor, have_follow_up
from services.conversations.exits import CANCEL
from services.conversations.extensions import Reset
from services.conversations.form_answers import FormAnswers
from services.conversations.forms import Forms
from services.conversations.interruptions import INTERRUPTED, Interruption, Interruptions
from services.conversations.open_form import leave_form
from services.conversations.reasons import reason_of
from services.conversations.replies import Replies
from services.conversations.stage import PassOn, Stage, StageResult
from services.conversations.triggers import Triggers
from services.conversations.turn import ConversationTurn
from services.conversations.wishes import Wishes
from services.feature import Feature
from texts.required import ALWAYS_GIVEN, RequiredTexts, said_with_first_name

SAID = said_with_first_name(
    *(
        f"kept_forms.{one}"
        for one in ("back", "kept", "later", "run_out", "stopped", "told_again", "whenever")
    )
)
#: Before what its stages in forms stand: what people wish for is no question that others answer.
IN_FORM = ("side_question_in_form", "open_form")


class KeptForms(Feature):
    """People may leave a form for the menu, and come back to it."""

    name = "kept_forms"
    summary = "a form that is left for the menu, or for a person, waits, and is offered again"
    page = "docs/flows.md"
    needs = ("taps",)
    required_texts = RequiredTexts(
        keys=SAID | {"kept_forms.choices": (*ALWAYS_GIVEN, "choices")},
        titles=("kept_forms.back",),
        words=(
            *("accepting", "later", "later_phrases", "leaving", "storing", "storing_after_all"),
            *("stuck", "to_form", "which"),
        ),
    )

    def stages(self) -> Iterable[Stage]:
        return (
            Stage("kept_form", self._kept_form, before=("is_registered",)),
            Stage("options_asked_in_form", self._options_asked, before=IN_FORM),
            Stage("later_in_form", self._later, before=IN_FORM),
            Stage("stopped_in_form", self._stopped, before=IN_FORM),
            Stage("stuck_in_form", self._stuck, before=IN_FORM),
            Stage("elsewhere_in_form", self._elsewhere, before=IN_FORM),
        )

    def reset(self, turn: ConversationTurn, reason: Reset) -> Decisions:
        drafts = Drafts(self.parts.context)
        if reason is Reset.OPTED_OUT:  # they may come back
            return drafts.keep(turn)
        if reason is Reset.TIMED_OUT:
            return drafts.run_out(turn)
        return NOTHING if reason is Reset.HANDED_OFF else drafts.forget(turn)

    async def _kept_form(self, turn: ConversationTurn) -> StageResult:
        """A form that was left for the menu, or for an operator, goes on or is offered again."""
        drafts = Drafts(self.parts.context)
        decided = await drafts.decide(turn) or await Leaving(self.parts.context).taken_back(turn)
        is_elsewhere = turn.message.choice is not None and turn.state.flow is None
        if decided is not None or not is_elsewhere or not drafts.was_just_kept(turn):
            return decided
        effects = self._tapped_effects(turn)
        if not effects or effects[-1] != ShowMenu() or have_follow_up(effects[:-1]):
            return None
        done = await EffectExecutor(self.parts.context).execute(turn, effects[:-1])
        led_back = await drafts.go_on(turn.after(done))
        return done + led_back if led_back is not None else None

    def _tapped_effects(self, turn: ConversationTurn) -> Sequence[Effect]:
        """Return what a tapped choice of a menu does; nothing for any other message."""
        name, _, option = (turn.message.choice or "").partition(".")
        menu = self.parts.context.flows.find_menu(name)
        is_shown = menu is not None and option in Replies(self.parts.context).choices(menu)
        return menu.choices[option] if menu is not None and is_shown else ()

    async def _options_asked(self, turn: ConversationTurn) -> StageResult:
        """A person in a form asks what may be chosen: the options are told, and they go on."""
        context, flow, state = self.parts.context, *self._open(turn)
        if flow is None or state is None or turn.message.choice is not None:
            return None
        step = asked_options(context.texts, flow, state, turn.text)
        if step is None or state.awaiting_call:
            return None
        asked = flow.question(state)
        again = replace(asked, way_out=WayOut.HINT) if asked.reviewed else asked
        told = options_told(context.texts, turn.language, flow, step)
        return Replies(context).ask(turn, again, before=told)

    async def _later(self, turn: ConversationTurn) -> StageResult:
        """A person wants to go on with a form later: their answers wait, and they are told how."""
        return Leaving(self.parts.context).later(turn)

    async def _stopped(self, turn: ConversationTurn) -> StageResult:
        """A person in a form no longer wants to, or wants nothing stored: their answers wait."""
        return Leaving(self.parts.context).stopped(turn)

    async def _stuck(self, turn: ConversationTurn) -> StageResult:
        """A person who does not know what to do in a form gets help with its question."""
        context, flow, state = self.parts.context, *self._open(turn)
        if flow is None or state is None or turn.message.choice is not None:
            return None
        is_word = context.texts.is_word
        is_back = not flow.question(state).options and is_word("to_form", turn.text)
        if is_back and not state.awaiting_call:  # "I want to go on with the form"
            return Replies(context).repeat_question(turn)
        if state.awaiting_call or not is_word("stuck", turn.text):
            return None
        asked = replace(flow.question(state), way_out=WayOut.BUTTONS)
        return Replies(context).ask(turn, asked, before=reason_of(context, turn) or "")

    async def _elsewhere(self, turn: ConversationTurn) -> StageResult:
        """A person in a form asks for something else: they get it, and their answers wait."""
        context, flow, state = self.parts.context, *self._open(turn)
        if flow is None or state is None:
            return None
        if turn.message.choice is not None:
            return await self._tapped(turn, flow, state)
        asked = self._asked_for(turn, flow, flow.question(state))
        if asked is None:
            return None
        if flow.interrupts:
            is_menu = isinstance(asked, Menu)
            return await Forms(context).leave_by_exit(turn, CANCEL) if is_menu else None
        kept = Drafts(context).keep(turn)
        if kept is NOTHING:
            return None
        if isinstance(asked, Menu):
            left = kept + leave_form()
            return left + self._show(turn.after(left), asked)
        return await self._start(turn, asked, kept)

    async def _tapped(
        self, turn: ConversationTurn, flow: Flow[Any], state: FlowState
    ) -> StageResult:
        """Have happen what an older button promises, of a menu or of another form."""
        context = self.parts.context
        replies, wishes = Replies(context), Wishes(context)
        other = context.flows.find_flow((turn.message.choice or "").partition(".")[0])
        if flow.interrupts or state.awaiting_call or other is flow:
            return None
        waiting = INTERRUPTED.read(turn.state).form
        if waiting is not None and other is not None and other.name == waiting.flow:
            return PassOn(Interruptions(context).drop(turn))  # whose question is answered
        if wishes.is_for(turn, flow) or wishes.interrupting(turn):
            return None
        effects, kept = self._tapped_effects(turn), Drafts(context).keep(turn)
        match effects:
            case []:
                step = reopened(context, turn)
                is_told = step is not None and step.state is None
                return await self._in_between(turn, step.effects) if step and is_told else None
            case [*_, ShowMenu("home")] if not have_follow_up(effects[:-1]):
                return await self._in_between(turn, effects[:-1])
            case [TalkToHuman()]:  # who keeps the form
                return await EffectExecutor(context).execute(turn, effects)
            case _ if kept is NOTHING:  # nothing was answered yet: the form is left
                return None
            case [StartFlow(name)] if (started := context.flows.find_flow(name)) is not None:
                return await self._start(turn, started, kept)
            case [ShowMenu(name)] if (shown := context.flows.find_menu(name)) is not None:
                left = kept + leave_form()
                return left + self._show(turn.after(left), shown)
            case _:
                return PassOn(kept + leave_form() + replies.say(turn, "kept_forms.kept"))

    async def _in_between(self, turn: ConversationTurn, effects: Iterable[Effect]) -> Decisions:
        """Do what leads nowhere else, and ask the question of the form again."""
        context, replies = self.parts.context, Replies(self.parts.context)
        done = await EffectExecutor(context).execute(turn, effects)
        return done + (replies.repeat_question(turn.after(done)) or NOTHING)

    async def _start(
        self, turn: ConversationTurn, asked: Flow[Any], kept: Decisions
    ) -> StageResult:
        """Start another form; the open one goes on after it, or waits where it ends at once."""
        context, form = self.parts.context, turn.state.flow
        decided = await EffectExecutor(context).execute(turn, [StartFlow(asked.name)])
        begun = turn.after(decided).state.flow
        if begun == form:  # people were told why not
            return decided
        if begun is not None and form is not None and begun.flow == form.flow:
            return Replies(context).say_then_back(turn, "common.register_first")
        if begun is not None:
            return decided + Decisions(state=INTERRUPTED.change(Interruption(form=form)))
        ways = {BACK_TO_FORM: "kept_forms.back"}
        return decided + kept + Replies(context).offer(turn, "kept_forms.kept", ways)

    def _open(self, turn: ConversationTurn) -> tuple[Flow[Any] | None, FlowState | None]:
        return self.parts.context.open_flow(turn), turn.state.flow

    def _asked_for(
        self, turn: ConversationTurn, flow: Flow[Any], question: Question
    ) -> Menu | Flow[Any] | None:
        """Return the menu or the flow that a message asks for, unless it answers the question."""
        context, replies = self.parts.context, Replies(self.parts.context)
        if FormAnswers(context).option(turn, question, turn.text) is not None:
            return None
        if Wishes(context).of(turn, question) is not None:  # "change my name"
            return None
        found = Triggers(context).requested_by(turn.text)
        if found is None:
            return replies.home(turn) if context.texts.is_word("menu", turn.text) else None
        is_other = found is not flow and not (isinstance(found, Flow) and found.interrupts)
        return found if is_other and replies.may(turn, found) else None

    def _show(self, turn: ConversationTurn, menu: Menu) -> Decisions:
        """Show a menu with one choice more, which leads back to the form."""
        replies = Replies(self.parts.context)
        renderer, question = replies.renderer(turn), Question(menu.name, replies.choices(menu))
        said = renderer.line("kept_forms.kept")
        ways = [(BACK, "kept_forms.back")]
        shown = renderer.question(question, before=said, exits=ways)
        return Decisions(state={"menu": menu.name}) + sending(shown)


FEATURE = KeptForms
