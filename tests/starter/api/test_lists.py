import base64
from datetime import timedelta

from tests.starter.api_server import ENGINE_NOISE, JERKING, NAME, PHONE, VIN, RunningApi, a_ticket_body, by, soon


async def test_a_complaint_says_who_owns_it_what_governs_and_what_comes_next(running_api: RunningApi) -> None:
    complaint = (await running_api.opened())["complaint"]
    assert (complaint["owner"], complaint["stage"], complaint["light"]) == ("powertrain", "dispatched", "green")
    assert complaint["governing"]["kind"] == "response"
    assert 4 * 3600 - 60 < complaint["governing"]["remaining_s"] <= 4 * 3600
    assert complaint["next_deadline"]["rule"] == "warn:response:1"


async def test_personal_data_is_masked_everywhere(running_api: RunningApi) -> None:
    opened = await running_api.opened()
    no = opened["ticket_no"]
    await running_api.command(no, "post-progress", actor=by("powertrain"), note=f"{NAME} {PHONE} 已到店 {VIN}")
    await running_api.until(no, lambda complaint: complaint["seq"] >= 4)
    assert opened["ticket"]["customer"]["phone"] == "138****8000"
    assert opened["ticket"]["vehicle"]["vin"] == "***987654"
    for path in (f"/complaints/{no}", f"/complaints/{no}/timeline", f"/complaints/{no}/clocks", "/notices"):
        said = (await running_api.http.get(f"/api/v1{path}")).text
        assert not [secret for secret in (NAME, PHONE, VIN, "ouyang@", "沪A12345") if secret in said], path


async def test_what_may_be_done_now_depends_on_who_asks(running_api: RunningApi) -> None:
    no = (await running_api.opened())["ticket_no"]
    owner = await running_api.get(f"/complaints/{no}", role="responder", department="powertrain")
    other = await running_api.get(f"/complaints/{no}", role="responder", department="chassis")
    assert next(each for each in owner["may"] if each["command"] == "accept")["allowed"]
    refused = next(each for each in other["may"] if each["command"] == "accept")
    assert (refused["allowed"], refused["code"]) == (False, "not_yours")
    assert refused["sentence"]["zh"] == "这一步轮不到您：只有当前责任方可以这样做。"


async def test_the_timeline_tells_each_event_in_both_languages(running_api: RunningApi) -> None:
    no = (await running_api.opened(ENGINE_NOISE))["ticket_no"]
    items = (await running_api.get(f"/complaints/{no}/timeline"))["items"]
    assert [item["kind"] for item in items] == ["opened", "dispatched"]
    assert items[1]["sentence"]["en"].startswith("Hop 1, by dispatch: Quality")
    assert items[0]["sentence"]["zh"] == "收到客户投诉（发动机异响）。"
    assert items[1]["event"]["supporters"] == ["powertrain", "purchasing"]


async def test_the_clocks_explain_themselves_segment_by_segment(running_api: RunningApi) -> None:
    no = (await running_api.opened(age=timedelta(hours=2)))["ticket_no"]
    clocks = await running_api.get(f"/complaints/{no}/clocks")
    customer = next(story for story in clocks["stories"] if story["clock"] == "customer")
    assert [segment["custody"] for segment in customer["segments"]] == ["triage", "turn"]
    assert abs(customer["elapsed_s"] - 7200) < 60
    assert "charged to no department" in customer["segments"][0]["sentence"]["en"]
    assert clocks["governing"]["key"] == "response:1"


async def test_a_complaint_whose_clock_ran_out_is_red_in_every_view(running_api: RunningApi) -> None:
    no = (await running_api.opened(age=timedelta(days=4)))["ticket_no"]
    listed = await running_api.get("/complaints", department="powertrain", light="red")
    assert no in [item["ticket_no"] for item in listed["items"]]
    assert (await running_api.get(f"/complaints/{no}"))["complaint"]["light"] == "red"
    assert (await running_api.get(f"/complaints/{no}/clocks"))["light"] == "red"


async def test_the_list_is_filtered_by_all_that_is_asked(running_api: RunningApi) -> None:
    vin = "LSVNV2182E2000777"
    vehicle = {"vin": vin}
    mine = (await running_api.opened(JERKING, vehicle=vehicle))["ticket_no"]
    await running_api.opened(vehicle=vehicle)
    asked = {"vin": vin, "tag": JERKING, "stage": "dispatched", "light": "green", "department": "transmission"}
    assert [item["ticket_no"] for item in (await running_api.get("/complaints", **asked))["items"]] == [mine]
    assert (await running_api.get("/complaints", **{**asked, "stage": "closed"}))["items"] == []


async def test_pages_follow_one_another_without_repeating(running_api: RunningApi) -> None:
    vehicle = {"vin": "LSVNV2182E2000888"}
    opened = {(await running_api.opened(vehicle=vehicle))["ticket_no"] for _ in range(3)}
    first = await running_api.get("/complaints", limit=2, **vehicle)
    second = await running_api.get("/complaints", limit=2, cursor=first["next_cursor"], **vehicle)
    assert [len(page["items"]) for page in (first, second)] == [2, 1]
    assert {item["ticket_no"] for page in (first, second) for item in page["items"]} == opened
    assert second["next_cursor"] is None


async def test_a_cursor_of_somebody_elses_and_an_unknown_filter_are_malformed(running_api: RunningApi) -> None:
    beyond_time = base64.urlsafe_b64encode(b'["9999-12-31T23:59:59-14:00", "x"]').decode()
    cases = [("cursor", "bm9uc2Vuc2U="), ("cursor", beyond_time), ("colour", "red"), ("limit", "0"), ("light", "blue")]
    for name, value in cases:
        query, field = {name: value}, f"query.{name}"
        response = await running_api.http.get("/api/v1/complaints", params=query)
        assert (response.status_code, response.json()["errors"][0]["field"]) == (422, field)


async def test_the_notice_centre_lists_what_a_department_was_told(running_api: RunningApi) -> None:
    no = (await running_api.opened())["ticket_no"]

    async def work_order() -> str | None:
        told = await running_api.get("/notices", audience="responders", department="powertrain", limit=200)
        mine = [each for each in told["items"] if (each["ticket_no"], each["kind"]) == (no, "work_order")]
        return mine[0]["subject"] if mine else None

    assert no in await soon(work_order)


async def test_a_ticket_number_nobody_sent_is_unknown_in_every_view(running_api: RunningApi) -> None:
    no = a_ticket_body()["ticket_no"]
    for path in ("", "/timeline", "/clocks"):
        response = await running_api.http.get(f"/api/v1/complaints/{no}{path}")
        assert (response.status_code, response.json()["code"]) == (404, "unknown_complaint")
