"""What other people's complaint files call our fault tags."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from domain.values import TAG

_Code = Annotated[str, Field(pattern=TAG)]
_Risk = Annotated[int, Field(ge=1, le=5)]
_ANY = "*"


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Risks(_Table):
    """The risk level a row begins with; the highest that applies."""

    death: _Risk
    fire: _Risk
    injury: _Risk
    crash: _Risk
    red_line: _Risk
    otherwise: _Risk


class Events(_Table):
    """The tag that a fire or people hurt adds to a row's own."""

    fire: _Code
    injury: _Code
    crash: _Code


class Keyword(_Table):
    """A tag for a text that holds one of `words` and, where given, one of `also`; case does not matter."""

    tag: _Code
    words: tuple[str, ...] = Field(min_length=1)
    also: tuple[str, ...] = ()

    def is_in(self, text: str) -> bool:
        return any(word in text for word in self.words) and (not self.also or any(word in text for word in self.also))


class Refinement(Keyword):
    """A keyword that makes the tag of a system more exact."""

    system: str


class MappingsTable(_Table):
    """mappings.toml. `cn` is system → symptom → tag, where "*" stands for every other symptom."""

    risk: Risks
    events: Events
    closures_default: _Code  # a row of the body-closures file in which no keyword is found
    cn: dict[str, dict[str, _Code]]
    nhtsa: dict[str, _Code]
    refine: tuple[Refinement, ...] = ()
    keyword: tuple[Keyword, ...]
    synonyms: dict[_Code, tuple[str, ...]] = {}  # what customers say of a tag; it only helps to suggest

    def tag_for_symptom(self, system: str, symptom: str) -> str:
        """The tag of a Chinese complaint site's system and symptom; "" when the system is unknown."""
        symptoms = self.cn.get(system, {})
        return symptoms.get(symptom) or symptoms.get(_ANY, "")

    def tag_for_component(self, component: str) -> str:
        """The tag of an NHTSA component, "STEERING:COLUMN": its own, else that of what it is a part of; else ""."""
        steps = [step.strip() for step in component.upper().split(":")]
        parts = (":".join(steps[:count]) for count in range(len(steps), 0, -1))
        return next((self.nhtsa[part] for part in parts if part in self.nhtsa), "")

    def refined(self, tag: str, words: str) -> str:
        """`tag`, or the more exact one of its system that the customer's words name."""
        text, system = words.lower(), tag.partition(".")[0]
        return next((each.tag for each in self.refine if each.system == system and each.is_in(text)), tag)

    def tag_for_words(self, words: str) -> str:
        """The first keyword's tag that the customer's words hold; else ""."""
        text = words.lower()
        return next((keyword.tag for keyword in self.keyword if keyword.is_in(text)), "")

    def tags(self) -> Iterator[tuple[tuple[str | int, ...], str]]:
        """Every tag that is mapped to, with its path in the file."""
        yield ("closures_default",), self.closures_default
        for event, tag in self.events.model_dump().items():
            yield ("events", event), tag
        for system, symptoms in self.cn.items():
            yield from ((("cn", system, symptom), tag) for symptom, tag in symptoms.items())
        yield from ((("nhtsa", component), tag) for component, tag in self.nhtsa.items())
        yield from ((("refine", index, "tag"), each.tag) for index, each in enumerate(self.refine))
        yield from ((("keyword", index, "tag"), each.tag) for index, each in enumerate(self.keyword))
        yield from ((("synonyms", tag), tag) for tag in self.synonyms)
