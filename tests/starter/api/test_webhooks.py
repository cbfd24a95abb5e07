"""Webhooks over the API, sent by the running worker to a real receiver."""

from typing import Any

import pytest

from tests.activities.receiver import Receiver, Reply, a_receiver
from tests.starter.api_server import RunningApi, soon

URL = "https://erp.example.com/hooks"


async def made(api: RunningApi, **body: Any) -> dict[str, Any]:
    response = await api.post("/webhooks", {"url": URL, **body})
    assert response.status_code == 201, response.text
    return dict(response.json())


async def test_a_subscription_is_made_changed_rotated_and_removed_and_its_secret_shown_once(
    running_api: RunningApi,
) -> None:
    new = await made(running_api, kinds=["closed"], description="ERP")
    path = f"/webhooks/{new['webhook_id']}"
    assert new["secret"].startswith("whsec_")
    shown = await running_api.get(path)
    assert "secret" not in shown
    changed = await running_api.http.patch(f"/api/v1{path}", json={"kinds": [], "is_active": False})
    assert (changed.json()["kinds"], changed.json()["disabled_why"]) == ([], "operator")
    assert changed.json()["description"] == "ERP"
    rotated = (await running_api.post(f"{path}/rotate-secret", {})).json()
    assert rotated["secret"] != new["secret"]
    assert rotated["previous_until"]
    assert (await running_api.http.delete(f"/api/v1{path}")).status_code == 204
    assert (await running_api.http.get(f"/api/v1{path}")).json()["code"] == "unknown_webhook"


@pytest.mark.parametrize(
    "body",
    [
        {"url": "http://erp.example.com/"},  # in clear
        {"url": "https://169.254.169.254/latest/meta-data"},
        {"url": "https://localhost:8080/api/v1/webhooks"},
        {"url": URL, "kinds": ["exploded"]},
        {"url": URL, "secret": "mine"},
    ],
)
async def test_what_must_not_be_subscribed_is_refused(running_api: RunningApi, body: dict[str, Any]) -> None:
    response = await running_api.post("/webhooks", body)
    assert (response.status_code, response.json()["code"]) == (422, "malformed")


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_nobody_subscribes_without_being_known(running_api: RunningApi, method: str) -> None:
    anonymous = {"Authorization": "Bearer voc_nobody"}
    response = await running_api.http.request(method, "/api/v1/webhooks", json={"url": URL}, headers=anonymous)
    assert (response.status_code, response.json()["code"]) == (401, "not_signed_in")


async def test_a_complaints_events_arrive_and_the_log_tells_and_sends_again(running_api: RunningApi) -> None:
    async with a_receiver() as receiver:
        new = await made(running_api, url=receiver.url, kinds=["opened", "dispatched"])
        receiver.secrets.append(new["secret"])
        no = (await running_api.opened())["ticket_no"]
        mine = await _of(receiver, no, 2)
        assert [message.event["type"].split(".")[3] for message in mine] == ["opened", "dispatched"]
        log = f"/webhooks/{new['webhook_id']}/deliveries"
        page = await _delivered(running_api, log, no, 2)
        again = await running_api.post(f"{log}/{page[0]['delivery_id']}/send-again", {})
        assert (again.status_code, again.json()["state"]) == (202, "pending")
        assert len({message.headers["webhook-id"] for message in await _of(receiver, no, 3)}) == 2
        whole = await running_api.get(f"{log}/{page[0]['delivery_id']}")
        assert whole["attempts"][0]["status"] == 200
        await running_api.http.delete(f"/api/v1/webhooks/{new['webhook_id']}")


async def _of(receiver: Receiver, ticket_no: str, number: int) -> list[Any]:
    async def look() -> list[Any] | None:
        mine = [message for message in receiver.messages if message.event.get("subject") == ticket_no]
        return mine if len(mine) >= number else None

    return await soon(look)


async def _delivered(api: RunningApi, log: str, ticket_no: str, number: int) -> list[dict[str, Any]]:
    async def look() -> list[dict[str, Any]] | None:
        items = (await api.get(log, ticket_no=ticket_no, state="delivered"))["items"]
        return items if len(items) == number else None

    return await soon(look)


async def test_a_ping_says_whether_a_receiver_listens_and_pages_of_the_log_go_on(running_api: RunningApi) -> None:
    async with a_receiver() as receiver:
        receiver.answer = lambda _: Reply(204)
        new = await made(running_api, url=receiver.url, kinds=["customer_reminded"])  # after days: nobody is here
        path = f"/webhooks/{new['webhook_id']}"
        for _ in range(3):
            assert (await running_api.post(f"{path}/ping", {})).status_code == 202
        await receiver.got(3)
        first = await running_api.get(f"{path}/deliveries", limit=2)
        second = await running_api.get(f"{path}/deliveries", limit=2, cursor=first["next_cursor"])
    assert [len(first["items"]), len(second["items"]), second["next_cursor"]] == [2, 1, None]
    assert {item["type"] for item in first["items"]} == {"com.vocloop.ping.v1"}
    await running_api.http.delete(f"/api/v1{path}")


async def test_replay_brings_what_came_before_the_subscription(running_api: RunningApi) -> None:
    opened = await running_api.opened()
    async with a_receiver() as receiver:
        new = await made(running_api, url=receiver.url, kinds=["dispatched"])
        receiver.secrets.append(new["secret"])
        path = f"/webhooks/{new['webhook_id']}"
        since = opened["ticket"]["created_at"]
        response = await running_api.post(f"{path}/replay", {"since": since})
        assert (response.status_code, response.json()["next_since"]) == (202, None)
        assert response.json()["queued"] >= 1
        await _of(receiver, opened["ticket_no"], 1)
        await running_api.http.delete(f"/api/v1{path}")
