"""Own code that a flow calls between two questions, by name.

`Call("status", handler="order_status")` calls the function of this name with the form as far as it
is filled in. Here it may ask other servers; a plain function of the flow's own file needs no name.
"""

from collections.abc import Mapping

from flow_engine.ask import CallHandler

CALLS: Mapping[str, CallHandler] = {}
