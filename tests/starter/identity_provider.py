"""A real OpenID provider in a process of its own, and a person's way through it."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx2

from tests.starter.api_server import soon
from tests.starter.processes import free_port

PEOPLE = {
    "e-1024": {"name": "王小明", "groups": ["staff", "vocloop-powertrain-responder"]},
    "zhang@carmaker.example.com": {"name": "Zhang", "groups": ["vocloop-cx"]},
    "e-9": {"name": "Visitor", "groups": ["staff"]},
}


@asynccontextmanager
async def provider() -> AsyncIterator[str]:
    """Its issuer. It knows PEOPLE, and insists on a nonce."""
    port = free_port()
    known = [json.dumps({"sub": sub, **claims}) for sub, claims in PEOPLE.items()]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "oidc_provider_mock", "--port", str(port), "--require-nonce", "true"),
        *(part for claims in known for part in ("--user-claims", claims)),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    issuer = f"http://127.0.0.1:{port}"
    try:
        await soon(lambda: _answers(issuer))
        yield issuer
    finally:
        process.kill()
        await process.wait()


async def _answers(issuer: str) -> bool | None:
    try:
        async with httpx2.AsyncClient(trust_env=False) as http:
            return (await http.get(f"{issuer}/.well-known/openid-configuration")).is_success or None
    except httpx2.TransportError:
        return None


async def approved(browser: httpx2.AsyncClient, address: str, *, sub: str) -> str:
    """Say at the provider who one is; the address it sends the browser back to."""
    answer = await browser.post(address, data={"sub": sub})
    assert answer.status_code == 302, answer.text
    return str(answer.headers["location"])
