"""The entries of files: those that come with the bot, and those of the config file over them."""

from functools import lru_cache
from pathlib import Path

from features.faq.reader import load_faq
from features.faq.search import Denies, FaqIndex
from features.faq.settings import FaqSettings

#: Folder of the entries that come with the bot.
ENTRIES = Path(__file__).parent / "texts/entries"


@lru_cache(maxsize=1)
def shipped_entries(denies: Denies) -> FaqIndex:
    """Return the entries of the files, ready to be asked: the same for all bots of a process."""
    return FaqIndex(load_faq(ENTRIES), denies)


def with_entries_of_file(shipped: FaqIndex, settings: FaqSettings) -> FaqIndex:
    """Return the entries of the config file, then those that come with the bot."""
    own = settings.entries
    if not own and settings.faq.shipped:
        return shipped
    known = {one.id for one in own}
    others = (one for one in shipped.entries if settings.faq.shipped and one.id not in known)
    return shipped.with_entries([*own, *others])
