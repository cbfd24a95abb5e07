"""What is written into any field is text on every page: payloads are posted through all of them and looked for."""

import asyncio
import re
import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any
from urllib.parse import quote, urlsplit

import httpx2
import pytest

from domain.access import Permission
from domain.commands import Role
from settings import utc_now
from starter.http.keys import make
from tests.starter.api_server import RunningApi, a_ledger, a_ticket_body, an_api, by, soon
from tests.starter.people import signed_in
from tests.starter.web.payloads import MARK, PAYLOADS, Seen


class Haunted:
    """A running API into which every payload was written wherever something can be."""

    def __init__(self, api: RunningApi) -> None:
        self.api = api
        self.people: dict[Role, httpx2.AsyncClient] = {}
        self.tickets: dict[str, str] = {}  # where it stands → ticket number
        self.webhook_id = ""
        self.link = ""
        self.seen = 0

    async def look(self, role: Role, path: str, **post: Any) -> None:
        """The page as this person sees it holds payloads as text, if any."""
        method = "POST" if post else "GET"
        response = await self.people[role].request(method, path, data=post or None)
        assert response.status_code in (200, 404, 409, 422), (role, path, response.status_code)
        assert response.headers["content-type"].startswith("text/html"), path
        assert response.headers["x-content-type-options"] == "nosniff", path
        assert "unsafe-inline" not in response.headers["content-security-policy"]
        self.check(response.text, where=f"{role} {path}")

    def check(self, page: str, *, where: str) -> None:
        seen = Seen(page)
        assert seen.faults == [], where
        self.seen += seen.text.count(MARK)


async def _written(haunted: Haunted, payload: str) -> None:
    """One complaint of its own for each payload, with it in every field of the ticket and in a note."""
    api = haunted.api
    # Words that held the customer's own name would be masked, and with them the payload.
    customer = {"name": f"{payload}.", "phone": payload[:40], "email": payload}
    vehicle = {"vin": payload[:17], "plate": payload[:16], "brand": payload[:100], "model": payload}
    no = (await api.opened(words=payload, customer=customer, vehicle=vehicle))["ticket_no"]
    await _sent(api, no, "accept", actor={**by("powertrain"), "id": payload[:64]})
    await _sent(api, no, "post-progress", actor=by("powertrain"), note=payload)
    haunted.tickets[payload] = no


async def _sent(api: RunningApi, no: str, command: str, **body: Any) -> None:
    """A busy machine answers that it is queued, and, asked again under the same key, what became of it."""
    key = secrets.token_hex(8)

    async def decided() -> httpx2.Response | None:
        answer = await api.command(no, command, key=key, **body)
        return None if answer.status_code == 202 else answer

    response = await soon(decided, seconds=60)
    assert response.status_code == 200, (command, response.text)


async def _uploaded(api: RunningApi, no: str, text: str) -> dict[str, str]:
    form = {"ticket_no": no, "kind": "log", "by": text[:200]}
    file = {"file": (f"{text[:80]}.txt", f"{no} {text}".encode())}
    response = await api.http.post("/api/v1/evidence", data=form, files=file)
    assert response.status_code in (200, 201), response.text
    return {"kind": "log", "sha256": response.json()["sha256"]}


async def _triaged(haunted: Haunted, everything: str) -> None:
    body = a_ticket_body(PAYLOADS[5], words=everything)  # a tag that nobody knows waits for CX
    assert (await haunted.api.post("/tickets", body)).status_code == 202
    await haunted.api.until(body["ticket_no"], lambda complaint: complaint is not None)
    haunted.tickets["triage"] = body["ticket_no"]


async def _disputed(haunted: Haunted, everything: str) -> None:
    no = (await haunted.api.opened(words=everything))["ticket_no"]
    evidence = [await _uploaded(haunted.api, no, payload) for payload in PAYLOADS[:12]]
    await _sent(haunted.api, no, "contest", actor=by("powertrain"), evidence=evidence, note=everything)
    haunted.tickets["dispute"] = no


async def _claimed(haunted: Haunted, everything: str) -> None:
    """Accepted, with notes to what can be done then; claimed, answered by the customer on their page, claimed again."""
    api = haunted.api
    no = (await api.opened(words=everything, customer={"name": PAYLOADS[0]}))["ticket_no"]
    await _sent(api, no, "accept", actor=by("powertrain"))
    await _sent(api, no, "reclassify", actor=by("cx", "cx"), risk_level=3, note=everything)
    await _sent(api, no, "request-support", actor=by("powertrain"), department="electronics", note=everything)
    await _sent(api, no, "escalate", actor=by("powertrain", "manager"), note=everything)
    claim = {"actor": by("powertrain"), "note": everything, "root_cause": "design"}
    await _sent(api, no, "claim", **claim)
    haunted.link = urlsplit((await api.post(f"/complaints/{no}/customer-link", {})).json()["link"]).path
    async with api.client() as customer:
        answer = {"answer": "reject", "attitude": "5", "words": everything[:1900]}
        assert (await customer.post(haunted.link, data=answer)).status_code in (200, 303)
    await api.until(no, lambda complaint: complaint["stage"] == "in_work")
    await _sent(api, no, "claim", **claim)
    haunted.tickets["claim"] = no


