"""Signed events of tickets: by Standard Webhooks, within the window, by any of a connection's secrets, once."""

import json
from base64 import b64encode
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from standardwebhooks.webhooks import Webhook as Signer

from starter.api.crm_events import TYPE
from starter.api.crm_signatures import WINDOW, is_signed, secrets_in
from starter.crm_sim import triggers
from starter.stopping import CannotGoOn
from tests.builders import SECOND, T0
from tests.starter.api_server import RunningApi, a_home, a_ticket_body, a_ticket_no, api_of
from tests.starter.crm_process import a_crm, until
from tests.starter.processes import free_port

OLD, NEW, OTHER = (f"whsec_{b64encode(letter * 32).decode()}" for letter in (b"o", b"n", b"x"))
DOOR = "/api/v1/crm/hotline/events"


@pytest.fixture(scope="module")
async def api(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningApi]:
    """Temporal is away: what is taken is kept."""
    settings = await a_home(tmp_path_factory.mktemp("home"), temporal=f"127.0.0.1:{free_port()}")
    signing = f"hotline={NEW}, hotline={OLD},crm-sim={OTHER}"
    async with api_of(settings.model_copy(update={"crm_signing": signing})) as running:
        yield running


@pytest.fixture
async def sender(api: RunningApi) -> AsyncIterator[httpx2.AsyncClient]:
    """Somebody without a key."""
    async with api.client() as http:
        yield http


def an_event(**ticket: Any) -> dict[str, Any]:
    event = {
        "specversion": "1.0",
        "id": "evt-1",
        "source": "https://crm.example.com",
        "type": TYPE,
        "traceparent": "00",
    }
    return {**event, "data": a_ticket_body(**ticket)}


def signed(body: bytes, *secrets: str, at: datetime | None = None, message_id: str = "msg_1") -> dict[str, str]:
    """By the standard's own library, as a CRM would."""
    when = at or datetime.now(UTC)
    signatures = " ".join(Signer(secret).sign(message_id, when, body.decode()) for secret in secrets)
    stamp = str(int(when.timestamp()))
    names = {"webhook-id": message_id, "webhook-timestamp": stamp, "webhook-signature": signatures}
    return {"Content-Type": "application/cloudevents+json", **names}


async def sent(
    http: httpx2.AsyncClient, event: Any, *secrets: str, path: str = DOOR, **signing: Any
) -> httpx2.Response:
    body = event if isinstance(event, bytes) else json.dumps(event).encode()
    return await http.post(path, content=body, headers=signed(body, *secrets, **signing))


async def test_a_signed_event_takes_the_ticket_once(sender: httpx2.AsyncClient) -> None:
    event = an_event()
    first, again = [await sent(sender, event, NEW) for _ in range(2)]
    assert (first.status_code, again.status_code) == (202, 200)
    assert first.json()["ticket_no"] == event["data"]["ticket_no"]
    other = {**event, "data": {**event["data"], "risk_level": 4}}
    assert (await sent(sender, other, NEW)).json()["code"] == "ticket_conflict"


async def test_the_same_ticket_by_the_other_door_is_the_same(api: RunningApi, sender: httpx2.AsyncClient) -> None:
    event = an_event()
    assert (await sent(sender, event, NEW)).status_code == 202
    assert (await api.post("/tickets", event["data"])).status_code == 200


async def test_while_secrets_change_either_is_good(sender: httpx2.AsyncClient) -> None:
    for secrets in ((OLD,), (NEW,), (OTHER, OLD)):
        assert (await sent(sender, an_event(), *secrets)).status_code == 202


@pytest.mark.parametrize(
    ("secrets", "path", "late", "why"),
    [
        ((OTHER,), DOOR, timedelta(), "another connection's secret"),
        ((NEW,), "/api/v1/crm/nobody/events", timedelta(), "no such connection"),
        ((NEW,), DOOR, WINDOW + 5 * SECOND, "recorded and sent again later"),
        ((NEW,), DOOR, -WINDOW - 5 * SECOND, "signed in advance"),
    ],
)
async def test_what_is_not_signed_for_now_and_here_is_refused(
    sender: httpx2.AsyncClient, secrets: tuple[str, ...], path: str, late: timedelta, why: str
) -> None:
    answer = await sent(sender, an_event(), *secrets, path=path, at=datetime.now(UTC) - late)
    assert (answer.status_code, answer.json()["code"]) == (401, "bad_signature"), why


async def test_a_signature_is_of_these_very_bytes_and_this_id(sender: httpx2.AsyncClient) -> None:
    body = json.dumps(an_event()).encode()
    headers = signed(body, NEW)
    for other, named in ((body + b" ", headers), (body, {**headers, "webhook-id": "msg_2"}), (body, {})):
        answer = await sender.post(DOOR, content=other, headers={"Content-Type": "application/json", **named})
        assert answer.json()["code"] == "bad_signature"


@pytest.mark.parametrize(
    ("event", "status", "code"),
    [
        (b"{", 400, "unreadable_body"),
        ({**an_event(), "type": "com.example.deleted"}, 422, "malformed"),
        ({**an_event(), "specversion": "0.3"}, 422, "malformed"),
        (an_event(colour="red"), 422, "malformed"),
        (an_event(words="ends in \x00"), 422, "malformed"),
        (b" " * 65_537, 413, "too_large"),
    ],
)
async def test_a_signed_event_that_is_wrong_says_how(
    sender: httpx2.AsyncClient, event: Any, status: int, code: str
) -> None:
    answer = await sent(sender, event, NEW)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert "red" not in answer.text


async def test_the_reference_crm_sends_signed_events_too(api: RunningApi, tmp_path: Path) -> None:
    assert triggers.TYPE == TYPE
    with a_crm(tmp_path / "crm.db", "--trigger", str(api.http.base_url), "--trigger-secret", OTHER) as crm:
        ticket_no = a_ticket_no()
        crm.post("/tickets", a_ticket_body(ticket_no=ticket_no))
        until(lambda: crm.get(f"/tickets/{ticket_no}")["trigger"]["state"] != "pending")
        assert crm.get(f"/tickets/{ticket_no}")["trigger"]["answer"] == "HTTP 202"


@pytest.mark.parametrize(
    "setting", ["hotline", f"={NEW}", "hotline=secret", "hotline=whsec_c2hvcnQ=", f"hotline={NEW}!"]
)
def test_a_setting_that_is_no_secret_says_which_part_and_does_not_repeat_it(setting: str) -> None:
    with pytest.raises(CannotGoOn, match="Part 2 of VOCLOOP_CRM_SIGNING") as caught:
        secrets_in(f"good={OLD},{setting}")
    assert "whsec_c" not in str(caught.value)


@pytest.mark.parametrize("stamp", ["", "soon", "-1", "٣", "9" * 40])
def test_a_timestamp_that_is_none_is_no_reason_to_fail(stamp: str) -> None:
    headers = {"webhook-id": "msg_1", "webhook-timestamp": stamp, "webhook-signature": "v1,x"}
    assert not is_signed(headers, b"{}", secrets=[NEW], at=T0)
