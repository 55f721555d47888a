"""Random walks: nobody is stuck, unanswered, answered twice, or talked over."""

import random
from collections import Counter
from dataclasses import replace
from datetime import timedelta

from tests.fakes.understanding import open_context, read_corpus
from tests.fakes.walker import Heard, Walker, choices_of

from schemas.cloud_api_schema import ReactionMessage
from services.conversations.bursts import BURST
from services.conversations.interruptions import INTERRUPTED

#: Walks of each person, and acts of each walk: some seconds of processor time in all.
WALKS, ACTS = 24, 40
#: Acts between two looks at the ways out, which take most of the time.
ACTS_BETWEEN_LOOKS = 3
PEOPLE = {"en": "15551234567", "es": "573001234567", "pt": "5511987654321"}
#: Words that people use often, whatever they are in.
OFTEN = {
    "en": ["register", "yes", "menu", "back", "events", "Ana Perez", "passport", "AB1020300"],
    "es": ["registrarme", "sí", "menú", "atrás", "eventos", "Ana Pérez", "cc", "1020300"],
    "pt": ["cadastrar", "sim", "menu", "voltar", "eventos", "Ana Souza", "rg", "1020300"],
}
#: Ordinary sentences that lead out of anything.
LEAVE = {
    "en": ["I don't want to do this anymore", "please cancel", "maybe later", "too many questions"],
    "es": ["ya no quiero seguir", "cancela por favor", "mejor otro día", "no tengo tiempo ahora"],
    "pt": ["não quero mais continuar", "cancela por favor", "deixa pra depois", "tenho que ir"],
}
#: Stages that answer nobody: what they hear needs no answer.
SILENT = {
    *("ignored_type", "edited_message", "answering_machine", "call_permission", "blocked"),
    *("repeated_answer", "repeated_words", "repeated_tap"),  # what was sent twice
}
#: The stage of what waits for more, and is answered at the end of the pause.
WAITS = "short_pause"
PAUSE_ENDED = "(pause)"
#: What is heard whoever holds the conversation, and what those who wait for an operator are told.
ALWAYS = {
    *("opt_out_keyword", "handoff_apology", "always_heard"),
    *("waiting_for_operator", "back_to_bot"),
}


def check(walker: Walker, heard: Heard) -> None:
    """Raise AssertionError if an act led to too much or too little."""
    bubbles = [one for one in heard.said if not isinstance(one, ReactionMessage)]
    offered = [tuple(ids) for one in bubbles if (ids := choices_of(one))]
    is_word = heard.stage != "" and (not heard.act.startswith("(") or heard.act == PAUSE_ENDED)
    if not heard.was_free and heard.stage not in ALWAYS:
        assert not bubbles, f"talked over:\n{walker.told()}"
    is_out = walker.user.opted_out_at is not None
    if heard.was_free and is_word and heard.stage not in {*SILENT, WAITS} and not is_out:
        assert heard.said, f"unanswered:\n{walker.told()}"
    # What waited and what ended the pause are two messages, with an answer each.
    most = 2 if walker.context.burst_pause else 1
    assert len(offered) <= most, f"asked too much:\n{walker.told()}"
    assert len(offered) == len(set(offered)), f"asked twice:\n{walker.told()}"
    shown = Counter(str(one.payload()) for one in bubbles)
    assert all(count == 1 for count in shown.values()), f"said twice:\n{walker.told()}"


async def check_ways_out(walker: Walker, language: str) -> None:
    """Whoever stands here can leave by an ordinary sentence."""
    for sentence in LEAVE[language]:
        other = walker.copy()
        if other.state.flow is None or other.user.opted_out_at is not None:
            return
        is_interrupted = INTERRUPTED.read(other.state).form is not None
        may_interrupt = bool(BURST.read(other.state).messages)  # "delete my data", say
        heard = await other.say(sentence)
        if not heard.was_free:
            return
        if is_interrupted or (
            may_interrupt and other.state.flow is not None
        ):  # one sentence for each form
            await other.say(sentence)
        assert other.state.flow is None, f"stuck, in spite of {sentence!r}:\n{other.told()}"


async def test_random_walks() -> None:
    async with open_context() as context:
        for language, number in PEOPLE.items():
            words = [line.text for line in read_corpus(language)]
            words += OFTEN[language] * (len(words) // 8)
            for seed in range(WALKS):
                rng = random.Random(f"{language}{seed}")
                pause = timedelta(seconds=1.2 if seed % 2 else 0)
                walker = Walker(replace(context, burst_pause=pause), number, rng, words)
                for act in range(ACTS):
                    check(walker, await walker.act())
                    if act % ACTS_BETWEEN_LOOKS == 0:
                        await check_ways_out(walker, language)
