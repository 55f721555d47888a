"""Who hears a message first: the stages of the core, in order. The first match wins.

Features put their own stages between these (`Stage(before=...)`); `watch.py flows` draws the table.
"""

from typing import Any

from domain.inbound import Inbound
from flow_engine import Flow, Menu, ShowMenu, StartFlow
from services.conversations.arrival_stages import ArrivalStages
from services.conversations.bursts import PAUSE, Bursts
from services.conversations.context import ConversationContext
from services.conversations.decisions import NOTHING, Decisions, sending
from services.conversations.edits import Edits
from services.conversations.effect_executor import EffectExecutor
from services.conversations.exits import MENU, TAP, Exits
from services.conversations.first_contact import introduction, note_introduced
from services.conversations.forms import Forms
from services.conversations.machines import Machines
from services.conversations.message_renderer import free_text
from services.conversations.misses import misses_of, note_miss
from services.conversations.opt_out import STOP_MESSAGES, TEMPLATE_BUTTON, OptOut
from services.conversations.profile import speak
from services.conversations.replies import Replies
from services.conversations.stage import PassOn, Stage, StageResult
from services.conversations.turn import ConversationTurn
from services.conversations.typed_choices import TypedChoices

#: Groups of words that show the menu.
MENU_WORDS = ("menu", "opt_in", "opt_in_unclear")
#: Name of the stage that is silent to machines.
MACHINE = "answering_machine"
#: Name of the stage that obeys STOP.
OPT_OUT = "opt_out_keyword"


