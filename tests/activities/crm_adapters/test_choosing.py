"""Which adapter is taken: ours by name, a third party's by its entry point. docs/connect/own-adapter.md is run here."""

import re
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType

import httpx2
import pytest

from activities.crm_adapters import choosing
from activities.crm_adapters.contract import CHECKS, Check
from activities.crm_adapters.http import HttpCrm
from activities.crm_adapters.tryton import TrytonCrm

PAGE = (Path(__file__).parents[3] / "docs" / "connect" / "own-adapter.md").read_text(encoding="utf-8")
ADAPTER, PROOF = re.findall(r"```python\n(.+?)```", PAGE, re.DOTALL)
(ENTRY_POINT,) = re.findall(r"```toml\n\[project\.entry-points\.\"(?P<group>.+)\"\]\n(.+?)\n```", PAGE, re.DOTALL)


@pytest.fixture(scope="module")
def proof(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModuleType]:
    """The page's package, installed: its modules beside what says its entry point."""
    site = tmp_path_factory.mktemp("site")
    about, (group, line) = site / "acme_crm-1.0.dist-info", ENTRY_POINT
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-crm\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(f"[{group}]\n{line.replace(chr(34), '')}\n")
    (site / "acme_crm.py").write_text(ADAPTER, encoding="utf-8")
    (site / "acme_proof.py").write_text(PROOF, encoding="utf-8")
    sys.path.insert(0, str(site))
    yield import_module("acme_proof")
    sys.path.remove(str(site))


async def made(kind: str, *, options: str = "") -> object:
    async with httpx2.AsyncClient() as client:
        return choosing.adapter(kind, url="http://crm", token="", options=options, client=client)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
async def test_the_pages_adapter_holds_to_the_contract(proof: ModuleType, tmp_path: Path, check: Check) -> None:
    await check(proof.AcmeBench(str(tmp_path / "acme.db")))


async def test_a_third_partys_adapter_is_found_by_its_entry_point(proof: ModuleType) -> None:
    assert type(await made("acme", options='{"path": "acme.db"}')) is proof.AcmeCrm
    with pytest.raises(ValueError, match="VOCLOOP_CRM_OPTIONS lacks 'path'"):
        await made("acme")
    with pytest.raises(ValueError, match="choose one of acme, http, salesforce, tryton"):
        await made("acmee")


async def test_ours_go_by_their_names() -> None:
    assert type(await made("http")) is HttpCrm
    assert type(await made("tryton")) is TrytonCrm


async def test_what_makes_no_adapter_is_a_mistake_of_its_author(
    proof: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules["acme_crm"], "AcmeCrm", lambda connection: connection)
    with pytest.raises(TypeError, match="return one"):
        await made("acme")
