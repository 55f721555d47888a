"""What the bot says: texts, questions and menus as decisions, in the language of the turn."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from domain.allowlist import role_of
from flow_engine import Flow, Menu, Question, React, RequestLocation, SendTemplate
from flow_engine.advance import resume
from flow_engine.messages import SendEffect
from flow_engine.profile_names import first_name_in
from schemas.cloud_api_schema import ReactionMessage
from services.conversations.context import ConversationContext
from services.conversations.decisions import Decisions, Outgoing, sending
from services.conversations.exits import Exits
from services.conversations.message_renderer import MessageRenderer, free_text
from services.conversations.open_form import leave_form
from services.conversations.turn import ConversationTurn


@dataclass(frozen=True, slots=True)
class Replies:
    """Every method returns decisions, and changes nothing."""

    context: ConversationContext

    def renderer(self, turn: ConversationTurn) -> MessageRenderer:
        """Return a renderer for one turn: language and name may change within it."""
        known = {**self.context.dates(turn), "first_name": turn.user.first_name}
        return MessageRenderer(self.context.texts, turn.language, known)

    def say(
        self, turn: ConversationTurn, key: str, params: Mapping[str, object] | None = None
    ) -> Decisions:
        """Send a text of the catalogue."""
        return sending(self.renderer(turn).text(key, params))

    def ask(self, turn: ConversationTurn, question: Question, before: str = "") -> Decisions:
        """Send a question, with its choices; `before` stands above it, in the same message."""
        exits = Exits(self.context).of_question(turn.state.flow, question)
        return sending(self.renderer(turn).question(question, before=before, exits=exits))

    def offer(
        self,
        turn: ConversationTurn,
        key: str,
        choices: Mapping[str, str],
        params: Mapping[str, str | int] | None = None,
    ) -> Decisions:
        """Send a text with up to three buttons (id -> key of the title) that are in no menu."""
        return sending(self.renderer(turn).buttons(key, choices, params))

    def offer_text(
        self, turn: ConversationTurn, text: str, choices: Mapping[str, str]
    ) -> Decisions:
        """Send a text that is in words already, with buttons as in `offer`."""
        return sending(self.renderer(turn).text_with_buttons(text, choices))

    def say_text(self, text: str) -> Decisions:
        """Send a text that is in words already."""
        return sending(free_text(text))

    def send(self, turn: ConversationTurn, effect: SendEffect) -> Decisions:
        """Send a message of a kind of its own: a file, a link, a template, a reaction, …"""
        renderer = self.renderer(turn)
        match effect:
            case RequestLocation():
                return sending([renderer.location_request(effect)])
            case SendTemplate():
                return sending([renderer.template(effect)])
            case React(emoji):
                wamid = turn.message.message_id
                return sending([ReactionMessage(message_id=wamid, emoji=emoji)] if wamid else [])
            case _:
                return Decisions(messages=(Outgoing(*renderer.described(effect)),))

    def home(self, turn: ConversationTurn) -> Menu:
        """Return the menu that fits this person."""
        return self.context.flows.menu("member_menu" if turn.user.is_registered else "main_menu")

    def may(self, turn: ConversationTurn, one: Flow[Any] | Menu) -> bool:
        """Whether a flow or a menu is for people of this person's role."""
        return not one.roles or role_of(turn.user) in one.roles

    def choices(self, menu: Menu) -> tuple[str, ...]:
        """Return the choices of a menu that lead somewhere: those of absent features do not."""
        can_execute = self.context.extensions.can_execute
        return tuple(
            name for name, effects in menu.choices.items() if all(map(can_execute, effects))
        )

    def show_menu(
        self, turn: ConversationTurn, name: str = "home", said: str | None = None
    ) -> Decisions:
        """Send a menu, or the home menu to whom it is not allowed; `said` replaces its words."""
        menu = self.home(turn) if name == "home" else self.context.flows.menu(name)
        if not self.may(turn, menu):
            refused = self.renderer(turn).line("common.not_allowed")
            said, menu = "\n\n".join(filter(None, (said, refused))), self.home(turn)
        question = Question(menu.name, self.choices(menu))
        ask = said or self._greeting(turn, menu)
        shown = sending(self.renderer(turn).question(question, ask=ask))
        return Decisions(state={"menu": menu.name}) + shown

    def _greeting(self, turn: ConversationTurn, menu: Menu) -> str | None:
        """Return how the home menu greets a stranger whose profile shows a name."""
        name = first_name_in(turn.user.full_name or turn.user.profile_name)
        is_new = turn.user.is_stranger and not turn.user.is_registered
        if not is_new or not name or menu is not self.home(turn):
            return None
        return self.context.texts.say(turn.language, "first_contact.by_name", {"first_name": name})

    def repeat_question(self, turn: ConversationTurn, before: str = "") -> Decisions | None:
        """Ask the question of the open form again, below a text; None if there is no form."""
        flow, stored = self.context.open_flow(turn), turn.state.flow
        if flow is None or stored is None:
            return None
        if stored.awaiting_call:
            return self.say(turn, "common.one_moment")
        state = resume(flow, stored).state  # of another version: what it asks now
        return None if state is None else self.ask(turn, flow.question(state), before)

    def say_with_menu(
        self,
        turn: ConversationTurn,
        key: str,
        params: Mapping[str, object] | None = None,
        name: str = "home",
    ) -> Decisions:
        """Say something and show a menu, in one message; the text alone where no menu is."""
        if name == "home" and not self.context.extensions.has_menus:
            return self.say(turn, key, params)
        return self.show_menu(turn, name, said=self.renderer(turn).line(key, params))

    def say_then_go_on(self, turn: ConversationTurn, key: str) -> Decisions:
        """Say something, and lead back as `say_then_back`; an open chat just goes on."""
        is_in_chat = turn.state.flow is None and self.context.extensions.is_in_chat(turn)
        return self.say(turn, key) if is_in_chat else self.say_then_back(turn, key)

    def say_then_back(self, turn: ConversationTurn, key: str) -> Decisions:
        """Say something with the question of the open form, or the menu, in one message."""
        question = self.repeat_question(turn, self.renderer(turn).line(key))
        return question if question is not None else self.say_with_menu(turn, key)

    def apologize(self, turn: ConversationTurn) -> Decisions:
        """Say that something went wrong, and lead back to the menu, out of the form."""
        left = leave_form()
        turn = turn.after(left)
        return left + self.say_with_menu(turn, "common.broken")

    def old_menu(self, turn: ConversationTurn) -> Decisions:
        """Answer a tap on a menu that is no longer there."""
        has_menus = self.context.extensions.has_menus
        return self.say_with_menu(turn, "common.old_menu" if has_menus else "common.not_available")
