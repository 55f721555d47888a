"""Bases of the frames between the desk and the engine."""

from pydantic import BaseModel, ConfigDict


class Frame(BaseModel):
    """Base of all frames. What a newer version adds is ignored."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class CallFrame(Frame):
    """Base of frames about one call, by the id that the desk gave it."""

    call: str
