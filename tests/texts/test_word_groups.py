"""All groups of a message at once are those that it is found in one by one."""

from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from app.composition.catalogue import load_texts
from flow_engine.phrases import Phrases, is_made_of
from flow_engine.typos import Typos, unstretched
from texts.catalogue import Texts
from texts.overrides import Override
from texts.reading import MAX_WORDS
from texts.vocabulary import EXACT, Vocabulary
from texts.word_groups import BESIDE

#: Groups with a rule of their own, and one without.
GROUPS = ("courtesy", "filler", "no", "yes", "laughter", "opt_out", "cancel", "skip", "menu")
_WORD = st.sampled_from(["ok", "please", "menu", "menuu", "mneu", "cancel", "cancle", "no", "ha"])
_PHRASE = st.lists(_WORD, min_size=1, max_size=3).map(" ".join)
TABLES = st.fixed_dictionaries({group: st.lists(_PHRASE, max_size=3) for group in GROUPS})


@given(TABLES, st.lists(_WORD, min_size=1, max_size=12).map(" ".join))
def test_a_message_is_a_word_of_the_groups_that_one_finds_one_by_one(
    table: Mapping[str, list[str]], text: str
) -> None:
    vocabulary = Vocabulary({"en": table})
    known = vocabulary.words(*GROUPS)
    loose = vocabulary.loose_readings(text)
    wholes = (unstretched(text).split(), loose[-1].split())
    for group in GROUPS:
        words = vocabulary.words(group)
        beside = Phrases(vocabulary.words("courtesy", "filler", BESIDE.get(group, "filler")))
        plain, typos = Phrases(words.union(map(unstretched, words))), Typos(words)
        is_exact = not words.isdisjoint(vocabulary.readings(text))
        is_loose = (
            not words.isdisjoint(loose)
            or any(one not in known and typos.find(one) is not None for one in loose)
            or (
                len(wholes[0]) <= MAX_WORDS
                and any(is_made_of(one, plain, beside) for one in wholes)
            )
        )
        expected = is_exact or (is_loose and group not in EXACT)
        assert vocabulary.is_word(group, text) == expected, group


def test_a_title_that_operators_write_is_understood_at_once() -> None:
    texts: Texts = load_texts().copy()
    document = ("registration.id_type", ("CC", "CE", "PASSPORT"))
    assert texts.match_option("en", *document, "travel document") is None
    key = "registration.id_type.options.PASSPORT.title"
    texts.override([Override("en", key, "Travel document")])
    assert texts.match_option("en", *document, "travel document") == "PASSPORT"
    assert texts.match_option("en", *document, "passport") == "PASSPORT"  # by its own name
