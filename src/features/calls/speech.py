"""What callers hear: sentences in their language, and the home menu with a digit for each step."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from features.calls.protocol import Line
from flow_engine import Question
from services.conversations.context import ConversationContext
from services.conversations.replies import Replies
from services.conversations.turn import ConversationTurn

#: Most steps of a menu that have a digit.
MAX_CHOICES = 9
#: Kinds of signs that nobody says: pictures, and what shapes them.
UNSPOKEN = frozenset({"So", "Sk", "Cf", "Mn", "Me"})


@dataclass(frozen=True, slots=True)
class MenuChoice:
    """A step of the menu."""

    #: Such as "main_menu.register".
    id: str
    #: As it is said.
    title: str


@dataclass(frozen=True, slots=True)
class Speech:
    """The sentences of one call."""

    context: ConversationContext
    language: str
    first_name: str
    choices: Sequence[MenuChoice]
    can_hand_off: bool

    def line(self, key: str, params: Mapping[str, str] | None = None) -> Line:
        """Return a text of the catalogue, as it is spoken."""
        known = {"first_name": self.first_name, **(params or {})}
        text = self.context.texts.say(self.language, f"calls.{key}", known)
        return Line(
            text=spoken(text), language=self.language, key=None if params else f"calls.{key}"
        )

    def menu(self) -> tuple[Line, ...]:
        """Return the steps with their digits, and what the other keys do."""
        steps = [
            self.line("menu_choice", {"digit": str(digit), "title": one.title})
            for digit, one in enumerate(self.choices, start=1)
        ]
        human = [self.line("menu_human")] if self.can_hand_off else []
        return (*steps, *human, self.line("menu_keys"))

    def choice(self, digit: str) -> MenuChoice | None:
        """Return the step of a digit; None if it has none."""
        place = int(digit) if digit.isdecimal() and digit.isascii() else 0
        return self.choices[place - 1] if 1 <= place <= len(self.choices) else None


def speech_for(context: ConversationContext, turn: ConversationTurn) -> Speech:
    """Return the sentences for a person, with the menu that they would see in the chat."""
    replies = Replies(context)
    menu = replies.home(turn)
    names = replies.choices(menu)[:MAX_CHOICES]
    shown = replies.renderer(turn).prompt(Question(menu.name, names)).options
    choices = [MenuChoice(f"{menu.name}.{one.id}", spoken(one.title)) for one in shown]
    name = turn.user.first_name
    return Speech(context, turn.language, name, choices, context.can_hand_off)


def spoken(text: str) -> str:
    """Return a text without the signs that are only for the eye."""
    plain = re.sub(r"[*_~`]", "", text)
    kept = (one for one in plain if unicodedata.category(one) not in UNSPOKEN)
    return " ".join("".join(kept).split())
