"""Downloads where evidence stands in S3, is damaged, or was erased; with the page that tells of it."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import pytest
from fastapi import APIRouter
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.commands import EvidenceKind, Role
from ledger import disclosures, erasing, policies, tickets
from ledger.database import connect, migrate
from policy.reading import load
from settings import Settings
from starter.api import evidence
from starter.evidence.keeping import keep_upload
from starter.evidence.opening import open_store
from starter.evidence.store import EvidenceStore
from starter.web import complaint, sign_in
from tests.builders import Played
from tests.ledger.building import a_whole_ticket, recorded
from tests.starter.evidence.buckets import s3_settings
from tests.starter.web import page_server
from tests.starter.web.page_server import ENGLISH, text_of

NOW = datetime.now(UTC)
LOG = b"P0301 misfire\n"


async def pieces(content: bytes) -> AsyncIterator[bytes]:
    yield content


@pytest.fixture
async def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[AsyncEngine]:
    """The ledger of a home whose evidence stands in S3; powertrain has T-1."""
    for name, value in s3_settings(tmp_path).items():
        monkeypatch.setenv(f"VOCLOOP_{name.upper()}", str(value))
    await migrate(Settings().ledger_url)
    engine, policy = connect(Settings().ledger_url), load().policy_at(NOW)
    await policies.keep(engine, policy)
    await recorded(engine, Played("engine.stall", ticket_no="T-1", at=NOW, policy=policy))
    await tickets.keep(engine, a_whole_ticket("T-1", files=[]), received_at=NOW)
    yield engine
    await engine.dispose()


@pytest.fixture
async def web(engine: AsyncEngine, tmp_path: Path) -> AsyncIterator[httpx2.AsyncClient]:
    api = APIRouter(prefix="/api/v1")
    api.include_router(evidence.router)
    async with page_server.serving(api, complaint.router, sign_in.router, home=tmp_path) as client:
        await page_server.sign_in(client, Role.RESPONDER, "powertrain")
        yield client


async def handed_in(engine: AsyncEngine) -> tuple[EvidenceStore, str]:
    store = open_store(Settings())
    given = {"ticket_no": "T-1", "kind": EvidenceKind.LOG, "at": NOW, "file_name": "王小明.txt"}
    return store, (await keep_upload(store, engine, pieces(LOG), **given)).sha256  # type: ignore[arg-type]


async def test_a_direct_download_is_written_down_before_the_link_is_given(
    engine: AsyncEngine, web: httpx2.AsyncClient
) -> None:
    _, sha256 = await handed_in(engine)
    address = f"/api/v1/evidence/{sha256}?ticket_no=T-1&direct=true&why=check"
    answer = await web.get(address)
    assert (answer.status_code, answer.headers["cache-control"]) == (307, "no-store")
    async with httpx2.AsyncClient(trust_env=False) as stranger:
        opened = await stranger.get(answer.headers["location"])
    assert opened.content == LOG
    assert opened.headers["content-disposition"] == f'attachment; filename="{sha256[:12]}.txt"'
    (look,) = await disclosures.latest(engine, ticket_no="T-1")
    assert (look.what, look.why) == (f"evidence:{sha256}", "check")
    await page_server.sign_in(web, Role.RESPONDER, "body")
    assert (await web.get(address)).status_code == 403
    assert len(await disclosures.latest(engine, ticket_no="T-1")) == 1


async def test_through_us_it_has_its_own_name_and_is_never_what_its_hash_is_not(
    engine: AsyncEngine, web: httpx2.AsyncClient
) -> None:
    store, sha256 = await handed_in(engine)
    address = f"/api/v1/evidence/{sha256}?ticket_no=T-1"
    assert "%E7%8E%8B%E5%B0%8F%E6%98%8E.txt" in (await web.get(address)).headers["content-disposition"]
    await store.erase(sha256)
    await _forge(store, sha256)
    for asked in (address, f"{address}&direct=true"):
        refused = await web.get(asked)
        assert (refused.status_code, refused.json()["code"]) == (502, "evidence_damaged")


async def _forge(store: EvidenceStore, sha256: str) -> None:
    import obstore

    bucket = store._shelf._store
    await obstore.put_async(bucket, f"{sha256[:2]}/{sha256}", b"forged", use_multipart=False)


async def test_what_was_erased_says_so_and_keeps_its_hash(engine: AsyncEngine, web: httpx2.AsyncClient) -> None:
    store, sha256 = await handed_in(engine)
    done = await erasing.erase(engine, "T-1", at=NOW + timedelta(hours=1), by="x", why="x", is_forced=True)
    assert done.files == (sha256,)
    await store.erase(sha256)
    gone = await web.get(f"/api/v1/evidence/{sha256}?ticket_no=T-1")
    assert (gone.status_code, gone.json()["code"]) == (410, "personal_gone")
    (item,) = (await web.get("/api/v1/complaints/T-1/evidence")).json()["items"]
    assert (item["sha256"], item["is_erased"]) == (sha256, True)
    page = (await web.get("/complaints/T-1", headers=ENGLISH)).text
    assert f"erased with the customer's data · {sha256[:12]}" in text_of(page).replace("&#39;", "'")
    assert f"/api/v1/evidence/{sha256}" not in page