async def _subscribed(haunted: Haunted) -> None:
    # Only what is printable ASCII may stand in an address at all.
    url = "https://erp.example.com/" + "".join(p.replace(" ", "+") for p in PAYLOADS if p.isascii() and "#" not in p)
    body = {"url": url[:900], "description": "".join(PAYLOADS)[:200], "departments": [p[:64] for p in PAYLOADS[:20]]}
    made = await haunted.api.post("/webhooks", body)
    assert made.status_code == 201, made.text
    haunted.webhook_id = made.json()["webhook_id"]


async def _named_key(haunted: Haunted) -> None:
    """A key whose name is a payload looks at personal data, for a reason that is one."""
    async with a_ledger(haunted.api.settings) as engine:
        scopes = list(Permission)
        key = (await make(engine, name=PAYLOADS[3], scopes=scopes, at=utc_now(), role=Role.CX, department="cx")).key
    async with haunted.api.client(key) as http:
        path = f"/api/v1/complaints/{haunted.tickets['claim']}/personal"
        assert (await http.post(path, json={"why": PAYLOADS[5]})).status_code == 200


async def _lists_kept(haunted: Haunted) -> None:
    for payload in PAYLOADS[:12]:
        form = {"name": payload[:80], "q": payload, "tag": payload[:64]}
        assert (await haunted.people[Role.RESPONDER].post("/queue/lists", data=form)).status_code == 303


@pytest.fixture(scope="module")
async def haunted(temporal_address: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Haunted]:
    """In an API of its own: the board's voices are the newest, and kept for a minute."""
    home = tmp_path_factory.mktemp("haunted")
    async with an_api(home, temporal=temporal_address) as api, _possessed(api) as found:
        yield found


@asynccontextmanager
async def _possessed(api: RunningApi) -> AsyncIterator[Haunted]:
    found, everything = Haunted(api), "\n".join(PAYLOADS)
    seats = {Role.RESPONDER: "powertrain", Role.MANAGER: "powertrain", Role.CX: "cx", Role.ARBITER: "quality"}
    async with AsyncExitStack() as stack:
        for role, department in {**seats, Role.OPS: "", Role.LEADERSHIP: ""}.items():
            found.people[role] = await stack.enter_async_context(await signed_in(api, role, department))
        few = asyncio.Semaphore(6)  # a burst on a busy machine is answered as queued

        async def written(payload: str) -> None:
            async with few:
                await _written(found, payload)

        await asyncio.gather(*(written(payload) for payload in PAYLOADS))
        for write in (_triaged, _disputed, _claimed):
            await write(found, everything)
        for put in (_subscribed, _named_key, _lists_kept):
            await put(found)
        yield found


async def test_a_complaints_page_shows_each_payload_as_text(haunted: Haunted) -> None:
    for payload in PAYLOADS:
        before = haunted.seen
        await haunted.look(Role.RESPONDER, f"/complaints/{haunted.tickets[payload]}")
        assert haunted.seen > before, payload
    for stands in ("triage", "dispute", "claim"):
        before = haunted.seen
        await haunted.look(Role.CX, f"/complaints/{haunted.tickets[stands]}")
        assert haunted.seen > before + 20, stands


async def test_personal_data_is_text_once_it_is_shown(haunted: Haunted) -> None:
    for payload in PAYLOADS:
        await haunted.look(Role.CX, f"/complaints/{haunted.tickets[payload]}/personal", why=payload)


@pytest.mark.parametrize(
    ("role", "path", "is_told"),
    [
        (Role.RESPONDER, "/queue", True),  # words in each row, names of saved lists
        (Role.RESPONDER, "/board", True),  # voices
        (Role.RESPONDER, "/board/wall", True),
        (Role.RESPONDER, "/board/figures", True),
        (Role.RESPONDER, "/notices", True),
        (Role.MANAGER, "/notices", False),
        (Role.LEADERSHIP, "/notices", False),
        (Role.CX, "/desk", True),
        (Role.CX, "/desk/triage/{triage}", True),
        (Role.CX, "/desk/calls", True),
        (Role.CX, "/desk/calls/{claim}", True),
        (Role.CX, "/desk/unreachable", False),
        (Role.CX, "/desk/escalations", True),
        (Role.ARBITER, "/desk/arbitration", True),
        (Role.ARBITER, "/desk/arbitration/{dispute}", True),
        (Role.OPS, "/webhooks", True),
        (Role.OPS, "/webhooks/{webhook}", True),
    ],
)
async def test_every_page_shows_what_was_written_as_text(
    haunted: Haunted, role: Role, path: str, is_told: bool
) -> None:
    before, filled = haunted.seen, path.format(**_where(haunted))
    await haunted.look(role, filled)
    assert haunted.seen > before or not is_told


