import sqlite3
from typing import Any

import pytest

from starter.api.bodies import COMMANDS, route_of
from tests.starter.api_server import ENGINE_NOISE, JERKING, RunningApi, a_ticket_no, by


async def test_a_transfer_without_evidence_is_refused_with_the_rules_sentence(running_api: RunningApi) -> None:
    no = (await running_api.opened())["ticket_no"]
    refused = await running_api.command(no, "transfer", actor=by("powertrain"), to="chassis")
    assert (refused.status_code, refused.json()["code"]) == (409, "evidence_missing")
    assert "upload at least one piece of proof" in refused.json()["detail"]
    assert refused.json()["owner"] == "powertrain"


async def test_a_transfer_with_evidence_moves_it_and_the_receipt_says_where(running_api: RunningApi) -> None:
    no = (await running_api.opened())["ticket_no"]
    proof = await running_api.proof(no)
    moved = await running_api.command(
        no, "transfer", actor=by("powertrain"), to="transmission", evidence=[proof], note="离合器日志显示打滑"
    )
    assert (moved.status_code, moved.json()["owner"]) == (200, "transmission")
    assert moved.json()["sentence"]["zh"].startswith("已受理。工单现由")
    assert moved.headers["idempotency-key"] == moved.json()["command_id"]


async def test_the_same_key_gets_the_same_receipt(running_api: RunningApi) -> None:
    no = (await running_api.opened())["ticket_no"]
    first = (await running_api.command(no, "accept", key="k-1", actor=by("powertrain"))).json()
    again = (await running_api.command(no, "accept", key="k-1", actor=by("powertrain"))).json()
    assert again == first | {"is_duplicate": True}


async def test_a_refusal_asked_for_again_is_the_same_refusal(running_api: RunningApi) -> None:
    no = (await running_api.opened())["ticket_no"]
    first = (await running_api.command(no, "accept", key="k-2", actor=by("chassis"))).json()
    again = (await running_api.command(no, "accept", key="k-2", actor=by("chassis"))).json()
    assert (first["code"], again) == ("not_yours", first | {"is_duplicate": True})


async def test_a_key_that_came_with_another_content_is_refused(running_api: RunningApi) -> None:
    no = (await running_api.opened())["ticket_no"]
    assert (
        await running_api.command(no, "post-progress", key="k-3", actor=by("powertrain"), note="备件已订")
    ).status_code == 200
    other = await running_api.command(no, "post-progress", key="k-3", actor=by("powertrain"), note="备件到了")
    assert (other.status_code, other.json()["code"]) == (409, "key_reused")


async def test_a_key_that_somebody_else_used_first_is_still_ones_own(running_api: RunningApi) -> None:
    no = (await running_api.opened())["ticket_no"]
    burnt = await running_api.command(no, "post-progress", key="k-9", actor=by("chassis") | {"id": "p-1"}, note="x")
    mine: dict[str, Any] = {"key": "k-9", "actor": by("powertrain") | {"id": "p-2"}}
    first, again = [await running_api.command(no, "accept", **mine) for _ in range(2)]
    other = await running_api.command(no, "post-progress", note="备件已订", **mine)
    theirs = await running_api.command(no, "post-progress", key="k-9", actor=by("chassis") | {"id": "p-1"}, note="x")
    assert (burnt.status_code, theirs.json()["command_id"]) == (409, "k-9")
    assert (first.status_code, first.json()["is_duplicate"], again.json()["is_duplicate"]) == (200, False, True)
    assert first.json()["command_id"] == first.headers["idempotency-key"] == "k-9"
    assert (other.status_code, other.json()["code"]) == (409, "key_reused")


async def test_a_key_with_a_space_is_none(running_api: RunningApi) -> None:
    """By which nobody takes an id that is another's own."""
    no = (await running_api.opened())["ticket_no"]
    refused = await running_api.command(no, "accept", key="own 0123", actor=by("powertrain"))
    assert (refused.status_code, refused.json()["code"]) == (422, "malformed")


async def test_a_note_stays_in_our_database_and_only_its_id_travels(running_api: RunningApi) -> None:
    no = (await running_api.opened())["ticket_no"]
    await running_api.command(no, "post-progress", actor=by("powertrain"), note="已联系欧阳女士，周三到店")
    timeline = await running_api.get(f"/complaints/{no}/timeline")
    told = next(item for item in timeline["items"] if item["kind"] == "progress_posted")
    assert told["note"] == "已联系欧阳女士，周三到店"
    with sqlite3.connect(running_api.settings.home / "ledger.db") as ledger:
        (body,) = ledger.execute("select body from inbox where ticket_no = ? and kind = 'command'", (no,)).fetchone()
    assert "note-" in body
    assert "欧阳" not in body


