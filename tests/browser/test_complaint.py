"""A complaint's page in people's hands: handing on with a picture, claiming, being refused, reading what happened."""

import base64
import struct
import zlib
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.looking import PHONE, Looker, Visitors
from tests.browser.tickets import DAY, Tickets
from tests.end_to_end.stack import Stack

WORDS = (
    "上个月在 4S 店换过点火线圈，开了不到三百公里，昨天在沪宁高速上以 110 码行驶时发动机突然抖动，"
    "仪表盘亮起黄灯，随后动力中断，靠惯性滑到应急车道，后面的大货车差点追尾。车上还有两个孩子。\n\n"
    "我是欧阳春晓，电话 13987651234，请给一个说法，不要再推来推去了！"
)
DROP = """([box, data, type]) => {
  const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
  const moved = new DataTransfer();
  moved.items.add(new File([bytes], type === "drop" ? "仪表报警.png" : "image.png", {type: "image/png"}));
  const event = type === "paste"
    ? new ClipboardEvent("paste", {clipboardData: moved, bubbles: true, cancelable: true})
    : new DragEvent("drop", {dataTransfer: moved, bubbles: true, cancelable: true});
  document.querySelector(box).dispatchEvent(event);
}"""


def a_picture(shade: int) -> bytes:
    """A PNG of 320 × 200 in one shade."""
    rows = b"".join(b"\x00" + bytes((shade, 90, 160)) * 320 for _ in range(200))
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", 320, 200, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows)),
        (b"IEND", b""),
    )
    packed = (
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(packed)


def give(page: Page, box: str, picture: bytes, *, how: str) -> None:
    page.evaluate(DROP, [box, base64.b64encode(picture).decode(), how])


def upload(stack: Stack, ticket_no: str, content: bytes, *, kind: str, name: str) -> dict[str, Any]:
    form = {"ticket_no": ticket_no, "kind": kind}
    answer = stack.http.post(f"{stack.api}/api/v1/evidence", data=form, files={"file": (name, content)})
    assert answer.is_success, answer.text
    return {"kind": kind, "sha256": answer.json()["sha256"]}


@pytest.fixture(scope="module")
def travelled(stack: Stack, tickets: Tickets) -> str:
    """Handed on to chassis with a picture, claimed, rejected by phone, escalated; and a second claim waits."""
    tickets.bring("BC-1001", "engine.stall", age=0.9 * DAY, words=WORDS, tier="vip", risk_level=4)
    powertrain, chassis = (
        {"role": "responder", "department": "powertrain"},
        {"role": "responder", "department": "chassis"},
    )
    photo = upload(stack, "BC-1001", a_picture(200), kind="photo", name="仪表盘报警灯.png")
    log = upload(stack, "BC-1001", b"DTC P0301 at 110 km/h\n", kind="log", name="ECU 故障码.txt")
    proof: dict[str, Any] = {
        "note": "线圈正常，故障在轮速信号，请底盘处理。",
        "clause": "brakes.abs",
        "evidence": [photo, log],
    }
    tickets.ask("BC-1001", "transfer", **powertrain, to="chassis", **proof)
    tickets.ask("BC-1001", "post-progress", **chassis, note="正在更换轮速传感器，预计今天下午交车。")
    tickets.ask("BC-1001", "claim", **chassis, note="已更换左前轮速传感器并路试 30 公里。", root_cause="supplier_part")
    cx = {"role": "cx", "department": "cx"}
    tickets.ask("BC-1001", "record-verification-call", **cx, outcome="rejected", note="客户说今早又熄火一次。")
    invited = {"actor": {**chassis, "id": "chassis-1"}, "department": "powertrain", "note": "请派人一起路试"}
    assert stack.ask("BC-1001", "request-support", **invited).is_success
    return "BC-1001"


def test_it_is_fit_to_be_seen(travelled: str, as_role: Visitors, look: Looker) -> None:
    page = as_role("responder", "chassis")
    page.goto(f"/complaints/{travelled}")
    look(page, "complaint")


def test_in_the_dark_and_with_a_form_open(travelled: str, as_role: Visitors, look: Looker) -> None:
    page = as_role("responder", "chassis", dark=True)
    page.goto(f"/complaints/{travelled}")
    look(page, "complaint-dark")
    page.locator("#do-claim summary").click()
    look(page, "complaint-claim-dark", reload=False)


def test_a_stranger_to_it_sees_what_everybody_may(travelled: str, as_role: Visitors, look: Looker) -> None:
    page = as_role("responder", "body")
    page.goto(f"/complaints/{travelled}")
    expect(page.locator("#acts .doing")).to_have_count(0)
    look(page, "complaint-looked-at")


def test_cx_gives_the_customer_a_new_link(travelled: str, as_role: Visitors, look: Looker) -> None:
    page = as_role("cx", "cx")
    page.goto(f"/complaints/{travelled}")
    page.locator("#link").get_by_role("button", name="发一个新链接").click()
    expect(page.locator("#link .address")).to_contain_text("/c/")
    look(page, "complaint-link", reload=False)
    page.locator("#link").get_by_role("button", name="作废链接").click()
    expect(page.locator("#link")).to_contain_text("起已作废")
    page.locator(".letters > summary").click()
    look(page, "complaint-cx", reload=False)


def test_one_click_accepts_and_a_double_click_is_one(tickets: Tickets, responder: Page) -> None:
    tickets.bring("BC-2001", "engine.hard_start", words="启动困难")
    responder.goto("/complaints/BC-2001")
    responder.get_by_role("button", name="接单", exact=True).dblclick()
    expect(responder.locator("#said")).to_contain_text("已受理：接单")
    expect(responder.locator(".timeline").get_by_text("已接单")).to_have_count(1)
    expect(responder.locator(".timeline .is-quiet")).to_have_count(0)
    expect(responder.locator(".badge.is-stage")).to_have_text("处理中")
    responder.locator(".absent summary").click()
    expect(responder.locator(".absent")).to_contain_text("贵部门已接单")


def test_a_transfer_takes_a_dropped_and_a_pasted_picture(tickets: Tickets, responder: Page, look: Looker) -> None:
    tickets.bring("BC-2002", "engine.stall", words=WORDS)
    responder.goto("/complaints/BC-2002")
    responder.locator("#do-transfer summary").click()
    form = responder.locator("#do-transfer form")
    give(responder, "#do-transfer fieldset", a_picture(10), how="drop")
    expect(form.locator(".attached li")).to_have_count(1)
    give(responder, "#do-transfer textarea", a_picture(20), how="paste")
    expect(form.locator(".attached li")).to_have_count(2)
    form.get_by_label("转给").select_option("chassis")
    assert form.locator("[data-clause] optgroup:not([disabled])").count() == 1
    form.get_by_label("依据矩阵条款").select_option("brakes.abs")
    look(responder, "complaint-transfer", reload=False)
    form.get_by_label("理由").fill("线圈正常，故障在轮速信号。")
    form.get_by_role("button", name="举证转派").click()
    expect(responder.locator("#said")).to_contain_text("已受理：举证转派")
    expect(responder.locator(".timeline")).to_contain_text("带 2 份举证转给底盘工程部")
    expect(responder.locator("#acts .doing")).to_have_count(0)


def test_what_is_attached_outlives_a_refresh_that_was_under_way(tickets: Tickets, responder: Page) -> None:
    tickets.bring("BC-2090", "engine.stall", words=WORDS)
    responder.goto("/complaints/BC-2090")
    held: list[Route] = []
    responder.route("**/parts/acts*", lambda route: held.append(route))
    responder.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    responder.wait_for_timeout(0)
    responder.locator("#do-transfer summary").click()
    give(responder, "#do-transfer fieldset", a_picture(10), how="drop")
    expect(responder.locator("#do-transfer .attached li")).to_have_count(1)
    assert len(held) == 1
    with responder.expect_response("**/parts/acts*") as answer:
        held[0].continue_()
    answer.value.finished()
    responder.evaluate("new Promise((done) => setTimeout(done, 200))")
    expect(responder.locator("#do-transfer .attached li")).to_have_count(1)


def test_a_form_that_lacks_something_keeps_what_was_typed(tickets: Tickets, responder: Page) -> None:
    tickets.bring("BC-2003", "engine.stall", words="熄火")
    responder.goto("/complaints/BC-2003")
    responder.locator("#do-contest summary").click()
    responder.locator("#contest-note").fill("不是我们的件")
    responder.locator("#do-contest .send").click()
    expect(responder.locator("#do-contest .fault")).to_contain_text("没有举证不能提交")
    expect(responder.locator("#contest-note")).to_have_value("不是我们的件")


def test_a_refusal_is_told_in_the_form(tickets: Tickets, as_role: Visitors, look: Looker) -> None:
    tickets.bring("BC-2004", "engine.stall", words="熄火")
    late, quick = (as_role("responder", "powertrain") for _ in range(2))
    for page in (late, quick):
        page.goto("/complaints/BC-2004")
    late.locator("#do-transfer summary").click()
    give(late, "#do-transfer fieldset", a_picture(30), how="drop")
    expect(late.locator("#do-transfer .attached li")).to_have_count(1)
    late.get_by_label("转给").select_option("chassis")
    late.get_by_label("依据矩阵条款").select_option("brakes.abs")
    late.locator("#transfer-note").fill("不是我们的件")
    quick.get_by_role("button", name="接单", exact=True).click()
    expect(quick.locator("#said")).to_contain_text("已受理")
    late.locator("#do-transfer .send").click()
    expect(late.locator(".refusal")).to_contain_text("只有仲裁能改派")
    expect(late.locator(".badge.is-stage")).to_have_text("处理中")
    expect(late.locator(".timeline .is-quiet")).to_contain_text("“举证转派”未被受理")
    expect(late.locator("#contest-note")).to_have_value("不是我们的件")
    expect(late.locator("#do-contest .attached input")).to_be_checked()
    look(late, "complaint-refused", reload=False)


def test_a_claim_says_what_was_done_and_why(tickets: Tickets, as_role: Visitors) -> None:
    tickets.bring("BC-2005", "engine.stall", words="熄火")
    page = as_role("responder", "powertrain", size=PHONE)
    page.goto("/complaints/BC-2005")
    page.locator("#do-claim summary").click()
    page.get_by_label("做了什么").fill("已更换高压油泵并路试。")
    page.get_by_label("根因").select_option(label="供应商零件")
    page.locator("#do-claim .send").click()
    expect(page.locator(".badge.is-stage")).to_have_text("回访中")
    expect(page.locator("#story")).to_contain_text("已更换高压油泵并路试。")


def test_without_scripts_a_transfer_with_a_file_works(tickets: Tickets, as_role: Visitors, tmp_path: Path) -> None:
    tickets.bring("BC-2006", "engine.stall", words="熄火")
    picture = tmp_path / "现场.png"
    picture.write_bytes(a_picture(40))
    page = as_role("responder", "powertrain", scripts=False, size=PHONE)
    page.goto("/complaints/BC-2006")
    page.locator("#do-transfer summary").click()
    form = page.locator("#do-transfer form")
    form.get_by_label("转给").select_option("chassis")
    form.get_by_label("依据矩阵条款").select_option("brakes.abs")
    form.get_by_label("理由").fill("现场照片为证。")
    form.get_by_label("选择文件").set_input_files(picture)
    form.get_by_role("button", name="举证转派").click()
    expect(page.locator("#said")).to_contain_text("已受理：举证转派")
    expect(page.locator("#story")).to_contain_text("现场照片为证。")


def test_pictures_open_where_it_concerns(travelled: str, as_role: Visitors) -> None:
    page = as_role("responder", "chassis")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"/complaints/{travelled}")
    assert not [url for url in asked if "/api/v1/evidence/" in url]
    page.locator(".file.is-image summary").click()
    page.wait_for_function("() => document.querySelector('.file.is-image img').naturalWidth === 320")


