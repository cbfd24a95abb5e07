from typing import Any

import pytest

from tests.starter.api_server import NAME, PHONE, RunningApi, a_ticket_body


async def test_a_new_ticket_is_taken_and_says_where_its_complaint_is(running_api: RunningApi) -> None:
    body = a_ticket_body()
    response = await running_api.post("/tickets", body)
    assert response.status_code == 202
    assert response.headers["location"] == f"/api/v1/complaints/{body['ticket_no']}"
    assert response.json()["address"] == f"{running_api.settings.base_url}{response.headers['location']}"


async def test_the_same_ticket_again_is_recognised(running_api: RunningApi) -> None:
    body = a_ticket_body()
    await running_api.post("/tickets", body)
    again = await running_api.post("/tickets", body)
    assert (again.status_code, again.json()["ticket_no"]) == (200, body["ticket_no"])


async def test_the_same_number_with_another_content_is_a_conflict(running_api: RunningApi) -> None:
    body = a_ticket_body()
    await running_api.post("/tickets", body)
    other = await running_api.post("/tickets", {**body, "words": "另一件事"})
    assert (other.status_code, other.json()["code"]) == (409, "ticket_conflict")
    assert other.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"ticket_no": "has space"}, "body.ticket_no"),  # it becomes a workflow's id
        ({"created_at": "2026-03-02T09:00:00"}, "body.created_at"),  # nobody knows which zone
        ({"created_at": "0001-01-01T00:00:00+14:00"}, "body.created_at"),  # has no equivalent in UTC
        ({"risk_level": 6}, "body.risk_level"),
        ({"customer": {"name": NAME, "telephone": PHONE}}, "body.customer.telephone"),  # misspelt, not lost
        ({"欧阳春晓": PHONE}, "body.?"),  # an unknown key may itself be personal
        ({"words": "a\x00b"}, "body"),  # PostgreSQL keeps no NUL
    ],
)
async def test_a_malformed_ticket_is_told_which_field_and_nothing_is_repeated(
    running_api: RunningApi, change: dict[str, Any], field: str
) -> None:
    response = await running_api.post("/tickets", a_ticket_body(**change))
    assert (response.status_code, response.json()["code"]) == (422, "malformed")
    assert [fault["field"] for fault in response.json()["errors"]] == [field]
    assert NAME not in response.text
    assert PHONE not in response.text


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"{", 400, "unreadable_body"),  # no JSON
        (b'{"words": "\xff"}', 400, "unreadable_body"),  # no UTF-8
        (b"[" * 60_000, 400, "unreadable_body"),  # a nesting bomb
        (b'{"risk_level": ' + b"9" * 6000 + b"}", 400, "unreadable_body"),  # a number nobody can read
        (b"[]", 422, "malformed"),  # JSON, and no ticket
        (b'{"\\ud800": "\\udfff"}', 422, "malformed"),  # half a character
        (b'"' + b"x" * 65_536 + b'"', 413, "too_large"),  # two bytes over 64 KiB
    ],
)
async def test_a_body_that_is_no_ticket_is_answered_as_a_problem(
    running_api: RunningApi, content: bytes, status: int, code: str
) -> None:
    headers = {"Content-Type": "application/json"}
    response = await running_api.http.post("/api/v1/tickets", content=content, headers=headers)
    assert (response.status_code, response.json()["code"]) == (status, code)


async def test_a_body_without_a_length_is_measured_as_it_comes(running_api: RunningApi) -> None:
    async def endless() -> Any:
        for _ in range(80):
            yield b"x" * 1024

    headers = {"Content-Type": "application/json"}
    response = await running_api.http.post("/api/v1/tickets", content=endless(), headers=headers)
    assert (response.status_code, response.json()["code"]) == (413, "too_large")


async def test_problems_speak_the_callers_language(running_api: RunningApi) -> None:
    response = await running_api.post("/tickets", {}, **{"Accept-Language": "zh-CN,zh;q=0.9,en;q=0.5"})
    assert response.headers["content-language"] == "zh-CN"
    assert response.json()["title"] == "有字段缺失或不正确"
    assert {"field": "body.ticket_no", "how": "缺少这个字段"} in response.json()["errors"]
