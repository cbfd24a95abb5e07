"""Who may do what at the doors, and which group of the identity provider makes somebody what."""

from collections.abc import Iterable, Iterator
from typing import Annotated, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from domain.access import DEPARTMENTAL, EMPLOYED, Access, Permission
from domain.commands import Role

_ANY_DEPARTMENT = "{department}"


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Seat(NamedTuple):
    """What somebody is. `department` is empty for those who belong to none."""

    role: Role
    department: str


class Group(_Table):
    """One group, or with "{department}" in its name one for each department."""

    name: Annotated[str, Field(min_length=1, max_length=200)]
    role: Role
    department: str = ""

    @model_validator(mode="after")
    def _fits_its_role(self) -> Self:
        has_one = bool(self.department) or _ANY_DEPARTMENT in self.name
        if self.role not in EMPLOYED:
            raise ValueError(f"nobody signs in as {self.role}; choose another role")
        if self.role in DEPARTMENTAL and not has_one:
            raise ValueError(
                f"a {self.role} is of a department; name it, or write {_ANY_DEPARTMENT} in the group's name"
            )
        if self.department and _ANY_DEPARTMENT in self.name:
            raise ValueError(f"{_ANY_DEPARTMENT} in the name already says the department; take `department` out")
        return self

    def seats(self, departments: Iterable[str]) -> Iterator[tuple[str, Seat]]:
        """Every group that is meant, by name."""
        if _ANY_DEPARTMENT not in self.name:
            yield self.name, Seat(self.role, self.department)
            return
        for department in departments:
            yield self.name.replace(_ANY_DEPARTMENT, department), Seat(self.role, department)


class AccessTable(_Table):
    """access.toml."""

    role: dict[Role, tuple[Permission, ...]]
    group: tuple[Group, ...] = ()

    @model_validator(mode="after")
    def _names_every_role(self) -> Self:
        if missing := [str(role) for role in EMPLOYED if role not in self.role]:
            raise ValueError(f"roles without a line: {', '.join(missing)}; write one for each, [] for none")
        if strangers := [str(role) for role in self.role if role not in EMPLOYED]:
            raise ValueError(f"nobody signs in as {', '.join(strangers)}; a key's own scopes say what it may")
        if believed := [str(role) for role, may in self.role.items() if Permission.ON_BEHALF in may]:
            raise ValueError(f"{', '.join(believed)} may not speak on behalf of others; only a key may have on_behalf")
        return self

    @property
    def access(self) -> Access:
        return Access(roles={role: frozenset(may) for role, may in self.role.items()})

    def seat_of(self, groups: Iterable[str], *, departments: Iterable[str]) -> Seat | None:
        """The first line that fits decides, in the file's order."""
        held, known = set(groups), tuple(departments)
        seats = (each for group in self.group for each in group.seats(known))
        return next((seat for name, seat in seats if name in held), None)
