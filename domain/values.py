"""What every value of the rules is made of."""

from collections.abc import Mapping
from typing import Any, Self

from pydantic import BaseModel, ConfigDict

TAG = r"^[a-z0-9][a-z0-9_.-]{0,63}$"  # a fault tag's code


class Value(BaseModel):
    """Frozen; keys it does not know are ignored, so that an old worker survives a new field."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """As pydantic's, at a tenth of its cost: each event of a complaint makes a copy or three."""
        if deep or not update or self.__pydantic_private__ is not None:
            return super().model_copy(update=update, deep=deep)
        made = object.__new__(type(self))
        _set(made, "__dict__", {**self.__dict__, **update})
        said = self.__pydantic_fields_set__
        _set(made, "__pydantic_fields_set__", said if update.keys() <= said else said | update.keys())
        _set(made, "__pydantic_extra__", None)
        _set(made, "__pydantic_private__", None)
        return made


_set = object.__setattr__  # a frozen value's own says no
