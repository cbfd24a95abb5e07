"""A real S3 over HTTP, moto's, and stores in it. It honours create-only; it does not check signatures."""

import itertools
from functools import cache
from pathlib import Path
from typing import Any

import httpx2

from settings import Settings
from starter.evidence.opening import open_store
from starter.evidence.store import EvidenceStore

_numbers = itertools.count(1)
REGION = "cn-north-1"


@cache
def server() -> str:
    """Its address; one for the process, with which it ends."""
    from moto.server import ThreadedMotoServer  # two seconds, for those alone who need it

    moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    moto.start()
    host, port = moto.get_host_and_port()
    return f"http://{host}:{port}"


def a_bucket() -> str:
    name = f"evidence-{next(_numbers)}"
    made = httpx2.put(f"{server()}/{name}", trust_env=False)
    assert made.status_code == 200, made.text
    return name


def s3_settings(home: Path, *, bucket: str = "", prefix: str = "vocloop/kept") -> dict[str, Any]:
    """Fields of the settings; each upper-cased after VOCLOOP_ is the environment's variable."""
    return {
        "home": home,
        "evidence_url": f"s3://{bucket or a_bucket()}/{prefix}",
        "evidence_endpoint": server(),
        "evidence_region": REGION,
        "evidence_key_id": "vocloop",
        "evidence_key_secret": "not a secret",
    }


def a_store(where: str, home: Path) -> EvidenceStore:
    """`where` is "disk" or "s3"."""
    return open_store(Settings(**(s3_settings(home) if where == "s3" else {"home": home})))
