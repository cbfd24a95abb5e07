"""What no route tells, told to whoever asked: a page to a person, a problem to a program, never a stack trace."""

import re
from collections.abc import AsyncIterator

import httpx2
import pytest

from ledger.database import migrate
from settings import Settings
from starter.http.behind import opened
from starter.server import create_app
from tests.starter.processes import free_port
from tests.starter.serving import served

BROWSER = {"Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8", "Accept-Language": "zh-CN,zh;q=0.9"}
ENGLISH = {**BROWSER, "Accept-Language": "en"}
HTMX = {"HX-Request": "true", "Accept-Language": "zh-CN"}
TOO_MUCH = b"x" * 70_000  # more than a form without files may be


@pytest.fixture(scope="module")
async def web(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[httpx2.AsyncClient]:
    """The whole application, with a route that fails as nobody foresaw."""
    settings = Settings(home=tmp_path_factory.mktemp("told"), temporal_address=f"127.0.0.1:{free_port()}")
    await migrate(settings.ledger_url)
    app = create_app(settings)

    async def fails() -> None:
        raise ValueError("欧阳春晓 13812348000 says so")

    for path in ("/fails", "/c/fails/now", "/api/fails"):
        app.get(path)(fails)
    async with (
        opened(settings) as app.state.behind,
        served(app, port=free_port()) as address,
        httpx2.AsyncClient(base_url=address, trust_env=False) as client,
    ):
        yield client


@pytest.mark.parametrize(
    ("method", "path", "status", "said"),
    [
        ("GET", "/no/such/page", 404, "没有这个地址"),
        ("PUT", "/board", 405, "不支持这个方法"),
        ("POST", "/sign-in/demo", 413, "少选几个文件"),
        ("GET", "/fails", 500, "服务内部错误"),
        ("GET", "/c/fails/now", 500, "现在暂时不行"),  # the customer's own page, in words of theirs
    ],
)
async def test_a_person_gets_a_page_in_their_language(
    web: httpx2.AsyncClient, method: str, path: str, status: int, said: str
) -> None:
    body = TOO_MUCH if status == 413 else None
    answer = await web.request(method, path, headers=BROWSER, content=body)
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["content-language"] == "zh-CN"
    assert "default-src" in answer.headers["content-security-policy"]
    assert said in answer.text
    assert "欧阳" not in answer.text
    english = await web.request(method, path, headers=ENGLISH, content=body)
    assert (english.headers["content-language"], said in english.text) == ("en", False)


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("GET", "/api/fails", "internal"),
        ("GET", "/api/no/such", "not_found"),
        ("PUT", "/api/v1/complaints", "not_signed_in"),  # a stranger learns nothing of what there is
    ],
)
async def test_under_api_a_browser_too_gets_a_problem(
    web: httpx2.AsyncClient, method: str, path: str, code: str
) -> None:
    answer = await web.request(method, path, headers=BROWSER)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == code


async def test_a_program_gets_a_problem_everywhere(web: httpx2.AsyncClient) -> None:
    for method, path, code in (
        ("GET", "/no/such/page", "not_found"),
        ("PUT", "/board", "method_not_allowed"),
        ("GET", "/fails", "internal"),
        ("POST", "/sign-in/demo", "too_large"),
    ):
        answer = await web.request(method, path, content=TOO_MUCH if code == "too_large" else None)
        assert (answer.headers["content-type"], answer.json()["code"]) == ("application/problem+json", code)


async def test_a_failure_names_the_reference_that_the_log_has(
    web: httpx2.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("ERROR", logger="vocloop.api"):
        answer = await web.get("/fails", headers=ENGLISH)
    reference = re.search(r"reference: ([0-9a-f]{12})", answer.text)
    assert reference
    assert reference[1] in caplog.text


async def test_htmx_gets_a_word_in_passing(web: httpx2.AsyncClient) -> None:
    for method, path, status, sent in (("GET", "/fails", 500, b""), ("POST", "/sign-in/demo", 413, TOO_MUCH)):
        answer = await web.request(method, path, headers=HTMX, content=sent)
        assert (answer.status_code, answer.headers["hx-retarget"], "<html" in answer.text) == (status, "#said", False)


async def test_what_an_address_takes_is_said(web: httpx2.AsyncClient) -> None:
    for headers in (BROWSER, {}):
        assert "GET" in (await web.put("/board", headers=headers)).headers["allow"]
