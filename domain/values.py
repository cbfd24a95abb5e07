"""What every value of the rules is made of."""

from pydantic import BaseModel, ConfigDict


class Value(BaseModel):
    """Frozen; keys it does not know are ignored, so that an old worker survives a new field."""

    model_config = ConfigDict(frozen=True, extra="ignore")
