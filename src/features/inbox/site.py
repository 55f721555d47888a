"""Where the pages of the inbox are, as browsers know it."""

from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Site:
    """The place that passkeys are made for."""

    #: such as "https://bot.example.com"
    origin: str

    @property
    def name(self) -> str:
        """Return the name that passkeys belong to: a host without its port."""
        return urlsplit(self.origin).hostname or ""