async def test_evidence_must_have_been_uploaded_for_this_ticket(running_api: RunningApi) -> None:
    no, other = (await running_api.opened())["ticket_no"], (await running_api.opened())["ticket_no"]
    proof = await running_api.proof(other, b"proof of another ticket\n")
    refused = await running_api.command(no, "contest", actor=by("powertrain"), evidence=[proof], note="不属于动力总成")
    assert (refused.status_code, refused.json()["code"]) == (422, "evidence_unknown")
    assert refused.json()["errors"][0]["field"] == "body.evidence.0"


async def test_evidence_is_what_it_was_uploaded_as(running_api: RunningApi) -> None:
    no = (await running_api.opened())["ticket_no"]
    proof = {**await running_api.proof(no), "kind": "teardown"}
    refused = await running_api.command(no, "contest", actor=by("powertrain"), evidence=[proof], note="见拆解")
    assert refused.json()["errors"] == [{"field": "body.evidence.0.kind", "how": "It was uploaded as log"}]


async def test_an_unknown_complaint_is_not_found(running_api: RunningApi) -> None:
    response = await running_api.command(a_ticket_no(), "accept", actor=by("powertrain"))
    assert (response.status_code, response.json()["code"]) == (404, "unknown_complaint")


@pytest.mark.parametrize(
    ("name", "body", "field"),
    [
        ("accept", {}, "body.actor"),  # who asks must be said
        ("accept", {"actor": {**by("powertrain"), "rank": 1}}, "body.actor.rank"),  # an unknown key inside
        ("transfer", {"actor": by("powertrain"), "to": "chassis", "reason": "x"}, "body.reason"),  # misspelt
        ("claim", {"actor": by("powertrain"), "note": "x", "root_cause": "magic"}, "body.root_cause"),
        ("post-progress", {"actor": by("powertrain"), "note": "x" * 4001}, "body.note"),  # one sign too long
        ("post-progress", {"actor": by("powertrain"), "note": "  "}, "body.note"),  # nothing said
        ("customer-reply", {"actor": by(""), "answer": "confirm", "round": 0}, "body.round"),  # rounds count from 1
        ("adopt-policy", {"actor": by("", "ops"), "policy": {}}, "body.policy"),  # taken from the files alone
        ("accept", {"actor": by("powertrain"), "command_id": "x"}, "body.command_id"),  # the header says it
    ],
)
async def test_a_malformed_command_is_told_which_field(
    running_api: RunningApi, name: str, body: dict[str, object], field: str
) -> None:
    no = (await running_api.opened())["ticket_no"]
    response = await running_api.post(f"/complaints/{no}/{name}", body)
    assert (response.status_code, response.json()["code"]) == (422, "malformed")
    assert [fault["field"] for fault in response.json()["errors"]] == [field]


async def test_a_grey_issue_stays_with_its_lead_who_may_call_in_support(running_api: RunningApi) -> None:
    no = (await running_api.opened(ENGINE_NOISE))["ticket_no"]
    proof = await running_api.proof(no)
    quality = by("quality")
    back = await running_api.command(no, "transfer", actor=quality, to="chassis", evidence=[proof], note="非我部")
    assert (back.status_code, back.json()["code"]) == (409, "grey_lead_keeps_it")
    assert (await running_api.command(no, "request-support", actor=quality, department="chassis")).status_code == 200


async def test_the_policy_in_force_is_taken_from_the_files(running_api: RunningApi) -> None:
    no = (await running_api.opened())["ticket_no"]
    response = await running_api.command(no, "adopt-policy", actor=by("", "ops"))
    assert (response.status_code, response.json()["code"]) == (409, "nothing_changes")


async def test_only_the_customers_word_closes_and_a_closed_complaint_stays_closed(running_api: RunningApi) -> None:
    no = (await running_api.opened(JERKING))["ticket_no"]
    owner = by("transmission")
    claimed = await running_api.command(no, "claim", actor=owner, note="更换电磁阀", root_cause="supplier_part")
    assert claimed.json()["stage"] == "verification"
    reply: dict[str, Any] = {"answer": "confirm", "round": 1, "ratings": {"attitude": 5}}
    own = await running_api.command(no, "customer-reply", actor=owner, **reply)
    assert own.json()["code"] == "claimant_may_not_close"
    closed = await running_api.command(no, "customer-reply", actor={"role": "customer"}, **reply)
    assert closed.json()["stage"] == "closed"
    await running_api.until(no, lambda complaint: complaint["stage"] == "closed")
    late = await running_api.command(no, "accept", actor=owner)
    assert (late.status_code, late.json()["code"]) == (409, "closed")


async def test_every_command_has_a_route_that_documents_its_problems(running_api: RunningApi) -> None:
    described = (await running_api.http.get("/openapi.json")).json()
    assert described["openapi"].startswith("3.1")
    for kind in COMMANDS:
        post = described["paths"][f"/api/v1/complaints/{{ticket_no}}/{route_of(kind)}"]["post"]
        assert {"200", "202", "400", "404", "409", "413", "422", "500", "503"} <= set(post["responses"])
        assert set(post["responses"]["409"]["content"]) == {"application/problem+json"}
