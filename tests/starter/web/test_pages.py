"""What every page stands on: language, headers, frame, problems told to a person, no script or style inside."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest
from fastapi import Request, Response

from domain.commands import Role
from starter.http.problems import Problem
from starter.web import assets, pages
from starter.web.addresses import local_address
from tests.starter.web.page_server import ENGLISH, a_person, serving

router = pages.router()


@router.get("/board/plain")
async def plain(request: Request) -> Response:
    told = {"status": 404, "title": "<script>alert(1)</script>", "detail": "…"}
    return pages.page(request, a_person(Role.CX, "cx"), "problem.html", told=told)


@router.get("/seen-by/{role}/{department}")
async def seen_by(request: Request, role: Role, department: str) -> Response:
    told = {"status": 404, "title": "T", "detail": "D"}
    return pages.page(request, a_person(role, department), "problem.html", told=told)


@router.get("/open")
async def open_to_all(request: Request) -> Response:
    return pages.page(request, None, "problem.html", told={"status": 404, "title": "T", "detail": "D"})


@router.get("/fails")
async def fails() -> Response:
    raise Problem("unknown_complaint")


@pytest.fixture(scope="module")
async def web(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[httpx2.AsyncClient]:
    async with serving(router, home=tmp_path_factory.mktemp("pages")) as client:
        yield client


@pytest.mark.parametrize(
    ("headers", "language"),
    [
        ({}, "zh-CN"),  # the company's own language
        ({"Accept-Language": "en-GB,en;q=0.9"}, "en"),
        ({"Accept-Language": "zh-CN,en;q=0.5"}, "zh-CN"),
        ({"Accept-Language": "fr"}, "zh-CN"),  # neither of ours
        ({"Accept-Language": "en", "Cookie": "lang=zh"}, "zh-CN"),  # who chose has chosen
        ({"Cookie": "lang=en"}, "en"),
        ({"Cookie": "lang=de", "Accept-Language": "en"}, "en"),
    ],
)
async def test_it_speaks_the_language_that_was_chosen_or_else_the_browsers(
    web: httpx2.AsyncClient, headers: dict[str, str], language: str
) -> None:
    shown = await web.get("/open", headers=headers)
    assert shown.headers["content-language"] == language
    assert f'<html lang="{language}"' in shown.text


async def test_a_link_chooses_the_language_and_leads_back(web: httpx2.AsyncClient) -> None:
    link = re.search(r'href="(/language/en\?next=[^"]*)"', (await web.get("/open?x=1&y=2")).text)
    assert link
    answer = await web.get(link[1].replace("&amp;", "&"))
    assert (answer.status_code, answer.headers["location"]) == (303, "/open?x=1&y=2")
    assert "lang=en" in answer.headers["set-cookie"]
    web.cookies.clear()


@pytest.mark.parametrize(
    "elsewhere",
    ["//evil.example", "https://evil.example", "/\\evil.example", "evil", "/a\nb", "", "//[", "/\t/evil.example"],
)
def test_nobody_is_led_elsewhere_by_a_link_to_us(elsewhere: str) -> None:
    assert local_address(elsewhere) == "/"


async def test_every_page_says_what_a_browser_may_do_with_it(web: httpx2.AsyncClient) -> None:
    headers = (await web.get("/board/plain")).headers
    policy = headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["permissions-policy"].startswith("camera=(self)")
    assert headers["cache-control"] == "private, no-store"


async def test_what_others_wrote_is_text_and_no_script_or_style_stands_in_the_page(web: httpx2.AsyncClient) -> None:
    shown = (await web.get("/board/plain")).text
    assert "&lt;script&gt;alert(1)" in shown
    assert inline(shown) == []


def test_no_template_holds_a_script_a_style_or_a_handler() -> None:
    for template in (Path(pages.__file__).parent / "templates").glob("*.html"):
        assert inline(template.read_text()) == [], template.name


def inline(html: str) -> list[str]:
    """What a strict policy would not run."""
    return re.findall(
        r"<script(?![^>]*\ssrc=)[^>]*>|<style|\sstyle=|\son[a-z]+=|javascript:|hx-on", html, re.IGNORECASE
    )


async def test_the_frame_shows_who_is_there_and_the_doors_that_open_for_them(web: httpx2.AsyncClient) -> None:
    shown = (await web.get("/board/plain", headers=ENGLISH)).text
    assert "Powertrain, first responder" in shown
    assert '<a href="/board" aria-current="page">Board</a>' in shown
    assert '<a href="/desk">CX desk</a>' in shown
    assert "Webhooks" not in shown  # ops' own
    assert 'name="csrf" value="token-of-the-session"' in shown


@pytest.mark.parametrize(
    ("role", "department", "ways"),
    [
        (Role.VP, "powertrain", ["/desk/escalations"]),
        (Role.RESPONDER, "service", ["/desk/escalations"]),  # what cannot be coordinated is raised to them
        (Role.MANAGER, "service", ["/desk/escalations"]),
        (Role.RESPONDER, "powertrain", []),  # nothing is
        (Role.CX, "cx", ["/desk"]),  # escalations are a tab of it
        (Role.LEADERSHIP, "none", ["/desk"]),
    ],
)
async def test_who_acknowledges_escalations_has_a_way_to_them(
    web: httpx2.AsyncClient, role: Role, department: str, ways: list[str]
) -> None:
    shown = (await web.get(f"/seen-by/{role}/{department}")).text
    assert re.findall(r'<a href="(/desk[^"]*)"', shown) == ways


async def test_a_stranger_sees_no_door(web: httpx2.AsyncClient) -> None:
    shown = (await web.get("/open")).text
    assert "/queue" not in shown
    assert "/sign-out" not in shown


async def test_a_problem_is_told_as_a_page_in_the_readers_language(web: httpx2.AsyncClient) -> None:
    answer = await web.get("/fails", headers=ENGLISH)
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    assert "Unknown complaint" in answer.text


async def test_a_dead_link_is_told_to_a_person_as_a_page_and_to_a_program_as_a_problem(web: httpx2.AsyncClient) -> None:
    shown = await web.get("/no/such/page", headers={"Accept": "text/html,*/*"})
    assert shown.status_code == 404
    assert "没有这个地址" in shown.text
    assert "default-src 'self'" in shown.headers["content-security-policy"]
    assert (await web.get("/no/such/page")).json()["code"] == "not_found"


async def test_a_problem_of_a_part_is_said_in_passing(web: httpx2.AsyncClient) -> None:
    answer = await web.get("/fails", headers={"HX-Request": "true"})
    assert answer.headers["hx-retarget"] == "#said"
    assert "没有这张工单" in answer.text
    assert "<html" not in answer.text


async def test_a_file_is_kept_for_good_under_an_address_made_of_its_content(web: httpx2.AsyncClient) -> None:
    address = assets.address("app.css")
    first = await web.get(address)
    assert "immutable" in first.headers["cache-control"]
    assert first.headers["content-type"].startswith("text/css")
    assert first.content == (assets.STATIC / "app.css").read_bytes()
    again = await web.get(address, headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304
    assert (await web.get("/static/app.css?v=older")).headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    "path", ["../pages.py", "%2e%2e/pages.py", "..%2fpages.py", "vendor/../../pages.py", "none.css", ""]
)
async def test_nothing_beside_our_files_is_served(web: httpx2.AsyncClient, path: str) -> None:
    assert (await web.get(f"/static/{path}")).status_code == 404


def test_a_library_that_was_not_brought_is_named_in_the_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(assets, "STATIC", tmp_path)
    assert assets.tell_missing() == assets.VENDORED
    assert "make setup" in caplog.text
    assert assets.address("vendor/htmx.min.js") == ""