def test_personal_data_is_revealed_in_place_for_a_reason(travelled: str, as_role: Visitors) -> None:
    page = as_role("responder", "chassis")
    page.goto(f"/complaints/{travelled}")
    expect(page.locator("#words")).not_to_contain_text("13987651234")
    page.locator(".reveal summary").click()
    page.get_by_label("为什么需要查看？").fill("约客户路试")
    page.get_by_role("button", name="记录并查看").click()
    expect(page.locator("#words")).to_contain_text("13987651234")
    page.reload()
    expect(page.locator("#words")).not_to_contain_text("13987651234")


def test_what_others_do_appears_without_a_jump(tickets: Tickets, responder: Page) -> None:
    tickets.bring("BC-2007", "engine.stall", words="熄火")
    responder.goto("/complaints/BC-2007")
    expect(responder.locator(".badge.is-stage")).to_have_text("待响应")
    responder.locator("#do-claim summary").click()
    responder.get_by_label("做了什么").fill("半句话")
    tickets.ask("BC-2007", "accept", role="responder", department="powertrain")
    responder.evaluate("() => document.dispatchEvent(new Event('visibilitychange'))")
    expect(responder.locator(".badge.is-stage")).to_have_text("处理中")
    expect(responder.locator(".timeline")).to_contain_text("已接单")
    expect(responder.get_by_label("做了什么")).to_have_value("半句话")
