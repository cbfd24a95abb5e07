"""The glossary knows every word the code speaks, in both languages, and nothing the code has forgotten."""

import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from domain import commands as cmd
from domain import events as e
from domain.complaint import Stage
from domain.events import Closing, DisputeCause, EscalationCause
from domain.lights import Light
from domain.policy import ClockKind, EscalationLevel
from domain.refusals import Refusal

ROOT = Path(__file__).parents[2]
GLOSSARY = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
HAN = re.compile(r"[\u4e00-\u9fff]")


def kinds(union: object) -> list[str]:
    members: Iterable[type] = union.__args__[0].__args__  # type: ignore[attr-defined]
    return [kind.model_fields["kind"].default for kind in members]  # type: ignore[attr-defined]


SECTIONS: dict[str, list[str]] = {
    "Commands": kinds(cmd.Command),
    "Events": kinds(e.Event),
    "Stages": list(Stage),
    "Clocks": list(ClockKind),
    "Escalation levels": list(EscalationLevel),
    "Causes of a dispute": list(DisputeCause),
    "Refusals": list(Refusal),
}


def rows(section: str) -> list[list[str]]:
    text = re.split(rf"^## {section} .*$", GLOSSARY, flags=re.MULTILINE)[1].partition("\n## ")[0]
    lines = [line for line in text.splitlines() if line.startswith("| ")][2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


@pytest.mark.parametrize("section", SECTIONS)
def test_a_section_lists_exactly_what_the_code_has(section: str) -> None:
    assert [name.strip("`") for name, _, _ in rows(section)] == SECTIONS[section]


@pytest.mark.parametrize("section", [*SECTIONS, "The words"])
def test_every_word_has_both_languages_and_a_meaning(section: str) -> None:
    for name, chinese, meaning in rows(section):
        assert HAN.search(chinese), name
        assert meaning, name


@pytest.mark.parametrize("code", [*Light, *Closing, *EscalationCause])
def test_smaller_codes_are_said_somewhere(code: str) -> None:
    assert f"`{code}`" in GLOSSARY


@pytest.mark.parametrize(
    "term",
    [
        "complaint",
        "hop",
        "evidence",
        "breach",
        "light",
        "claim",
        "first-fix failure",
        "risk level",
        "red line",
        "grey issue",
    ],
)
def test_the_missions_vocabulary_is_here(term: str) -> None:
    assert term in [name for name, _, _ in rows("The words")]
