"""Red lines by the API: who may look, who alone may act, each as themselves, and a drill from its start to its end."""

from typing import Any

import httpx2
import pytest

from domain.access import EMPLOYED
from domain.commands import Role
from tests.starter.api_server import RunningApi, by, soon
from tests.starter.people import signed_in

LINES = "/api/v1/red-lines"
OWN = "powertrain"


async def on_fire(api: RunningApi) -> str:
    """A ticket whose words begin a red line; its workflow has called."""
    no = (await api.opened("engine.hard_start", words="行驶中突然起火"))["ticket_no"]
    await soon(lambda: called(api, no))
    return str(no)


async def called(api: RunningApi, red_line_id: str) -> Any:
    found = await api.get(f"/red-lines/{red_line_id}")
    return found if found["calls"] else None


async def ordered(http: httpx2.AsyncClient, red_line_id: str, act: str, **body: Any) -> tuple[int, Any]:
    answer = await http.post(f"{LINES}/{red_line_id}/{act}", json=body)
    return answer.status_code, answer.json()


async def test_decision_makers_acknowledge_decide_and_close_each_as_themselves(running_api: RunningApi) -> None:
    no = await on_fire(running_api)
    async with await signed_in(running_api, Role.VP, "quality") as vp:
        assert (await ordered(vp, no, "decide", containment="stop_sale"))[1]["code"] == "not_acknowledged"
        assert (await ordered(vp, no, "acknowledge"))[1]["standing"] == "acknowledged"
        assert (await ordered(vp, no, "close", review="no_defect", note="seen"))[1]["code"] == "undecided"
        told = await ordered(vp, no, "decide", containment="stop_drive", note="两次冒烟，客户电话 13812348000")
        assert (told[0], told[1]["decisions"], told[1]["letter"] in ("waiting", "sent", "failed")) == (200, 1, True)
    async with await signed_in(running_api, Role.LEADERSHIP) as boss:
        status, closed = await ordered(boss, no, "close", review="handed_on", note="To the recall committee")
        assert (status, closed["standing"], closed["review"]) == (200, "closed", "handed_on")
        assert (await ordered(boss, no, "close", review="defect", note="again"))[1]["code"] == "red_line_closed"
    acts = [(each["by"], (each["post"] or {}).get("post"), each["why"]) for each in closed["happened"] if each["by"]]
    assert acts == [
        ("t-vp-quality", "quality.vp", ""),
        ("t-vp-quality", "quality.vp", "两次冒烟，客户电话 138****8000"),
        ("t-leadership-none", "leadership", "To the recall committee"),
    ]


async def test_every_role_looks_and_acts_as_far_as_it_goes(running_api: RunningApi) -> None:
    no = await on_fire(running_api)
    sees_all = {Role.LEADERSHIP, Role.OPS, Role.CX, Role.COORDINATOR}
    for role in EMPLOYED:
        for department in (OWN, "chassis", "quality"):
            async with await signed_in(running_api, role, department) as http:
                shown = await http.get(f"{LINES}/{no}")
                listed = (await http.get(LINES)).json().get("items", ())
                _, refused = await ordered(http, no, "close", review="no_defect", note="ours")
            decides = role is Role.LEADERSHIP or (department == "quality" and role in (Role.DIRECTOR, Role.VP))
            looks = decides or role in sees_all or department == OWN
            where = (role, department, shown.status_code, refused)
            assert (shown.status_code == 200) == looks, where
            assert (no in [each["red_line_id"] for each in listed]) == looks, where
            assert not looks or shown.json()["may_act"] == decides, where
            expected = "not_acknowledged" if decides else "not_a_decision_maker" if looks else "not_concerned"
            assert refused["code"] == expected, where


async def test_somebody_else_cannot_be_spoken_for(running_api: RunningApi) -> None:
    no = await on_fire(running_api)
    async with await signed_in(running_api, Role.RESPONDER, OWN) as http:
        assert (await ordered(http, no, "acknowledge", actor=by("quality", "vp")))[1]["code"] == "not_you"
    status, told = await ordered(running_api.http, no, "acknowledge", actor=by("quality", "vp"))  # a key with on_behalf
    assert (status, told["acknowledged_by"]) == (200, "quality-1")


async def test_sent_twice_under_one_key_it_is_one_decision(running_api: RunningApi) -> None:
    no = await on_fire(running_api)
    async with await signed_in(running_api, Role.DIRECTOR, "quality") as http:
        await ordered(http, no, "acknowledge")
        http.headers["Idempotency-Key"] = "once"
        body = {"containment": "parts_hold", "note": "All of lot 7"}
        counted = [(await ordered(http, no, "decide", **body))[1]["decisions"] for _ in range(2)]
    assert counted == [1, 1]


async def test_a_drill_is_one_wherever_it_is_shown_and_tells_no_customer(running_api: RunningApi) -> None:
    async with await signed_in(running_api, Role.LEADERSHIP) as http:
        begun = (await http.post(f"{LINES}/drills", headers={"Idempotency-Key": "click"})).json()
        again = (await http.post(f"{LINES}/drills", headers={"Idempotency-Key": "click"})).json()
        id_ = begun["red_line_id"]
        assert (begun["is_drill"], begun["ticket_no"], again["red_line_id"]) == (True, "", id_)
        await soon(lambda: called(running_api, id_))
        for act, body in (
            ("acknowledge", {}),
            ("decide", {"containment": "stop_drive"}),
            ("close", {"review": "no_defect", "note": "a drill"}),
        ):
            status, told = await ordered(http, id_, act, **body)
            assert status == 200, told
    assert (told["letter"], told["is_drill"], told["standing"]) == ("drill", True, "closed")
    async with await signed_in(running_api, Role.RESPONDER, OWN) as http:
        assert (await http.get(f"{LINES}/{id_}")).json()["code"] == "not_concerned"


@pytest.mark.parametrize(
    ("act", "body"),
    [
        ("decide", {"containment": "wait"}),
        ("close", {"review": "no_defect"}),  # without a reason
        ("acknowledge", {"note": "not asked for"}),
    ],
)
async def test_what_cannot_be_is_refused(running_api: RunningApi, act: str, body: Any) -> None:
    async with await signed_in(running_api, Role.VP, "quality") as http:
        assert (await ordered(http, "T-none", act, **body))[1]["code"] == "malformed"
        assert (await ordered(http, "T-none", "acknowledge"))[1]["code"] == "unknown_red_line"


async def test_the_risk_names_the_matters_that_made_its_level(running_api: RunningApi) -> None:
    no = await on_fire(running_api)
    told = (await running_api.get(f"/complaints/{no}/risk"))["story"]["sentences"]
    assert {
        "zh": "客户的话提到：起火、冒烟或烧焦。",
        "en": "The customer's words tell of: Fire, smoke or burning.",
    } in told
