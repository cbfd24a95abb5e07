"""Letters and text messages that a provider brings by a signed call, and channels that a secret is kept to."""

import json
from base64 import b64encode
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest
from standardwebhooks.webhooks import Webhook as Signer

from ledger import campaigns, notes, tickets
from starter.api.crm_signatures import channels_in
from starter.campaigns import marks_of
from starter.stopping import CannotGoOn
from tests.starter.api.test_crm_events import an_event
from tests.starter.api_server import RunningApi, a_ledger, an_api, soon
from tests.starter.letters_in.post_office import a_letter

SECRET = f"whsec_{b64encode(b'l' * 32).decode()}"
SIGNING = ",".join(f"{name}={SECRET}" for name in ("post", "texts", "app"))


@pytest.fixture(scope="module")
async def api(temporal_address: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningApi]:
    kept_to = "post=email,texts=sms,app=app+qr"
    home = tmp_path_factory.mktemp("letters")
    async with an_api(home, temporal=temporal_address, crm_signing=SIGNING, crm_channels=kept_to) as running:
        yield running


async def sent(api: RunningApi, path: str, body: bytes, *, secret: str = SECRET) -> httpx2.Response:
    now = datetime.now(UTC)
    kind = "application/json" if body.startswith(b"{") else "message/rfc822"
    names = {"Content-Type": kind, "webhook-id": "m-1", "webhook-timestamp": str(int(now.timestamp()))}
    headers = {**names, "webhook-signature": Signer(secret).sign("m-1", now, body.decode("utf-8"))}
    async with api.client() as http:
        return await http.post(f"/api/v1/crm{path}", content=body, headers=headers)


async def texted(api: RunningApi, **said: Any) -> httpx2.Response:
    body = {"id": "1", "from": "+8613800007777", "text": "车门关不上", **said}
    return await sent(api, "/texts/texts", json.dumps(body).encode())


async def test_a_letter_is_a_ticket_once(api: RunningApi) -> None:
    letter = a_letter("Third repair, and the noise is still there.", Message_ID="<api@x>")
    first, again = await sent(api, "/letters/post", letter), await sent(api, "/letters/post", letter)
    assert (first.status_code, first.json()["what"]) == (202, "new")
    assert (again.status_code, again.json()) == (200, {**first.json(), "what": "again"})
    view = await api.until(first.json()["ticket_no"], lambda complaint: complaint is not None)
    assert view["ticket"]["channel"] == "email"
    aside = await sent(api, "/letters/post", a_letter(Auto_Submitted="auto-replied"))
    assert (aside.status_code, aside.json()) == (200, {"what": "aside", "ticket_no": "", "why": "automatic"})


async def test_a_text_message_is_a_ticket_and_the_next_one_is_added_to_it(api: RunningApi) -> None:
    first = await texted(api, id="t-1")
    assert (first.status_code, first.json()["what"]) == (202, "new")
    number = first.json()["ticket_no"]
    await api.until(number, lambda complaint: complaint is not None)

    async def added() -> bool | None:
        answer = await texted(api, id="t-2", text="还是关不上")  # its number is known within a look of three seconds
        return (answer.json()["what"] in ("added", "again") and answer.json()["ticket_no"] == number) or None

    async with a_ledger(api.settings) as engine:
        ticket = await tickets.get(engine, number)
        assert ticket is not None
        marks = marks_of(ticket.customer, secret=api.settings.secret_key)

        async def is_known() -> bool | None:
            found = await campaigns.marked(engine, marks, since=ticket.created_at, until=ticket.created_at, limit=9)
            return number in found or None

        await soon(is_known)
        await soon(added)
        written = [note.text for note in await notes.of_ticket(engine, number) if note.author == "customer"]
    assert len(written) == 1
    assert written[0].endswith("还是关不上")
    assert (await texted(api, id="t-2", text="还是关不上")).json()["what"] == "again"


@pytest.mark.parametrize(
    "said", [{"from": "not a number"}, {"text": ""}, {"id": ""}, {"text": "x" * 5_001}, {"at": "2026-03-02T09:00:00"}]
)
async def test_what_is_no_text_message_is_refused(api: RunningApi, said: dict[str, Any]) -> None:
    assert (await texted(api, **said)).status_code == 422


async def test_nobody_brings_letters_without_the_secret(api: RunningApi) -> None:
    other = f"whsec_{b64encode(b'z' * 32).decode()}"
    for path, body in (("/letters/post", a_letter()), ("/texts/texts", b"{}")):
        answer = await sent(api, path, body, secret=other)
        assert (answer.status_code, answer.json()["code"]) == (401, "bad_signature")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/letters/texts", a_letter()),
        ("/texts/post", json.dumps({"id": "1", "from": "13800001111", "text": "x"}).encode()),
        ("/app/events", json.dumps(an_event(channel="telematics")).encode()),
    ],
)
async def test_a_secret_speaks_only_for_its_channels(api: RunningApi, path: str, body: bytes) -> None:
    answer = await sent(api, path, body)
    assert (answer.status_code, answer.json()["code"]) == (403, "not_its_channel")


async def test_and_for_those_it_does(api: RunningApi) -> None:
    assert (await sent(api, "/app/events", json.dumps(an_event(channel="qr")).encode())).status_code == 202


@pytest.mark.parametrize("setting", ["app", "app=", "=app"])
def test_what_is_no_list_of_channels_is_said_before_anything_starts(setting: str) -> None:
    with pytest.raises(CannotGoOn, match="write app=app"):
        channels_in(setting)
