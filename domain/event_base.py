"""What every event says of itself."""

from pydantic import AwareDatetime, BaseModel, ConfigDict

from domain.command_values import Actor


class Happening(BaseModel):
    """`at` is when it took effect, `noticed_at` when the core got to it, `cause` a command's id or deadline's rule."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    seq: int
    at: AwareDatetime
    noticed_at: AwareDatetime
    cause: str = ""
    actor: Actor | None = None
