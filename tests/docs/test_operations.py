import re
from pathlib import Path

import pytest
from temporalio.service import RPCError

from domain.complaint import Stage
from settings import Settings
from starter.connecting import MINIMUM_SERVER, client_plugin, connect
from starter.doctor import ailments
from starter.doctor import command as doctor
from workflows.names import SEARCH_ATTRIBUTES

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
QUERIES = re.findall(r"```sql\n(.+?)\n```", PAGE, re.DOTALL)


@pytest.mark.parametrize("key", SEARCH_ATTRIBUTES, ids=lambda key: key.name)
def test_every_search_attribute_is_explained_with_its_type(key: object) -> None:
    name, kind = key.name, key.indexed_value_type.name.title()  # type: ignore[attr-defined]
    assert f"| `{name}` | {kind} |" in PAGE


@pytest.mark.parametrize("stage", Stage)
def test_every_stage_is_named(stage: Stage) -> None:
    assert f"`{stage}`" in PAGE


def test_saved_queries_name_only_what_exists() -> None:
    known = {key.name for key in SEARCH_ATTRIBUTES} | {"ExecutionStatus", "TemporalReportedProblems"}
    assert len(QUERIES) >= 8
    assert {word for query in QUERIES for word in re.findall(r"\b(?:[A-Z][a-z]+){2,}\b", query)} - {"TimedOut"} <= known


def test_every_kind_of_finding_has_its_picture() -> None:
    sources = [Path(str(module.__file__)).read_text(encoding="utf-8") for module in (ailments, doctor)]
    codes = {code for source in sources for code in re.findall(r'code="(\w+)"', source)}
    assert {code for code in codes if f"`doctor`: `{code}`" not in PAGE} == set()


def test_the_minimum_server_is_the_one_that_is_checked() -> None:
    assert f"older than {'.'.join(map(str, MINIMUM_SERVER))}" in PAGE


def test_every_setting_named_exists() -> None:
    named = {name.lower() for name in re.findall(r"VOCLOOP_([A-Z_]+)", PAGE)}
    assert named <= set(Settings.model_fields)


async def test_every_saved_query_is_one_the_server_answers(temporal_address: str) -> None:
    client = await connect(Settings(temporal_address=temporal_address), plugins=[client_plugin()])
    for query in QUERIES:
        await client.count_workflows(query)  # raises for what it does not know
    with pytest.raises(RPCError, match="ComplaintMood"):
        await client.count_workflows('ComplaintMood = "sour"')
