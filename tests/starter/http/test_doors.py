"""Every route of the app against every role, of the department that has the complaint and of another one."""

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from typing import Any, NamedTuple

import httpx2
import pytest
from fastapi.routing import iter_route_contexts

from domain.access import DEPARTMENTAL, EMPLOYED, Permission
from domain.commands import Role
from policy.reading import load
from settings import Settings, utc_now
from starter.http.keys import make
from starter.http.principals import Needs
from starter.server import create_app
from tests.starter.api_server import RunningApi, a_ledger
from tests.starter.people import signed_in

# Who may come here needs no permission, and why.
OPEN = {
    "/openapi.json": "the API's description holds nothing of anybody's",
    "/docs": "the same for people",
    "/healthz": "a supervisor has no key",
    "/readyz": "a supervisor has no key",
    "/static/{path:path}": "style and script of the sign-in page itself",
    "/language/{language}": "sets a cookie of the visitor's own",
    "/sign-in": "is the way in",
    "/sign-in/provider": "is the way in",
    "/sign-in/callback": "is the way in",
    "/sign-in/demo": "is the way in, on this machine alone; has a token of its own",
    "/sign-out": "ends one's own session; checks its token itself",
    "/api/v1/crm/{connection}/events": "checks a signature itself; tests/starter/api/test_crm_events.py",
    "/api/v1/crm/letters/{connection}": "checks a signature itself; tests/starter/api/test_letters.py",
    "/api/v1/crm/texts/{connection}": "checks a signature itself; tests/starter/api/test_letters.py",
    "/c/{token}": "the customer's page has a token of its own",
    "/report": "anybody may report a complaint, where the setting opens it; tests/starter/web/test_report.py",
    "/report/done": "says the number that its own proof holds",
}
OWN, FOREIGN = "powertrain", "chassis"
NOBODYS = "NOBODY-1"

# Routes that look at the one complaint: what must be sent so that they do.
OF_ONE_COMPLAINT: dict[tuple[str, str], dict[str, Any]] = {
    ("POST", "/api/v1/complaints/{ticket_no}/personal"): {"json": {"why": "to call back"}},
    ("POST", "/api/v1/complaints/{ticket_no}/customer-link"): {"json": {}},
    ("POST", "/api/v1/complaints/{ticket_no}/customer-link/revoke"): {"json": {}},
    ("POST", "/api/v1/complaints/{ticket_no}/goodwill"): {"json": {"region": "east", "kind": "money", "fen": 100}},
    ("POST", "/api/v1/notes"): {"json": {"ticket_no": "{ticket_no}", "text": "seen"}},
    ("POST", "/api/v1/evidence"): {"data": {"ticket_no": "{ticket_no}", "kind": "log"}, "files": {"file": b"trace\n"}},
    ("GET", "/api/v1/evidence/{sha256}"): {"params": {"ticket_no": "{ticket_no}"}},
}


class Door(NamedTuple):
    method: str
    path: str
    permission: Permission | None

    @property
    def is_page(self) -> bool:
        return not self.path.startswith(("/api/", "/metrics"))


class Caller(NamedTuple):
    role: Role
    department: str
    http: httpx2.AsyncClient


def doors() -> Iterator[Door]:
    """Every route of the app, whoever made it."""
    for route in iter_route_contexts(create_app(Settings()).routes):
        dependant = getattr(route, "dependant", None)
        asked = [each.call for each in dependant.dependencies] if dependant else []
        needed = next((call.permission for call in asked if isinstance(call, Needs)), None)
        for method in sorted(set(route.methods or ()) - {"HEAD", "OPTIONS"}):
            yield Door(method, str(route.path), needed)


DOORS = tuple(doors())
GUARDED = tuple(door for door in DOORS if door.permission)


@pytest.fixture(scope="module")
async def callers(running_api: RunningApi) -> AsyncIterator[tuple[Caller, ...]]:
    seats = [(role, department) for role in EMPLOYED for department in (OWN, FOREIGN)]
    async with AsyncExitStack() as stack:
        yield tuple(
            [Caller(*seat, await stack.enter_async_context(await signed_in(running_api, *seat))) for seat in seats]
        )


