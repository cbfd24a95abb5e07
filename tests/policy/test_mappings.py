import re
from pathlib import Path

import pytest

from policy.reading import load
from policy.sources import SHIPPED
from starter.importing.maps import read_map

DOCS = Path(__file__).parents[2] / "docs/policy.md"
MAPPINGS = load().mappings

# The first step of every component in NHTSA's complaints; "UNKNOWN OR OTHER" is for the words, then for triage.
COMPONENTS = """
AIR BAGS|BACK OVER PREVENTION|CHILD SEAT|COMMUNICATION|ELECTRICAL SYSTEM|ELECTRONIC STABILITY CONTROL|ENGINE
ENGINE AND ENGINE COOLING|EQUIPMENT|EXTERIOR LIGHTING|FORWARD COLLISION AVOIDANCE|FUEL SYSTEM, DIESEL
FUEL SYSTEM, GASOLINE|FUEL SYSTEM, OTHER|FUEL/PROPULSION SYSTEM|HYBRID PROPULSION SYSTEM|INTERIOR LIGHTING
LANE DEPARTURE|LATCHES/LOCKS/LINKAGES|PARKING BRAKE|POWER TRAIN|SEAT BELTS|SEATS|SERVICE BRAKES
SERVICE BRAKES, AIR|SERVICE BRAKES, ELECTRIC|SERVICE BRAKES, HYDRAULIC|STEERING|STRUCTURE|SUSPENSION|TIRES
TRACTION CONTROL SYSTEM|TRAILER HITCHES|VEHICLE SPEED CONTROL|VISIBILITY|VISIBILITY/WIPER|WHEELS
"""


@pytest.mark.parametrize("component", re.split(r"[|\n]", COMPONENTS.strip()))
def test_every_component_of_nhtsa_has_a_tag(component: str) -> None:
    assert MAPPINGS.tag_for_component(component)
    assert MAPPINGS.tag_for_component(f"{component}:OF A KIND NOBODY KNOWS")


def test_every_one_of_the_nineteen_systems_has_a_tag_for_any_symptom() -> None:
    assert len(MAPPINGS.cn) == 19
    assert all(MAPPINGS.tag_for_symptom(system, "从未见过") for system in MAPPINGS.cn)


def test_an_unknown_system_or_component_has_none() -> None:
    assert MAPPINGS.tag_for_symptom("灵异", "异响") == ""
    assert MAPPINGS.tag_for_component("FLUX CAPACITOR:STEERING") == ""


def test_keywords_are_written_as_they_are_looked_for() -> None:
    rules = [*MAPPINGS.keyword, *MAPPINGS.refine]
    words = [word for rule in rules for word in (*rule.words, *rule.also)]
    assert [word for word in words if word != word.lower()] == []


def test_the_page_names_every_policy_file_and_its_map_can_be_read(tmp_path: Path) -> None:
    page = DOCS.read_text(encoding="utf-8")
    blocks = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    (example,) = [block for block in blocks if "[columns]" in block]
    (tmp_path / "m.toml").write_text(example, encoding="utf-8")
    assert read_map(tmp_path / "m.toml").columns["ticket_no"] == "Case"
    assert all(f"`{file.name}`" in page for file in SHIPPED.glob("*.toml"))
    assert load().tag("assistance.parking")
