"""The ownership matrix: which department answers for which fault tag."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from domain.once import once

# Departments and tags stand in search attributes: a value over 2 KiB there ends the workflow.
Code = Annotated[str, Field(min_length=1, max_length=64)]


class Ruling(BaseModel):
    """What the matrix says about a set of tags: one lead, and those who support it."""

    model_config = ConfigDict(frozen=True)

    lead: str
    supporters: tuple[str, ...]
    is_grey: bool
    is_complex: bool
    is_red_line: bool


class Matrix(BaseModel):
    """Compact on purpose: it travels inside every complaint. Names and histories stay in the policy files."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    owners: dict[Code, tuple[Code, ...]]  # department → the tags it owns; a grey tag stands under its lead
    supporters: dict[Code, tuple[Code, ...]]  # grey tag → the departments that support its lead
    complex_tags: tuple[Code, ...]
    red_line_tags: tuple[Code, ...]

    def departments(self) -> tuple[str, ...]:
        """Everyone a complaint may be handed to."""
        return tuple(self.owners)

    def owner_of(self, tag: str) -> str | None:
        return next((department for department, tags in self.owners.items() if tag in tags), None)

    def rule(self, tags: tuple[str, ...]) -> Ruling | None:
        """Who leads a complaint with these tags; None when no tag is known, which is for triage.

        A grey tag's lead goes first, because a grey issue crosses departments; else the first known tag's owner leads.
        The owners of the other tags support.
        """
        return _ruling(self, tags)


@once
def _ruling(matrix: Matrix, tags: tuple[str, ...]) -> Ruling | None:
    owners = {tag: owner for tag in tags if (owner := matrix.owner_of(tag))}
    if not owners:
        return None
    grey = [tag for tag in owners if tag in matrix.supporters]
    leading = grey[0] if grey else next(iter(owners))
    lead = owners[leading]
    helpers = (*matrix.supporters.get(leading, ()), *owners.values())
    return Ruling(
        lead=lead,
        supporters=tuple(dict.fromkeys(helper for helper in helpers if helper != lead)),
        is_grey=bool(grey),
        is_complex=any(tag in matrix.complex_tags for tag in owners),
        is_red_line=any(tag in matrix.red_line_tags for tag in owners),
    )
