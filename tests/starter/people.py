"""People who have signed in to a running API, for tests of what each of them may do."""

import hashlib
import secrets

import httpx2

from domain.commands import Role
from ledger import sessions
from settings import utc_now
from starter.embedded.parts import api_address
from starter.http.csrf import token_of
from starter.http.sessions import cookie_name
from tests.starter.api_server import RunningApi, a_ledger


async def signed_in(api: RunningApi, role: Role | str, department: str = "") -> httpx2.AsyncClient:
    """A browser in which this person is signed in, whose requests carry the session's token. Close it."""
    session_id = secrets.token_urlsafe(32)
    async with a_ledger(api.settings) as engine:
        await sessions.begin(
            engine,
            id_hash=hashlib.sha256(session_id.encode()).hexdigest(),
            person_id=f"t-{role}-{department or 'none'}",
            name={"zh": "某人", "en": f"A {role} of {department or 'none'}"},
            role=role,
            department=department,
            at=utc_now(),
        )
    return httpx2.AsyncClient(
        base_url=api_address(api.settings),
        cookies={cookie_name(api.settings): session_id},
        headers={"X-CSRF-Token": token_of(session_id), "Accept-Language": "en"},
        trust_env=False,
        timeout=30,
    )
