"""Reports of the bot's status to the emulator, which shows it on the phone page."""

from dataclasses import asdict

from app.development.errors import STATUS_PATH, DevError
from app.development.programs import Program, RunningProgram, post


class StatusReporter:
    """Tells the emulator, for its phone page, whether the bot runs and why it does not."""

    def __init__(self, program: Program | None, running: RunningProgram | None) -> None:
        self._url = program.url + STATUS_PATH if program else ""
        self._emulator = running

    async def ready(self) -> bool:
        """Wait until the emulator answers; without one there is nothing to wait for."""
        return self._emulator is None or await self._emulator.ready()

    async def tell(self, state: str, **error: DevError | None) -> None:
        """Tell the state of the bot; with `error`, also what ended it, or None for nothing."""
        if self._emulator is not None and await self._emulator.ready():
            told = {name: found and asdict(found) for name, found in error.items()}
            await post(self._url, {"state": state, **told})
