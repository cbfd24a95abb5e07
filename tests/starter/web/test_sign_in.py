"""People come in by the company's provider, or in the demo by one click; and a session is nobody else's."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from domain.access import EMPLOYED
from settings import Settings
from starter.embedded.parts import api_address
from tests.starter.api_server import RunningApi, a_home, api_of
from tests.starter.identity_provider import approved, provider


@pytest.fixture(scope="module")
async def company(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningApi]:
    """An API whose people sign in at a provider. Temporal is away, which keeps nobody out."""
    async with provider() as issuer:
        home = await a_home(tmp_path_factory.mktemp("company"), temporal="127.0.0.1:1")
        asked = {"oidc_issuer": issuer, "oidc_client_id": "vocloop", "oidc_client_secret": "s3cret"}
        async with api_of(home.model_copy(update=asked)) as api:
            yield api


def browser(settings: Settings) -> httpx2.AsyncClient:
    """It keeps cookies and follows nothing by itself. Close it."""
    return httpx2.AsyncClient(base_url=api_address(settings), trust_env=False, timeout=30)


async def sent_back(http: httpx2.AsyncClient, *, sub: str, next_path: str = "/") -> str:
    """Leave for the provider and say there who one is; where that sends the browser."""
    left = await http.get("/sign-in/provider", params={"next": next_path})
    assert left.status_code == 302, left.text
    return await approved(http, left.headers["location"], sub=sub)


async def test_a_person_comes_in_through_the_provider_as_what_their_group_makes_them(company: RunningApi) -> None:
    async with browser(company.settings) as http:
        arrived = await http.get(await sent_back(http, sub="e-1024", next_path="/queue?light=red"))
        assert (arrived.status_code, arrived.headers["location"]) == (303, "/queue?light=red")
        said = arrived.headers["set-cookie"]
        assert re.search(r"vocloop=[\w-]{43}; HttpOnly; Max-Age=43200; Path=/; SameSite=lax", said)
        assert (await http.get("/api/v1/complaints")).status_code == 200
        assert "王小明" in (await http.get("/sign-in")).text
        assert (await http.get("/api/v1/notices", params={"department": "powertrain"})).status_code == 200
        assert (await http.get("/api/v1/notices", params={"department": "chassis"})).status_code == 403


async def test_the_way_to_the_provider_is_guarded_by_state_nonce_and_a_challenge(company: RunningApi) -> None:
    async with browser(company.settings) as http:
        left = await http.get("/sign-in/provider")
    asked = parse_qs(urlsplit(left.headers["location"]).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert all(len(asked[part][0]) >= 20 for part in ("state", "nonce", "code_challenge"))
    assert asked["redirect_uri"] == [f"{company.settings.base_url}/sign-in/callback"]


async def test_who_is_in_no_group_of_ours_is_told_so_and_stays_outside(company: RunningApi) -> None:
    async with browser(company.settings) as http:
        arrived = await http.get(await sent_back(http, sub="e-9"), headers={"Accept-Language": "en"})
        assert (arrived.status_code, "ask ops to put it into the vocloop group" in arrived.text) == (403, True)
        assert (await http.get("/api/v1/complaints")).status_code == 401


async def test_an_address_as_subject_does_not_travel_with_commands(company: RunningApi) -> None:
    async with browser(company.settings) as http:
        await http.get(await sent_back(http, sub="zhang@carmaker.example.com"))
        ticket = {"ticket_no": "OIDC-1", "created_at": "2026-03-02T09:00:00+08:00"}
        token = re.findall(r'name="csrf" value="(\w{64})"', (await http.get("/sign-in")).text)[0]
        assert (await http.post("/api/v1/tickets", json=ticket, headers={"X-CSRF-Token": token})).status_code == 202
        sent = {"note": "He was called."}
        queued = await http.post("/api/v1/complaints/OIDC-1/post-progress", json=sent, headers={"X-CSRF-Token": token})
    assert queued.status_code == 202, queued.text
    ledger = (company.settings.home / "ledger.db").read_bytes() + (company.settings.home / "ledger.db-wal").read_bytes()
    assert b"zhang@carmaker" not in ledger


@pytest.mark.parametrize("what", ["another browser", "a second time", "another state", "a refusal"])
async def test_what_comes_back_counts_once_and_only_in_the_browser_that_left(company: RunningApi, what: str) -> None:
    async with browser(company.settings) as http, browser(company.settings) as other:
        back = await sent_back(http, sub="e-1024")
        if what == "another browser":
            http = other  # a victim who is led to an attacker's callback
        elif what == "a second time":
            assert (await http.get(back)).status_code == 303
            http.cookies.delete("vocloop")
        elif what == "another state":
            back = re.sub(r"state=\w+", "state=forged", back)
        else:
            back = re.sub(r"code=[^&]+", "error=access_denied", back)
        answer = await http.get(back, headers={"Accept-Language": "en"})
        assert (answer.status_code, "please start again" in answer.text) == (400, True)
        assert (await http.get("/api/v1/complaints")).status_code == 401


async def test_a_provider_that_is_away_is_a_sentence(tmp_path: Path) -> None:
    home = await a_home(tmp_path, temporal="127.0.0.1:1")
    asked = {"oidc_issuer": "http://127.0.0.1:1", "oidc_client_id": "vocloop"}
    async with api_of(home.model_copy(update=asked)) as api, browser(api.settings) as http:
        answer = await http.get("/sign-in/provider", headers={"Accept-Language": "en"})
    assert (answer.status_code, "does not answer" in answer.text) == (502, True)


async def test_signing_out_ends_the_session_wherever_its_cookie_was_copied_to(company: RunningApi) -> None:
    async with browser(company.settings) as http, browser(company.settings) as thief:
        await http.get(await sent_back(http, sub="e-1024"))
        thief.cookies.update(http.cookies)
        assert (await thief.get("/api/v1/complaints")).status_code == 200
        token = re.findall(r'name="csrf" value="(\w{64})"', (await http.get("/sign-in")).text)[0]
        assert (await http.post("/sign-out")).status_code == 403  # another site could have sent that
        assert (await http.post("/sign-out", data={"csrf": token})).headers["location"] == "/sign-in"
        assert (await thief.get("/api/v1/complaints")).status_code == 401


async def test_with_a_provider_there_is_no_demo(company: RunningApi) -> None:
    async with browser(company.settings) as http:
        page = (await http.get("/sign-in")).text
        token = demo_token(page)
        assert "demo" not in page
        assert (await http.post("/sign-in/demo", data={"seat": "ops:", "csrf": token})).status_code == 404


def demo_token(page: str) -> str:
    return str((re.findall(r'name="csrf" value="(\w{64})"', page) or ["none"])[-1])


async def clicked(http: httpx2.AsyncClient, seat: str, **headers: str) -> httpx2.Response:
    token = demo_token((await http.get("/sign-in")).text)
    form = {"seat": seat, "csrf": token, "next": "//evil.example/"}
    return await http.post("/sign-in/demo", data=form, headers=headers)


async def test_in_the_demo_one_click_makes_anybody_of_anyone(running_api: RunningApi) -> None:
    async with browser(running_api.settings) as http:
        seats = re.findall(r'name="seat" value="([\w:]+)"', (await http.get("/sign-in")).text)
    assert {seat.partition(":")[0] for seat in seats} == set(EMPLOYED)
    for seat in (*seats[:8], "vp:chassis"):
        async with browser(running_api.settings) as http:
            came_in = await clicked(http, seat)
            assert (came_in.status_code, came_in.headers["location"]) == (303, "/")  # never to another site
            assert (await http.get("/api/v1/complaints")).status_code in (200, 403)
            assert (await http.get("/sign-in")).text.count("/sign-out") == 1


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ({"Origin": "https://evil.example"}, "a form on another site"),
        ({"Origin": "null"}, "a form in a sandbox"),
        ({"Origin": "http://["}, "no origin at all"),
        ({"Sec-Fetch-Site": "cross-site"}, "the browser says so itself"),
        ({"Sec-Fetch-Site": "same-site"}, "another port of this machine is another site's, too"),
    ],
)
async def test_another_site_signs_nobody_in(running_api: RunningApi, headers: dict[str, str], reason: str) -> None:
    async with browser(running_api.settings) as http:
        assert (await clicked(http, "ops:", **headers)).status_code == 403, reason
        assert (await http.post("/sign-in/demo", data={"seat": "ops:"})).status_code == 403
        assert (await http.get("/api/v1/complaints")).status_code == 401


PROXIES = ("X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP", "Forwarded", "Via")


@pytest.mark.parametrize("header", PROXIES)
async def test_whom_a_proxy_brings_gets_no_demo_though_we_listen_on_loopback(
    running_api: RunningApi, header: str
) -> None:
    async with browser(running_api.settings) as http:
        assert (await clicked(http, "ops:", **{header: "x"})).status_code == 404
        page = await http.get("/sign-in", headers={header: "x", "Accept-Language": "en"})
        assert ("You come through a proxy" in page.text, 'name="seat"' in page.text) == (True, False)
        assert (await http.get("/api/v1/complaints")).status_code == 401


async def test_an_id_that_was_planted_before_is_worth_nothing_after(running_api: RunningApi) -> None:
    planted = "A" * 43
    async with browser(running_api.settings) as http:
        http.cookies.set("vocloop", planted, domain="127.0.0.1", path="/")
        came_in = await clicked(http, "cx:cx")
        assert planted not in came_in.headers["set-cookie"]
    async with browser(running_api.settings) as http:
        http.cookies.set("vocloop", planted, domain="127.0.0.1", path="/")
        assert (await http.get("/api/v1/complaints")).status_code == 401
