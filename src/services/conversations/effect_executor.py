"""Carries out what flows ask for, into the conversation that collects it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from domain.allowlist import role_of
from features.faq.entry import FaqEntry
from features.handoff.alerts import alert_job
from flow_engine import (
    DeleteProfile,
    Effect,
    Flow,
    LoadOptions,
    Menu,
    OptionsLoaded,
    Question,
    SaveProfile,
    SaveRecord,
    Say,
    SendContact,
    SendDocument,
    SendLocation,
    SetLanguage,
    SetMarketing,
    SetTimer,
    ShowMenu,
    Started,
    StartFlow,
    TalkToAssistant,
    TalkToHuman,
    Turn,
    advance,
)
from schemas.cloud_api_schema import OutgoingMessage
from services.conversations.context import ConversationContext
from services.conversations.message_renderer import MessageRenderer, free_text
from services.conversations.turn import Conversation, Upload
from texts.splitting import split_text

#: Messages that a long text becomes at once.
MOST_PARTS = 2
#: After these, no menu has to follow.
LEADING_ON = (StartFlow, ShowMenu, TalkToAssistant, TalkToHuman)


class EffectExecutor:
    """Says, asks and stores, for one turn of one conversation."""

    def __init__(self, conversation: Conversation, script: ConversationContext) -> None:
        self._conversation = conversation
        self._script = script

    @property
    def home(self) -> Menu:
        """The menu that fits this person."""
        is_member = self._conversation.user.is_registered
        return self._script.flows.menu("member_menu" if is_member else "main_menu")

    def may(self, one: Flow[Any] | Menu) -> bool:
        """Whether a flow or a menu is for people of this person's role."""
        return not one.roles or role_of(self._conversation.user) in one.roles

    def say(self, key: str, params: Mapping[str, str | int] | None = None) -> None:
        self.send(self._presenter().text(key, params))

    def ask(self, question: Question) -> None:
        self.send(self._presenter().question(question))

    def show_menu(self, name: str = "home") -> None:
        menu = self.home if name == "home" else self._script.flows.menu(name)
        if not self.may(menu):
            self.say("common.not_allowed")
            menu = self.home
        self._conversation.set_menu(menu.name)
        self.ask(Question(menu.name, tuple(menu.choices)))

    def repeat_question(self) -> bool:
        """Of the form that the person is in; False if they are in none."""
        state = self._conversation.state.flow
        flow = self._script.flows.find_flow(state.flow) if state else None
        if flow is None or state is None:
            return False
        self.ask(flow.question(state))
        return True

    def send(self, messages: Sequence[OutgoingMessage]) -> None:
        for message in messages:
            self._conversation.send(message)

    def say_long(self, text: str) -> None:
        """As much of a long text as is easily read; the rest on demand."""
        parts = split_text(text)
        shown, rest = parts[:MOST_PARTS], parts[MOST_PARTS:]
        for part in shown:
            self.send(free_text(part))
        self._conversation.change_talk(rest="\n\n".join(rest))
        if rest:
            self.ask(Question("more", ("more",)))

    async def hand_off(self, asked: str = "") -> None:
        """Let one of us answer, if anybody can. `asked` is what the person wrote."""
        if self._script.human_idle is None:
            self.say("common.nobody_here")
            return self.show_menu()
        self._conversation.set_flow(None)
        self._conversation.stop_talk()
        ticket = self._conversation.hand_off(self._script.human_idle, asked=asked)
        if self._script.tells_operators:
            self._conversation.add_job(
                alert_job(self._conversation.user, ticket=ticket, asked=asked)
            )
        self.say("common.handed_over")
        return await self.say_if_away()

    async def answer(self, text: str) -> bool:
        """Answer from what operators wrote, or ask what was meant; False if nothing is near."""
        found = (await self._script.knowledge()).find(text, self._conversation.language)
        if found.answer is not None:
            self._give(found.answer)
        elif found.suggestions:
            questions = {one.id: one.question for one in found.suggestions}
            if self._script.human_idle is not None:
                questions["human"] = self._presenter().line("faq.human")
            self.send(self._presenter().suggestions("faq", questions))
        elif self._script.human_idle is not None:
            self._conversation.note_unanswered(text)
        return found.answer is not None or bool(found.suggestions)

    async def answer_chosen(self, entry_id: str) -> bool:
        """The answer to a question that was tapped; False if it is no longer there."""
        if entry_id == "human":
            await self.hand_off()
            return True
        entry = (await self._script.knowledge()).get(entry_id)
        if entry is not None:
            self._give(entry)
        return entry is not None

    def _give(self, entry: FaqEntry) -> None:
        self.send(free_text(entry.answer))
        if entry.record_id is not None:
            self._conversation.note_answer(entry.record_id)

    async def say_if_away(self) -> None:
        """To who waits for one of us outside our hours."""
        is_open = await self._script.is_open(self._conversation.now)
        if not is_open and self._conversation.should_send_away_notice():
            self.say("common.away")

    async def follow(self, flow: Flow[Any], turn: Turn) -> None:
        """Go where a turn of a flow leads; out of it, that is back to the menu."""
        self._conversation.set_flow(turn.state)
        await self.perform(turn.effects)
        leads_on = any(isinstance(e, LEADING_ON) for e in turn.effects)
        if turn.state is None and not leads_on:
            self.show_menu()

    async def perform(self, effects: Iterable[Effect]) -> None:
        for effect in effects:
            await self._perform(effect)

    async def _perform(self, effect: Effect) -> None:
        match effect:
            case Say(key, params):
                self.say(key, params)
            case Question():
                self.ask(effect)
            case ShowMenu(name):
                self.show_menu(name)
            case StartFlow(name) if not self.may(self._script.flows.flow(name)):
                self.say("common.not_allowed")
                self.show_menu()
            case StartFlow(name):
                flow = self._script.flows.flow(name)
                if flow.needs_profile and not self._conversation.user.is_registered:
                    flow = self._script.flows.flow("registration")
                await self.follow(flow, advance(flow, flow.begin(), Started()))
            case LoadOptions(source, turn):
                await self._load_options(source, turn)
            case SetTimer(timer, turn, after):
                self._set_timer(timer, turn, after)
            case TalkToAssistant():
                self._conversation.change_talk(is_on=True)
                self.say("common.assistant_hello")
            case TalkToHuman(asked):
                await self.hand_off(asked)
            case SendDocument() | SendLocation() | SendContact():
                self._attach(effect)
            case SaveProfile() | DeleteProfile() | SetLanguage() | SetMarketing() | SaveRecord():
                self._store(effect)

    async def _load_options(self, source: str, turn: int) -> None:
        state = self._conversation.state.flow
        if state is not None:
            options = await self._script.option_sources[source]()
            flow = self._script.flows.flow(state.flow)
            await self.follow(flow, advance(flow, state, OptionsLoaded(options, turn)))

    def wait(self, flow: Flow[Any], timer: str, turn: int) -> None:
        """For an answer, once more as long as the flow does."""
        waits = flow.timeout
        after = {"remind": waits.remind_after, "cancel": waits.cancel_after} if waits else {}
        self._set_timer(timer, turn, after.get(timer))

    def _set_timer(self, timer: str, turn: int, after: timedelta | None) -> None:
        waits = {"remind": self._script.remind_after, "cancel": self._script.cancel_after}
        self._conversation.set_timer(timer, after or waits[timer], turn=turn)

    def _attach(self, effect: SendDocument | SendLocation | SendContact) -> None:
        message, file = self._presenter().attachment(effect)
        upload = Upload(file.file, file.mime_type) if file else None
        self._conversation.send(message, upload)

    def _presenter(self) -> MessageRenderer:
        """Made anew each time: language and name may change within a turn."""
        known = self._conversation
        return MessageRenderer(self._script.texts, known.language, known.user.first_name)

    def _store(
        self, effect: SaveProfile | DeleteProfile | SetLanguage | SetMarketing | SaveRecord
    ) -> None:
        match effect:
            case SaveProfile(fields):
                self._conversation.save_profile(fields)
            case DeleteProfile():
                self._conversation.forget_profile()
            case SetLanguage(language):
                self._conversation.change_user(language=language)
                self._conversation.language = language
            case SetMarketing(wanted):
                self._conversation.agree_to_marketing(wanted=wanted)
            case SaveRecord(table, fields):
                self._conversation.save_record(table, fields)
