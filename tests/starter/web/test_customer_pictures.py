"""Pictures from a customer's phone: kept as files of the complaint without their place, five at a time."""

import io
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ledger import evidence, notes, surveys
from starter.evidence.store import EvidenceStore
from starter.web import customer_pictures
from tests.activities.letterbox import a_ledger_with, a_whole_ticket
from tests.ledger.building import recorded
from tests.starter.evidence.pictures import PLACE, a_picture, opened
from tests.starter.web.customer_page import Page, claimed, served

JPEG = ("仪表.jpg", a_picture("jpeg"), "image/jpeg")
REFUSED = {"answer": "reject", "round": "1", "words": "还是响"}
ADDED = {"what": "add", "words": "又响了"}
GPS = 0x8825


@pytest.fixture
async def page(tmp_path: Path) -> AsyncIterator[Page]:
    async with a_ledger_with(tmp_path, a_whole_ticket()) as engine, served(engine, tmp_path) as page:
        await recorded(engine, claimed())
        await page.written_to()
        await page.invited()
        yield page


async def test_pictures_go_with_the_answer_as_files_of_the_complaint(page: Page, tmp_path: Path) -> None:
    shown = await page.send_with(REFUSED, JPEG, ("响.heic", a_picture("heif"), "image/heic"))
    assert shown.status_code == 200
    assert "2 张" in shown.text
    rows = await evidence.of_ticket(page.engine, "T-1")
    assert {(row.kind, row.by, row.file_name) for row in rows} == {
        ("photo", "customer", "仪表.jpg"),
        ("photo", "customer", "响.heic"),
    }
    (survey,) = await surveys.of_ticket(page.engine, "T-1")
    assert survey.answer is not None
    assert survey.answer["pictures"] == 2
    assert [row.body["answer"] for row in await page.commands()] == ["reject"]


async def test_they_lose_the_place_where_they_were_taken(page: Page, tmp_path: Path) -> None:
    assert "GPS" in str(opened(JPEG[1]).getexif().get_ifd(GPS)) or opened(JPEG[1]).getexif().get_ifd(GPS)
    await page.send_with(REFUSED, JPEG)
    (row,) = await evidence.of_ticket(page.engine, "T-1")
    content = await EvidenceStore(tmp_path / "evidence").read(row.sha256)
    assert not opened(content).getexif().get_ifd(GPS)
    assert PLACE not in content


async def test_a_picture_may_be_all_that_is_added(page: Page) -> None:
    await page.send_with(REFUSED)
    shown = await page.send_with({"what": "add", "words": ""}, JPEG)
    assert shown.status_code == 200
    assert "处理的人会看到" in shown.text
    assert len(await evidence.of_ticket(page.engine, "T-1")) == 1


@pytest.mark.parametrize("form", [REFUSED, ADDED], ids=["answer", "word"])
@pytest.mark.parametrize(
    ("pictures", "said"),
    [
        pytest.param([JPEG] * 6, "最多 5 张", id="six"),
        pytest.param([("a.jpg", b"no picture at all", "image/jpeg")], "请改选类型或换一个文件", id="a text"),
        pytest.param([("a.jpg", b"<svg onload=alert(1)>", "image/svg+xml")], "请改选类型或换一个文件", id="a script"),
        pytest.param([("a.jpg", JPEG[1][:3] + b"\0" * (26 << 20), "image/jpeg")], "超过 25 MB", id="too large"),
    ],
)
async def test_what_cannot_be_taken_is_said_and_the_words_are_not_lost(
    page: Page, form: dict[str, str], pictures: list[tuple[str, bytes, str]], said: str
) -> None:
    shown = await page.send_with(form, *pictures)
    assert shown.status_code == 422
    assert said in shown.text
    assert "照片需要重新选择" in shown.text
    assert await page.commands() == []
    assert await notes.of_ticket(page.engine, "T-1") == ()


async def test_an_empty_choice_of_files_is_none(page: Page) -> None:
    shown = await page.send_with(REFUSED, ("", b"", "application/octet-stream"))
    assert shown.status_code == 200
    assert await evidence.of_ticket(page.engine, "T-1") == ()


async def test_a_complaint_is_no_place_to_store_pictures(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(customer_pictures, "MOST_OF_ALL", 1)
    await page.send_with(REFUSED, JPEG)
    shown = await page.send_with(ADDED, ("b.png", a_picture("png"), "image/png"))
    assert (shown.status_code, "请打电话给我们" in shown.text) == (422, True)


async def test_a_stranger_s_pictures_are_not_kept(page: Page) -> None:
    path = f"/c/{'x' * 22}"
    shown = await page.http.post(path, data=ADDED, files=[("pictures", io.BytesIO(JPEG[1]))])
    assert shown.status_code == 404
    assert await evidence.of_ticket(page.engine, "T-1") == ()