class CoreStages:
    """The stages that every bot needs."""

    def __init__(self, context: ConversationContext) -> None:
        self.context = context
        self._replies = Replies(context)
        self._executor = EffectExecutor(context)
        self._forms = Forms(context)
        self._exits = Exits(context)
        self._edits = Edits(context)
        self._bursts = Bursts(context)
        self._machines = Machines(context)
        self._opt_out = OptOut(context)

    def table(self) -> tuple[Stage, ...]:
        """Return the stages in their order."""
        arrival = ArrivalStages(self.context)
        return (
            Stage("standby", arrival.standby),
            Stage("handed_back", arrival.handed_back),
            Stage("ignored_type", arrival.ignored_type),
            Stage(OPT_OUT, arrival.opt_out_keyword),
            Stage(MACHINE, self.answering_machine),
            Stage("blocked", arrival.blocked),
            Stage("opt_in_unclear", arrival.opt_in_unclear),
            Stage("opted_out", arrival.opted_out),
            Stage("bot_paused", arrival.bot_paused),
            Stage("return_to_bot", arrival.return_to_bot),
            Stage("opt_out_unclear", arrival.opt_out_unclear),
            Stage("outside_window", arrival.outside_window),
            Stage("who_answers", self.who_answers),
            Stage("resume_form", self.resume_form),
            Stage("awaited_file", self.awaited_file),
            Stage("edited_message", self.edited_message),
            Stage("exit_tap", self.exit_tap),
            Stage("changed_form", self.changed_form),
            Stage("shared_in_form", arrival.shared_in_form),
            Stage("flow_reply", arrival.flow_reply),
            Stage("call_permission", arrival.call_permission),
            Stage("shared_content", arrival.shared_content),
            Stage(PAUSE, self.short_pause),
            Stage("unsupported_type", arrival.unsupported_type),
            Stage("open_form", self.open_form),
            Stage("late_message", arrival.late_message),
            Stage("menu_tap", self.menu_tap),
            Stage("language_named", self.language_named),
            Stage("language_written", self.language_written),
            Stage("greeting", self.greeting),
            Stage("trigger", self.trigger),
            Stage("typed_choice", self.typed_choice),
            Stage("small_talk", self.small_talk),
            Stage("nothing_to_cancel", self.nothing_to_cancel),
            Stage("own_words", self.own_words),
            Stage("fallback", self.fallback),
        )

    async def nothing_to_cancel(self, turn: ConversationTurn) -> StageResult:
        """Where nothing is open, CANCEL may mean opt-out: it is asked about once."""
        is_cancel = self.context.texts.is_word("cancel_outside", turn.text)
        return self._opt_out.ask(turn, STOP_MESSAGES) if is_cancel else None

    async def answering_machine(self, turn: ConversationTurn) -> StageResult:
        """A machine that always sends the same text gets no reply until it sends another one."""
        return self._machines.silence(turn)

    async def resume_form(self, turn: ConversationTurn) -> StageResult:
        """The open form is brought up to date with the newest version of its flow."""
        return PassOn(await self._forms.resume(turn)) if turn.state.flow is not None else None

    async def awaited_file(self, turn: ConversationTurn) -> StageResult:
        """A file, a place or a contact answers the question of the open form."""
        return await self._forms.take(turn) if not self._is_other_question(turn) else None

    async def edited_message(self, turn: ConversationTurn) -> StageResult:
        """An edited message corrects its answer; any other edit needs no reply."""
        return await self._edits.decide(turn) if turn.message.edits is not None else None

    async def exit_tap(self, turn: ConversationTurn) -> StageResult:
        """A tap on a button for people who are stuck: back, cancel, menu, or of a feature."""
        name = self._exits.tapped(turn)
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
        return NOTHING if is_changed and not self._forms.cancels(turn) else None

    async def short_pause(self, turn: ConversationTurn) -> StageResult:
        """Free text and files wait a moment for more: those of one thought get one answer."""
        return self._bursts.wait(turn)

    async def who_answers(self, turn: ConversationTurn) -> StageResult:
        """A person who asks whether this is a bot gets an honest answer, also in a form."""
        if turn.message.choice or not self.context.texts.is_word("who_answers", turn.text):
            return None
        answer = sending(free_text(introduction(self.context, turn.language)))
        told = answer + note_introduced(turn)
        return told + (self._replies.repeat_question(turn) or NOTHING)

    async def open_form(self, turn: ConversationTurn) -> StageResult:
        """The message answers the question of the open form."""
        flow = self._forms.current(turn)
        return await self._forms.answer(turn, flow) if flow is not None else None

    async def menu_tap(self, turn: ConversationTurn) -> StageResult:
        """A tap on a menu, however old: menus mean the same for ever, questions do not."""
        if turn.message.choice is None or not self._is_own(turn.message):
            return None
        name, _, option = turn.message.choice.partition(".")
        menu = self.context.flows.find_menu(name)
        if menu is None or option not in self._replies.choices(menu):
            return self._replies.old_menu(turn)
        return await self._executor.execute(turn, menu.choices[option])

    async def language_named(self, turn: ConversationTurn) -> StageResult:
        """The name of a language switches to it: "español", "English please"."""
        language = self.context.texts.vocabulary.language_named(turn.text)
        if language is None:
            return None
        decided = speak(turn, language)
        turn = turn.after(decided)
        return decided + self._replies.say_then_back(turn, "common.language_changed")

    async def language_written(self, turn: ConversationTurn) -> StageResult:
        """A word of another language is answered in it, unless the person has chosen one."""
        language = self.context.texts.vocabulary.language_of(turn.text)
        if language in (None, turn.language) or turn.user.language is not None:
            return None
        return PassOn(speak(turn, language))

    async def greeting(self, turn: ConversationTurn) -> StageResult:
        """A greeting, the word menu, or START from people who get messages shows the menu."""
        texts, text = self.context.texts, turn.text
        is_greeting = texts.vocabulary.is_greeting(text) and self._forms.triggered_by(text) is None
        is_command = any(texts.is_word(group, text) for group in MENU_WORDS)
        if not is_greeting and not is_command:
            return None
        return self._replies.show_menu(turn)

    async def trigger(self, turn: ConversationTurn) -> StageResult:
        """A whole message that starts a flow or shows a menu."""
        found = self._forms.triggered_by(turn.text)
        return await self._start(turn, found)

    async def own_words(self, turn: ConversationTurn) -> StageResult:
        """A sentence that asks for a flow or a menu, or a word for it with a typo."""
        return await self._start(turn, self._forms.asked_for(turn.text))

    async def _start(self, turn: ConversationTurn, found: Flow[Any] | Menu | None) -> StageResult:
        if found is None or not self._replies.may(turn, found):
            return None
        start = ShowMenu(found.name) if isinstance(found, Menu) else StartFlow(found.name)
        return await self._executor.execute(turn, [start])

    async def typed_choice(self, turn: ConversationTurn) -> StageResult:
        """A choice that was typed: of the menu shown last, the home menu, or one with a trigger."""
        choices = TypedChoices(self.context)
        found = choices.of_shown_menus(turn) or choices.of_any_menu(turn)
        if found is None:
            return None
        menu, option = found
        return await self._executor.execute(turn, menu.choices[option])

    async def small_talk(self, turn: ConversationTurn) -> StageResult:
        """Thanks, goodbye and the like get a word, not a menu."""
        kind = self.context.texts.vocabulary.small_talk(turn.text)
        return self._replies.say(turn, f"small_talk.{kind}") if kind is not None else None

    async def fallback(self, turn: ConversationTurn) -> StageResult:
        """Nobody understood the message: say so, and show what the bot can do."""
        missed = note_miss(turn)
        decided = Decisions(state={"menu": None}) + missed
        exits = {f"{TAP}.{name}": title for name, title in self._exits.of_features()}
        if exits and misses_of(turn.after(missed)).is_stuck:
            exits[f"{TAP}.{MENU}"] = f"{TAP}.{MENU}"
            return decided + self._replies.offer(turn, "common.fallback_again", exits)
        is_question = self.context.texts.vocabulary.asks(turn.text)
        if turn.user.is_stranger and not is_question:  # "I saw your ad" opens a conversation
            return decided + self._replies.show_menu(turn)
        return decided + self._replies.say_then_back(turn, "common.fallback")

    def _is_other_question(self, turn: ConversationTurn) -> bool:
        """Whether a newer version of the flow has just asked another question."""
        before, now = turn.began_with.flow, turn.state.flow
        return before is not None and now is not None and before.step != now.step

    def _is_own(self, message: Inbound) -> bool:
        """A template's button carries its author's words: those that lead nowhere were typed."""
        name, _, option = (message.choice or "").partition(".")
        menu = self.context.flows.find_menu(name)
        is_choice = menu is not None and option in menu.choices
        return message.kind != TEMPLATE_BUTTON or is_choice
