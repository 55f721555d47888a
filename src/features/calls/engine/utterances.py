"""What is being said in a call: utterances, and how much of each was heard."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from features.calls.engine.mouth import Mouth


@dataclass(slots=True, eq=False)
class Utterance:
    """Something that is said, and may be interrupted."""

    text: str = ""
    #: The model's name of it; None for lines of the desk.
    item: str | None = None
    #: Packets that it has so far, of 20 ms.
    packets: int = 0
    #: Whether all of its packets are there.
    is_whole: bool = False

    def heard_text(self, played: int) -> str:
        """Return the words that so many packets have: the last one may lack its end."""
        if played >= self.packets and self.is_whole:
            return self.text
        cut = self.text[: len(self.text) * played // max(1, self.packets)]
        return cut.rpartition(" ")[0] if len(cut) < len(self.text) else cut


@dataclass(slots=True)
class SpeechQueue:
    """The utterances that wait in the mouth of a call.

    `on_spoken` gets each with the packets that were sent of it; `on_idle` is told once nothing is
    left to say.
    """

    mouth: Mouth
    on_spoken: Callable[[Utterance, int], None]
    on_idle: Callable[[], None]
    _waiting: list[Utterance] = field(default_factory=list)

    @property
    def is_speaking(self) -> bool:
        """Whether something is said, or more of it is on its way."""
        return self.mouth.is_speaking or any(not one.is_whole for one in self._waiting)

    def holds(self, utterance: Utterance) -> bool:
        """Return whether an utterance is still being said."""
        return utterance in self._waiting

    def begin(self, text: str = "", item: str | None = None) -> Utterance:
        """Queue an utterance whose packets follow."""
        self._waiting.append(Utterance(text, item))
        return self._waiting[-1]

    def add(self, utterance: Utterance, packets: Sequence[bytes]) -> None:
        """Queue packets of an utterance; those of one that was interrupted are dropped."""
        if self.holds(utterance):
            utterance.packets += len(packets)
            self.mouth.say(packets)

    def finish(self, utterance: Utterance) -> None:
        """Say that an utterance has all its packets."""
        utterance.is_whole = True
        if self.holds(utterance) and not self.mouth.is_speaking:
            self.drained()

    def settle(self) -> None:
        """Take what is there of each utterance for the whole: the model that made it is gone."""
        for utterance in self._waiting:
            utterance.is_whole = utterance.is_whole or utterance.item is not None
        if not self.mouth.is_speaking:
            self.drained()

    def drained(self) -> None:
        """Report what was said: the mouth has given its last packet."""
        while self._waiting and self._waiting[0].is_whole:
            utterance = self._waiting.pop(0)
            self.on_spoken(utterance, utterance.packets)
        if not self._waiting:
            self.on_idle()

    def flush(self) -> list[tuple[Utterance, int]]:
        """Fall silent at once. Return the utterances with the packets that were sent of each."""
        unsaid, stopped = self.mouth.flush(), list[tuple[Utterance, int]]()
        for utterance in reversed(self._waiting):
            cut = min(unsaid, utterance.packets)
            unsaid -= cut
            stopped.insert(0, (utterance, utterance.packets - cut))
        self._waiting.clear()
        for utterance, played in stopped:
            if played:
                self.on_spoken(utterance, played)
        return stopped