def _where(haunted: Haunted) -> dict[str, str]:
    stands = {name: haunted.tickets[name] for name in ("triage", "claim", "dispute")}
    return {**stands, "webhook": haunted.webhook_id}


async def test_what_the_board_is_sent_while_it_stands_open_is_text(haunted: Haunted) -> None:
    async with haunted.people[Role.RESPONDER].stream("GET", "/board/live") as stream:
        assert stream.headers["x-content-type-options"] == "nosniff"
        sent: list[str] = []
        async for line in stream.aiter_lines():
            sent.append(line.removeprefix("data:"))
            if not line and len(sent) > 3:  # an event ends with an empty line
                break
    haunted.check("\n".join(sent), where="/board/live")


async def test_the_customers_page_shows_what_was_written_as_text(haunted: Haunted) -> None:
    async with haunted.api.client() as customer:
        for response in [
            await customer.get(haunted.link),
            await customer.post(haunted.link, data={"words": "\n".join(PAYLOADS)[:1900]}),  # no answer: it comes again
        ]:
            before = haunted.seen
            haunted.check(response.text, where="/c/")
            assert haunted.seen > before


@pytest.mark.parametrize(
    ("role", "path"),
    [
        (Role.RESPONDER, "/queue?q={}&tag={}&department={}&cursor={}"),
        (Role.RESPONDER, "/complaints/{}"),
        (Role.RESPONDER, "/complaints/T-1?done={}&queued={}"),
        (Role.RESPONDER, "/{}"),
        (Role.RESPONDER, "/sign-in?next={}"),
        (Role.RESPONDER, "/notices?kind={}"),
        (Role.OPS, "/webhooks/{}"),
        (Role.RESPONDER, "/c/{}"),
    ],
)
async def test_what_stands_in_an_address_is_never_markup(haunted: Haunted, role: Role, path: str) -> None:
    for payload in PAYLOADS:
        response = await haunted.people[role].get(path.replace("{}", quote(payload[:64], safe="")))
        assert response.status_code < 500, payload
        assert MARK not in response.headers.get("content-type", "")
        if "html" in response.headers.get("content-type", ""):
            haunted.check(response.text, where=f"{path} {payload}")


async def test_a_form_that_comes_again_keeps_what_was_typed_as_text(haunted: Haunted) -> None:
    no = haunted.tickets["claim"]  # under verification: no transfer now
    for payload in PAYLOADS:
        form = {"key": "k", "to": payload, "note": payload, "clause": payload, "root_cause": payload}
        await haunted.look(Role.RESPONDER, f"/complaints/{no}/acts/transfer", **form)


async def test_json_says_that_it_is_json_and_is_not_guessed_at(haunted: Haunted) -> None:
    claim = haunted.tickets["claim"]
    for path in (f"/complaints/{claim}", f"/complaints/{claim}/timeline", "/notices", "/disclosures", "/webhooks"):
        response = await haunted.api.http.get(f"/api/v1{path}")
        assert response.headers["content-type"] == "application/json"
        assert response.headers["x-content-type-options"] == "nosniff"
    problem = await haunted.api.post("/tickets", {PAYLOADS[0]: PAYLOADS[1]})
    assert (problem.headers["content-type"], MARK in problem.text) == ("application/problem+json", False)


async def test_a_file_whose_name_is_markup_is_saved_under_a_plain_one(haunted: Haunted) -> None:
    no = haunted.tickets["dispute"]
    for payload in PAYLOADS[:12]:
        sha256 = (await _uploaded(haunted.api, no, payload))["sha256"]
        response = await haunted.api.http.get(f"/api/v1/evidence/{sha256}", params={"ticket_no": no})
        assert response.headers["x-content-type-options"] == "nosniff"
        assert "html" not in response.headers["content-type"]
        names = re.findall(r"filename\*?=(?:\"([^\"]*)\"|([^;]*))", response.headers["content-disposition"])
        assert names
        assert not [name for name in names if set("<>'\"&") & set("".join(name).removeprefix("UTF-8''"))]


@pytest.mark.parametrize("page", ["<xss9>", "<p onclick=x>", "<a href='//xss9.example'>", "<script>1</script>"])
def test_what_got_through_would_be_seen(page: str) -> None:
    assert Seen(page).faults
