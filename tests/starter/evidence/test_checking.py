"""`vocloop evidence check` says what is wrong first: a store that is down is not told to be given rights."""

import socket
from pathlib import Path

import httpx2
import pytest

from settings import Settings
from starter.evidence.checking import check
from starter.evidence.opening import open_store
from starter.stopping import CannotGoOn


async def test_a_store_that_is_down_is_said_to_be_away(tmp_path: Path) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # and does not listen
        store = open_store(
            Settings(
                home=tmp_path,
                evidence_url="s3://kept",
                evidence_endpoint=f"http://127.0.0.1:{nobody.getsockname()[1]}",
                evidence_region="cn-north-1",
                evidence_key_id="vocloop",
                evidence_key_secret="not a secret",
            )
        )
        async with httpx2.AsyncClient(trust_env=False, verify=False) as http:
            with pytest.raises(CannotGoOn, match="The evidence store"):
                _ = [line async for line in check(store, http)]
