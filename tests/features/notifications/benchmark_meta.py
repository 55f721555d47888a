"""Meta's place in the benchmark of notifications: it also has a template."""

import json

from starlette.types import Scope
from tests.benchmarks.sink import Sink

TEMPLATE = {
    "id": "1",
    "name": "order_update",
    "language": "en",
    "status": "APPROVED",
    "category": "UTILITY",
    "components": [{"type": "BODY", "text": "Hi {{1}}, your order {{2}} is on its way."}],
}


class MetaWithTemplates(Sink):
    """Takes every message, and lists one template."""

    def _tell(self, scope: Scope) -> bytes:
        if scope["path"].endswith("/message_templates"):
            return json.dumps({"data": [TEMPLATE]}).encode()
        return super()._tell(scope)


meta = MetaWithTemplates()
