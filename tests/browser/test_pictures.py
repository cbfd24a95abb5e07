"""The pictures in README, taken anew by `make pictures`: a morning's queue, a complaint, the board, a customer's phone.

Everybody in them is made up.
"""

import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from ledger.links import LinkSigner
from starter.home import secret
from tests.browser.looking import PHONE, Size, Visitors
from tests.browser.tickets import DAY, Tickets
from tests.end_to_end.stack import Stack

FOLDER = Path("build/pictures")
MOST_BYTES = 150_000  # so that the repository and its first page stay light
HOUR = timedelta(hours=1)
OWNER = {"role": "responder", "department": "powertrain"}
PROOF = b"DTC P0301 at 110 km/h\n"
_MORNING: tuple[tuple[str, str, timedelta, str, dict[str, Any]], ...] = (
    ("V-10217", "engine.hard_start", 7.2 * DAY, "冷车启动要打三四次才着车，4S 店说是正常现象。", {"risk_level": 3}),
    ("V-10231", "engine.oil_leak", 2.6 * DAY, "车库地上一滩机油，换过油底壳垫还是漏。", {"tier": "key"}),
    ("V-10240", "engine.low_power", 3 * HOUR, "上坡踩到底也只有三十码，后面的车一直按喇叭。", {"risk_level": 2}),
    ("V-10242", "engine.rough_idle", HOUR, "等红灯时方向盘抖得手麻。", {}),
    ("V-10219", "brakes.abs", 3.4 * DAY, "下雨天踩刹车弹脚，ABS 灯常亮。", {"risk_level": 4}),
    ("V-10236", "transmission.jerking", 2.2 * DAY, "一挡升二挡像被人追尾。", {}),
    ("V-10238", "transmission.oil_leak", 5 * HOUR, "变速箱下面滴油。", {}),
    ("V-10243", "infotainment.black_screen", HOUR, "倒车时中控黑屏，什么都看不见。", {}),
    ("V-10229", "electrics.flat_battery", 1.5 * DAY, "停一晚上就打不着，已经搭了三次电。", {}),
    ("V-10241", "brakes.soft_pedal", 2 * HOUR, "刹车越踩越软，不敢上高速。", {"risk_level": 4}),
)


@pytest.fixture(scope="module")
def a_morning(stack: Stack, tickets: Tickets) -> Tickets:
    """Some of every colour, in several departments, and one that has been handed to and fro."""
    for number, tag, age, words, more in _MORNING:
        tickets.come(number, tag, age=age, words=words, **more)
    tickets.come("V-10224", "engine.stall", age=1.1 * DAY, words="高速上突然熄火，靠惯性滑到应急车道。", risk_level=4)
    for number, department in (("V-10231", "powertrain"), ("V-10240", "powertrain"), ("V-10236", "transmission")):
        tickets.ask(number, "accept", role="responder", department=department)
    handed_to_and_fro(stack, tickets, "V-10224")
    return tickets


def handed_to_and_fro(stack: Stack, tickets: Tickets, ticket_no: str) -> None:
    form = {"ticket_no": ticket_no, "kind": "log"}
    sent = stack.http.post(f"{stack.api}/api/v1/evidence", data=form, files={"file": ("ECU.txt", PROOF)})
    proof = [{"kind": "log", "sha256": sent.json()["sha256"]}]
    note = "线圈正常，故障在轮速信号。"
    tickets.ask(ticket_no, "transfer", **OWNER, to="chassis", clause="brakes.abs", note=note, evidence=proof)
    chassis = {"role": "responder", "department": "chassis"}
    tickets.ask(ticket_no, "contest", **chassis, note="轮速信号正常，是高压油泵。", evidence=proof)
    arbiter = {"role": "arbiter", "department": "quality"}
    tickets.ask(ticket_no, "arbitrate", **arbiter, owner="powertrain", note="油压曲线掉到零，归动力总成。")
    tickets.ask(ticket_no, "post-progress", **OWNER, note="配件明早到店，师傅会先给您打电话。")
    tickets.ask(ticket_no, "claim", **OWNER, note="已更换高压油泵，路试 30 公里。", root_cause="supplier_part")


def take(page: Page, name: str) -> None:
    """What stands on the screen, in 256 colours."""
    page.wait_for_function("() => document.fonts.status === 'loaded'")
    FOLDER.mkdir(parents=True, exist_ok=True)
    file = FOLDER / f"{name}.png"
    with Image.open(io.BytesIO(page.screenshot())) as shot:
        shot.convert("RGB").quantize(256, dither=Image.Dither.NONE).save(file, optimize=True)
    assert file.stat().st_size < MOST_BYTES, f"{file} is too large for a README"


def test_the_queue_in_the_morning(a_morning: Tickets, as_role: Visitors) -> None:
    page = as_role("responder", "powertrain", language="en", size=Size(1280, 600))
    page.goto("/queue")
    expect(page.locator("#row-V-10217 .light")).to_have_text("red")
    take(page, "queue")


def test_a_complaint_with_its_clocks(a_morning: Tickets, as_role: Visitors) -> None:
    page = as_role("responder", "powertrain", language="en", size=Size(1280, 1100))
    page.goto("/complaints/V-10224")
    expect(page.locator("#story")).to_contain_text("ruled that Powertrain owns it")
    take(page, "complaint")


def test_the_board_for_everyone(a_morning: Tickets, as_role: Visitors) -> None:
    page = as_role("leadership", language="en", size=Size(1280, 800))
    page.goto("/board")
    expect(page.locator("#liveness")).to_have_attribute("data-now", "live")
    take(page, "board")


def test_the_customers_phone(a_morning: Tickets, as_role: Visitors, stack: Stack) -> None:
    signer = LinkSigner(secret(stack.home), base_url=stack.api)
    page = as_role.nobody(size=PHONE)
    page.goto(signer.address(signer.customer_token("V-10224", 1)))
    expect(page.get_by_role("heading", level=1)).to_have_text("问题解决了吗？")
    take(page, "customer")
