"""Goodwill through the API: who may ask, what is answered, and that sent again it is the same."""

from typing import Any

from domain.commands import Role
from tests.starter.api_server import RunningApi, soon
from tests.starter.people import signed_in

MANAGER = {"role": "manager", "department": "powertrain", "id": "m-1"}
DESK = {"role": "director", "department": "service", "id": "d-1"}
WHY = "三次维修，客户等了五周"


async def asked(api: RunningApi, ticket_no: str, fen: int, *, key: str = "", **fields: Any) -> tuple[int, Any]:
    body = {"actor": MANAGER, "region": "east", "kind": "money", "fen": fen, **fields}
    headers = {"Idempotency-Key": key} if key else {}
    answer = await api.post(f"/complaints/{ticket_no}/goodwill", body, **headers)
    return answer.status_code, answer.json()


async def told(api: RunningApi, request_id: str, what: str, **body: Any) -> tuple[int, Any]:
    answer = await api.post(f"/goodwill/{request_id}/{what}", {"actor": MANAGER, **body})
    return answer.status_code, answer.json()


async def test_held_made_good_and_shown_in_the_regions_month(running_api: RunningApi) -> None:
    ticket_no = (await running_api.opened())["ticket_no"]
    status, held = await asked(running_api, ticket_no, 12_300, key="visit-1", note="等待配件两周")
    assert (status, held["state"], held["payer"]) == (200, "held", "region")
    assert await asked(running_api, ticket_no, 12_300, key="visit-1", note="等待配件两周") == (200, held)
    assert (await asked(running_api, ticket_no, 99, key="visit-1"))[1]["code"] == "key_reused"
    status, spent = await told(running_api, held["request_id"], "commit")
    assert (status, spent["state"]) == (200, "committed")
    assert (await told(running_api, held["request_id"], "release"))[1]["code"] == "goodwill_committed"

    async def shown() -> Any:
        account = await running_api.get("/goodwill", region="east")
        mine = [each for each in account["requests"] if each["request_id"] == held["request_id"]]
        return account if mine and mine[0]["state"] == "committed" else None

    account = await soon(shown)
    assert (account["limit"], account["committed"]) == (600_000, 12_300)


async def test_beyond_the_month_it_is_the_desks_to_rule_and_never_the_askers(running_api: RunningApi) -> None:
    ticket_no = (await running_api.opened())["ticket_no"]
    status, lies = await asked(running_api, ticket_no, 600_001, region="west")
    assert (status, lies["state"], lies["payer"]) == (200, "at_desk", "desk")
    number = lies["request_id"]
    own = {**MANAGER, "department": "service"}
    assert (await told(running_api, number, "rule", actor=own, granted=1, note=WHY))[1]["code"] == "not_your_authority"
    assert (await told(running_api, number, "rule", granted=1, note=WHY))[1]["code"] == "not_your_authority"
    assert (await told(running_api, number, "rule", actor=DESK, granted=600_002, note=WHY))[1][
        "code"
    ] == "goodwill_too_much"
    status, ruled = await told(running_api, number, "rule", actor=DESK, granted=200_000, note=WHY)
    assert (status, ruled["state"], ruled["granted"]) == (200, "held", 200_000)
    assert (await told(running_api, number, "rule", actor=DESK, granted=1, note=WHY))[1][
        "code"
    ] == "goodwill_not_at_desk"


async def test_who_may_not_ask_and_what_is_no_request(running_api: RunningApi) -> None:
    ticket_no = (await running_api.opened())["ticket_no"]
    responder = {**MANAGER, "role": "responder"}
    assert (await asked(running_api, ticket_no, 1, actor=responder))[1]["code"] == "not_your_authority"
    status, said = await asked(running_api, ticket_no, 1, region="atlantis")
    assert (status, said["errors"][0]["field"]) == (422, "body.region")
    for fen in (0, -1, 1.5, 10**12):
        assert (await asked(running_api, ticket_no, fen))[0] == 422  # type: ignore[arg-type]
    assert (await told(running_api, "gw-nobodys", "commit"))[1]["code"] == "unknown_goodwill"


async def test_another_departments_manager_does_not_give_on_this_complaint(running_api: RunningApi) -> None:
    ticket_no = (await running_api.opened())["ticket_no"]
    body = {"region": "east", "kind": "money", "fen": 1}
    async with await signed_in(running_api, Role.MANAGER, "chassis") as http:
        answer = await http.post(f"/api/v1/complaints/{ticket_no}/goodwill", json=body)
    assert (answer.status_code, answer.json()["code"]) == (403, "not_concerned")


async def test_nor_makes_good_or_gives_back_what_its_own_asked_for(running_api: RunningApi) -> None:
    ticket_no = (await running_api.opened())["ticket_no"]
    _, held = await asked(running_api, ticket_no, 500, key="visit-9")
    async with await signed_in(running_api, Role.MANAGER, "chassis") as http:
        for verb in ("commit", "release"):
            answer = await http.post(f"/api/v1/goodwill/{held['request_id']}/{verb}", json={})
            assert (answer.status_code, answer.json()["code"]) == (403, "not_concerned")
    assert (await told(running_api, held["request_id"], "release"))[1]["state"] == "released"


async def test_like_cases_are_those_of_one_tag_tier_and_kind(running_api: RunningApi) -> None:
    """Ordered: 100 200 300 400 9000, so that the quartiles are 200 and 400 and 9000 is beyond 400 + 1.5 * 200."""
    for fen in (300, 100, 9_000, 200, 400):
        ticket_no = (await running_api.opened("brakes.abs", tier="key"))["ticket_no"]
        _, held = await asked(running_api, ticket_no, fen, region="south")
        await told(running_api, held["request_id"], "commit")
    _, unpaid = await asked(running_api, ticket_no, 77_777, region="south")
    assert unpaid["state"] == "held"
    items = (await running_api.get("/goodwill/like-cases"))["items"]
    (mine,) = [each for each in items if (each["tag"], each["tier"]) == ("brakes.abs", "key")]
    assert mine == {
        **{"kind": "money", "tag": "brakes.abs", "tier": "key", "count": 5},
        **{"least": 100, "median": 300, "most": 9_000, "quartiles": [200, 400]},
        "outliers": [{"ticket_no": mine["outliers"][0]["ticket_no"], "regions": ["south"], "fen": 9_000}],
    }
