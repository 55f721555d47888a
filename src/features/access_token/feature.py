"""Access token: the bot looks every hour how long Meta will take it, and says so in time."""

from collections.abc import Iterable, Mapping
from functools import partial

from features.access_token.jobs import TOKEN_POOL, TokenWatch, health_line, lane_of, look_job
from jobs.maintenance import state_of
from jobs.model import NewJob
from jobs.spec import HandledJob
from services.clients.cloud_api.token_facts import describe_token
from services.feature import Feature


class AccessToken(Feature):
    """Watches the access token of the settings."""

    name = "access_token"
    summary = "watches how long Meta takes the access token, and tells operators in time"
    page = "docs/operation.md"
    pools = (TOKEN_POOL,)

    def jobs(self) -> Iterable[HandledJob]:
        parts = self.parts
        watch = TokenWatch(
            partial(describe_token, parts.cloud_api),
            parts.context.extensions,
            parts.metrics,
            parts.clock,
        )
        return watch.handled()

    def first_jobs(self) -> Iterable[NewJob]:
        yield look_job(self.parts.phone_number_id, self.parts.clock())

    async def health(self) -> Mapping[str, str]:
        lane = lane_of(self.parts.phone_number_id)
        state = await self.parts.database.reader.run(lambda c, _: state_of(c, lane))
        return {"access_token": health_line(state, self.parts.clock())}


FEATURE = AccessToken
