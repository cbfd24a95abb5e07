"""Letters to people: one template a kind and language, as plain text and, from the same words, as HTML."""

import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, pass_context
from jinja2.runtime import Context

from domain.wording import Language

_TEMPLATES = Path(__file__).parent / "templates"
_BLANK_LINES = re.compile(r"\n\s*\n+")


@dataclass(frozen=True)
class Letter:
    """`subject` is one line."""

    subject: str
    text: str
    html: str


class Names(Protocol):
    """What people call a department, a stage or a clock, and the zone their clocks on the wall show."""

    @property
    def zone(self) -> str: ...

    def name(self, code: str, language: Language) -> str: ...


class Stationery:
    """Writes letters. A fact that a template asks for and nobody gave is left out, never an error."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._zone = ZoneInfo(names.zone)
        self._env = {language: self._environment(language) for language in ("zh", "en")}

    def write(self, kind: str, *, languages: tuple[Language, ...], facts: dict[str, Any]) -> Letter:
        """The letter of a kind, a NoticeKind; several languages stand below each other."""
        written = [(language, *self._version(kind, language, facts)) for language in languages]
        subject = " / ".join(subject for _, subject, _ in written)
        versions = [
            {"language": language, "paragraphs": [part.split("\n") for part in _BLANK_LINES.split(body)]}
            for language, _, body in written
        ]
        layout = self._env[languages[0]].get_template("letter.html")
        return Letter(
            subject=subject,
            text="\n\n--\n\n".join(body for *_, body in written) + "\n",
            html=layout.render(subject=subject, versions=versions, link=facts.get("link", "")),
        )

    def _version(self, kind: str, language: Language, facts: dict[str, Any]) -> tuple[str, str]:
        """The first line is the subject, the rest the body. In a wording of its own where there is such a letter."""
        names = [f"{kind}.{facts.get('wording') or kind}.{language}.txt", f"{kind}.{language}.txt"]
        said = self._env[language].select_template(names).render(facts)
        subject, _, body = said.partition("\n")
        return " ".join(subject.split()), _BLANK_LINES.sub("\n\n", body).strip()

    def _environment(self, language: Language) -> Environment:
        env = Environment(
            loader=FileSystemLoader(_TEMPLATES),
            # Plain text must not be escaped; letter.html is.
            autoescape=lambda name: name is not None and name.endswith(".html"),
            trim_blocks=True,
            lstrip_blocks=True,
        )
        env.filters["named"] = lambda code: self._names.name(str(code), language) if code else ""
        env.filters["local"] = self._local
        return env

    @pass_context
    def _local(self, facts: Context, instant: str) -> str:
        """An ISO instant on the wall clock of the fact `zone`, else of the company, with its offset; what is no instant
        stays as it is.
        """
        try:
            at = datetime.fromisoformat(instant)
        except ValueError:
            return instant
        zone = ZoneInfo(facts["zone"]) if "zone" in facts else self._zone
        return at.astimezone(zone).strftime("%Y-%m-%d %H:%M (UTC%z)") if at.tzinfo else instant
