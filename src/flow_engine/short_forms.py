"""Words as people shorten them in a chat: "why do u need it", "pra que vcs querem isso"."""

from flow_engine.languages import LANGUAGES

#: Shorter ones may also be initials: a "U" or a "Q" is part of a name.
MIN_LETTERS_IN_NAMES = 2
#: One short form may stand for words of several languages: those that are alike count as one.
_SPELLED = {
    short: words for language in LANGUAGES.values() for short, words in language.short_forms.items()
}


def spelled_out(normalised: str) -> str:
    """Return a normalised text with its short forms spelled out."""
    return " ".join(_SPELLED.get(word, word) for word in normalised.split())


def spelled_in_name(word: str) -> str:
    """Return a normalised word of what may be a name, spelled out unless it may be an initial."""
    return word if len(word) < MIN_LETTERS_IN_NAMES else spelled_out(word)
