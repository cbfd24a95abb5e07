"""Reads carry an ETag, and are not sent again to those who have them."""

from datetime import timedelta

import httpx2
import pytest

from tests.starter.api_server import RunningApi, by


async def asked(api: RunningApi, path: str, tag: str = "") -> httpx2.Response:
    headers = {"If-None-Match": tag} if tag else {}
    return await api.http.get(f"/api/v1{path}", headers=headers)


@pytest.mark.parametrize("view", ["", "/timeline"])
async def test_what_has_not_changed_is_not_sent_again_and_what_has_is(running_api: RunningApi, view: str) -> None:
    no = (await running_api.opened())["ticket_no"]
    path = f"/complaints/{no}{view}"
    tag = (await asked(running_api, path)).headers["etag"]
    unchanged = await asked(running_api, path, tag)
    assert (unchanged.status_code, unchanged.content, unchanged.headers["etag"]) == (304, b"", tag)
    assert "content-type" not in unchanged.headers
    assert (await running_api.command(no, "accept", actor=by("powertrain"))).status_code == 200
    await running_api.until(no, lambda complaint: complaint["stage"] == "in_work")
    changed = await asked(running_api, path, tag)
    assert (changed.status_code, changed.headers["etag"] != tag) == (200, True)


@pytest.mark.parametrize("path", ["/complaints?vin=LSVNV2182E2000999", "/notices?department=nobody"])
async def test_a_list_that_is_the_same_is_not_sent_again(running_api: RunningApi, path: str) -> None:
    first = await asked(running_api, path)
    assert first.headers["cache-control"] == "private, no-cache"
    assert {"Authorization", "Cookie"} <= set(first.headers["vary"].split(", "))
    assert (await asked(running_api, path, first.headers["etag"])).status_code == 304


async def test_the_clocks_of_a_complaint_are_the_same_within_a_minute(running_api: RunningApi) -> None:
    """Two of three questions that follow one another see the same minute."""
    no = (await running_api.opened(age=timedelta(hours=2)))["ticket_no"]
    tags = [(await asked(running_api, f"/complaints/{no}/clocks")).headers["etag"] for _ in range(3)]
    assert len(set(tags)) < 3


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("{tag}", 304),
        ("{strong}", 304),  # compared weakly: a proxy may have dropped the W/
        ('"elsewhere", {tag}', 304),  # one of several it has
        ("*", 304),
        ('W/"0000000000000000"', 200),
        ("{bare}", 200),  # no tag at all
    ],
)
async def test_tags_are_compared_weakly(running_api: RunningApi, given: str, expected: int) -> None:
    path = "/complaints?vin=LSVNV2182E2000998"
    tag = (await asked(running_api, path)).headers["etag"]
    forms = {"tag": tag, "strong": tag.removeprefix("W/"), "bare": tag.removeprefix("W/").strip('"')}
    assert (await asked(running_api, path, given.format(**forms))).status_code == expected


async def test_a_problem_has_no_tag_and_star_does_not_hide_it(running_api: RunningApi) -> None:
    response = await asked(running_api, "/complaints/NOBODY-2", "*")
    assert (response.status_code, "etag" in response.headers) == (404, False)


async def test_a_tag_is_of_what_this_asker_sees(running_api: RunningApi) -> None:
    """What may be done now differs, so what one has is nothing another may be told to keep."""
    no = (await running_api.opened())["ticket_no"]
    seats = [("responder", "powertrain"), ("responder", "chassis"), ("cx", "cx")]
    asks = [f"/complaints/{no}?role={role}&department={department}" for role, department in seats]
    assert len({(await asked(running_api, path)).headers["etag"] for path in asks}) == 3
