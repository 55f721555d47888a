"""The answers of a model that are being said, and what was heard of each."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from features.calls.engine.opus import PCM_BYTES, OpusEncoder
from features.calls.engine.utterances import SpeechQueue, Utterance

FRAME_MS = 20


@dataclass(slots=True)
class _Answer:
    """Speech that the model is making."""

    utterance: Utterance
    encoder: OpusEncoder = field(default_factory=OpusEncoder)
    #: Sound so far, in bytes.
    size: int = 0


@dataclass(slots=True)
class SpokenAnswers:
    """The answers in the queue, by the ids of their items.

    `flush` silences the call, and returns the utterances with the packets that were sent of each.
    """

    queue: SpeechQueue
    flush: Callable[[], Sequence[tuple[Utterance, int]]]
    _answers: dict[str, _Answer] = field(default_factory=dict)

    def add_sound(self, item: str, pcm: bytes) -> None:
        """Say more of an answer."""
        answer = self._answer(item)
        answer.size += len(pcm)
        self.queue.add(answer.utterance, answer.encoder.encode(pcm))

    def add_words(self, item: str, words: str) -> None:
        """Add the words of what is said; they may come before its sound."""
        self._answer(item).utterance.text += words

    def finish(self, item: str) -> bool:
        """Say the rest of an answer. Return whether it has sound."""
        if (answer := self._answers.get(item)) is None:
            return False
        self.queue.add(answer.utterance, answer.encoder.finish())
        self.queue.finish(answer.utterance)
        return True

    def cut(self) -> Iterator[tuple[str, int]]:
        """Fall silent. Yield each answer that was cut, with the milliseconds that were heard."""
        sizes = {item: answer.size for item, answer in self._answers.items()}
        self._answers.clear()
        for utterance, played in self.flush():
            is_cut = played < utterance.packets or not utterance.is_whole
            if is_cut and utterance.item in sizes:
                made_ms = sizes[utterance.item] * FRAME_MS // PCM_BYTES
                yield utterance.item, min(played * FRAME_MS, made_ms)

    def _answer(self, item: str) -> _Answer:
        """Return the answer of an item; a new one takes the place of those that were heard."""
        if item not in self._answers:
            kept = self._answers.items()
            self._answers = {name: one for name, one in kept if self.queue.holds(one.utterance)}
            self._answers[item] = _Answer(self.queue.begin(item=item))
        return self._answers[item]
