from datetime import timedelta
from pathlib import Path

import pytest
from google.protobuf.duration_pb2 import Duration
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest
from temporalio.api.workflowservice.v1 import RegisterNamespaceRequest
from temporalio.client import Client

from settings import Settings
from starter import connecting
from starter.connecting import TemporalUnavailable, client_plugin, connect, ensure_search_attributes, is_too_old
from starter.home import Stack, remember
from starter.stopping import CannotGoOn
from tests.starter.processes import free_port
from workflows.names import SEARCH_ATTRIBUTES


async def fresh_namespace(address: str, name: str) -> Client:
    """A namespace of our own that knows none of our search attributes."""
    client = await connect(Settings(temporal_address=address), plugins=[])
    await client.workflow_service.register_namespace(
        RegisterNamespaceRequest(
            namespace=name, workflow_execution_retention_period=Duration(seconds=int(timedelta(days=1).total_seconds()))
        )
    )
    return await Client.connect(address, namespace=name, plugins=[client_plugin()])


def profile_of(folder: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    (folder / "temporal.toml").write_text(text)
    monkeypatch.setenv("TEMPORAL_CONFIG_FILE", str(folder / "temporal.toml"))


async def test_the_address_given_wins_over_temporals_environment(
    temporal_address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", "127.0.0.1:1")
    client = await connect(Settings(temporal_address=temporal_address), plugins=[client_plugin()])
    assert client.service_client.config.target_host == temporal_address


async def test_temporals_own_profile_is_used_when_no_address_is_given(
    temporal_address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    profile_of(tmp_path, monkeypatch, f'[profile.default]\naddress = "{temporal_address}"\n')
    client = await connect(Settings(home=tmp_path), plugins=[client_plugin()])
    assert client.service_client.config.target_host == temporal_address


async def test_the_embedded_server_is_found_by_its_home(temporal_address: str, tmp_path: Path) -> None:
    remember(tmp_path, Stack(temporal=temporal_address))
    client = await connect(Settings(home=tmp_path), plugins=[client_plugin()])
    assert client.service_client.config.target_host == temporal_address


async def test_without_any_server_one_sentence_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(TemporalUnavailable, match="start one with `vocloop up`"):
        await connect(Settings(home=tmp_path), plugins=[])


async def test_a_server_that_does_not_answer_is_named(tmp_path: Path) -> None:
    dead = f"127.0.0.1:{free_port()}"
    with pytest.raises(TemporalUnavailable, match=f"does not answer at {dead}"):
        await connect(Settings(home=tmp_path, temporal_address=dead), plugins=[])


async def test_a_profile_that_is_no_toml_is_told_as_such(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    profile_of(tmp_path, monkeypatch, "address: [")
    with pytest.raises(TemporalUnavailable, match="profile cannot be read"):
        await connect(Settings(home=tmp_path), plugins=[])


async def test_an_unknown_namespace_is_named(temporal_address: str) -> None:
    with pytest.raises(TemporalUnavailable, match="namespace nowhere"):
        await connect(Settings(temporal_address=temporal_address, temporal_namespace="nowhere"), plugins=[])


async def test_a_server_below_the_minimum_is_refused(temporal_address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connecting, "MINIMUM_SERVER", (99, 0, 0))
    with pytest.raises(TemporalUnavailable, match=r"upgrade it to 99\.0\.0 or newer"):
        await connect(Settings(temporal_address=temporal_address), plugins=[])


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("1.29.9", True),  # one patch short
        ("1.30.0", False),  # the minimum itself
        ("1.32.0-151.6", False),  # a cloud build
        ("", False),  # it does not say: it is given the chance
    ],
)
def test_only_a_server_known_to_be_older_is_too_old(said: str, expected: bool) -> None:
    assert is_too_old(said) is expected


async def test_the_embedded_server_is_born_with_our_search_attributes(temporal_address: str) -> None:
    client = await connect(Settings(temporal_address=temporal_address), plugins=[client_plugin()])
    assert await ensure_search_attributes(client) == ()


async def test_missing_search_attributes_are_registered_once(temporal_address: str) -> None:
    client = await fresh_namespace(temporal_address, "fresh")
    assert await ensure_search_attributes(client) == tuple(key.name for key in SEARCH_ATTRIBUTES)
    assert await ensure_search_attributes(client) == ()


async def test_a_search_attribute_of_another_type_is_refused(temporal_address: str) -> None:
    client = await fresh_namespace(temporal_address, "clashing")
    keyword = IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD
    await client.operator_service.add_search_attributes(
        AddSearchAttributesRequest(namespace="clashing", search_attributes={"ComplaintRisk": keyword})
    )
    with pytest.raises(CannotGoOn, match="ComplaintRisk exists in namespace clashing with another type than INT"):
        await ensure_search_attributes(client)