async def asked(http: httpx2.AsyncClient, door: Door, *, ticket_no: str = NOBODYS) -> tuple[int, str]:
    """The answer's status, and its code where it is a problem. What it streams is not waited for."""
    path = re.sub(r"\{(\w+)(:\w+)?\}", lambda found: {"ticket_no": ticket_no}.get(found[1], "0" * 64), door.path)
    sent = _filled(OF_ONE_COMPLAINT.get((door.method, door.path), {}), ticket_no)
    if door.method != "GET" and not sent:
        sent = {"json": {}}
    async with http.stream(door.method, path, **sent) as response:
        if response.status_code < 400 or "json" not in response.headers["content-type"]:
            return response.status_code, response.headers.get("location", "")
        await response.aread()
        return response.status_code, str(response.json()["code"])


def _filled(value: Any, ticket_no: str) -> Any:
    if isinstance(value, dict):
        return {key: _filled(each, ticket_no) for key, each in value.items()}
    return value.replace("{ticket_no}", ticket_no) if isinstance(value, str) else value


def test_every_route_says_what_it_needs_or_why_it_is_open() -> None:
    undeclared = {door.path for door in DOORS if door.permission is None}
    assert undeclared == set(OPEN)
    assert len(GUARDED) > 30


async def test_nobody_comes_in_without_credentials(running_api: RunningApi) -> None:
    async with running_api.client() as http:
        for door in GUARDED:
            status, said = await asked(http, door)
            if door.is_page:
                assert (status, said.partition("?")[0]) == (303, "/sign-in"), door
            else:
                assert (status, said) == (401, "not_signed_in"), door


async def test_a_role_comes_in_where_the_policy_lets_it_and_nowhere_else(callers: tuple[Caller, ...]) -> None:
    access = load().access
    for door in GUARDED:
        for caller in callers:
            status, said = await asked(caller.http, door)
            where = (door, caller[:2], status, said)
            assert status < 500, where
            if door.permission in access.of(caller.role):
                assert said != "not_permitted", where
                assert status != 401, where
                assert not said.startswith("/sign-in"), where
            else:
                assert status == 403, where
                assert said in ("not_permitted", ""), where


async def test_a_key_comes_in_where_its_scopes_let_it_and_nowhere_else(running_api: RunningApi) -> None:
    for scope in Permission:
        async with running_api.client(await a_key(running_api, scope)) as http:
            for door in (door for door in GUARDED if door.permission is scope):
                assert (await asked(http, door))[1] != "not_permitted", (scope, door)
    async with running_api.client(await a_key(running_api)) as http:
        for door in GUARDED:
            assert await asked(http, door) == (403, "" if door.is_page else "not_permitted"), door


async def a_key(api: RunningApi, *scopes: Permission) -> str:
    async with a_ledger(api.settings) as engine:
        return (await make(engine, name="a system", scopes=scopes, at=utc_now())).key


async def test_what_is_personal_is_told_to_those_whose_complaint_it_is(
    running_api: RunningApi, callers: tuple[Caller, ...]
) -> None:
    ticket_no, access = (await running_api.opened())["ticket_no"], load().access
    checked = 0
    for door in [door for door in GUARDED if (door.method, door.path) in OF_ONE_COMPLAINT]:
        for caller in (each for each in callers if door.permission in access.of(each.role)):
            status, said = await asked(caller.http, door, ticket_no=ticket_no)
            is_theirs = caller.department == OWN or caller.role in (Role.CX, Role.COORDINATOR)
            assert (said != "not_concerned") == is_theirs, (door, caller[:2], status, said)
            checked += 1
    assert checked > 30


async def test_another_department_does_not_act_on_it(running_api: RunningApi, callers: tuple[Caller, ...]) -> None:
    ticket_no = (await running_api.opened())["ticket_no"]
    accept = next(door for door in GUARDED if door.path.endswith("/accept") and not door.is_page)
    for caller in callers:
        if caller.role in DEPARTMENTAL and caller.department == FOREIGN:
            assert await asked(caller.http, accept, ticket_no=ticket_no) == (409, "not_yours")
    mine = next(each for each in callers if each[:2] == (Role.RESPONDER, OWN))
    assert (await asked(mine.http, accept, ticket_no=ticket_no))[0] == 200


async def test_nothing_changes_without_the_sessions_token(running_api: RunningApi) -> None:
    async with await signed_in(running_api, Role.CX, "cx") as http:
        http.headers["X-CSRF-Token"] = "0" * 64
        for door in (door for door in GUARDED if door.method != "GET"):
            status, said = await asked(http, door)
            assert (status, said) == (403, "" if door.is_page else "csrf"), door
