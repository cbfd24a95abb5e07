"""The daily digest: figures from a real ledger, by mail over a real SMTP server, once, and only on working days."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx2
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from activities.channels.page import Channel
from activities.channels.robots import Robot, Robots
from activities.digest import Digests
from activities.mail import SmtpMailer
from activities.notices import SqlNotices
from activities.roster import PolicyRoster
from domain import commands as cmd
from domain.kinship import Kin, Relation
from domain.outlets import Audience
from ledger import kin, notices
from ledger.database import writing
from policy import reading
from policy.reading import PolicyFiles
from tests.activities.channels.vendors import a_vendor
from tests.activities.mail_server import MailServer, a_mail_server, plain
from tests.builders import CUSTOMER, DAY, HOUR, NOTE, Played, of
from tests.ledger.building import a_ledger, recorded
from tests.policy.folders import a_copy

FILES = reading.load()
QUARTER, SHANGHAI = HOUR / 4, ZoneInfo("Asia/Shanghai")
MONDAY = datetime(2026, 3, 2, 0, 30, tzinfo=UTC)  # 08:30 in Shanghai
VPS = {address for each in FILES.departments for address in FILES.addresses(Audience.VP, each.id)}
[POWERTRAINS] = FILES.addresses(Audience.VP, "powertrain")


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    async with a_ledger(tmp_path, policy=FILES.policy_at(MONDAY)) as engine:
        yield engine


@pytest.fixture
async def server() -> AsyncIterator[MailServer]:
    async with a_mail_server() as server:
        yield server


def digests(
    engine: AsyncEngine, url: str, *, at: datetime = MONDAY, files: PolicyFiles = FILES, **channels: Channel
) -> Digests:
    mailer = SmtpMailer(url, sender="voice@carmaker.example.com")
    outlet = SqlNotices(engine, roster=PolicyRoster(files), mailer=mailer, clock=lambda: at, channels=channels)
    return Digests(engine, files=files, stationery=outlet.stationery, delivery=outlet.delivery)


def a_life(number: int, *, since: datetime) -> Played:
    policy = FILES.policy_at(since)
    played = Played("engine.low_power", ticket_no=f"T-{number}", at=since, policy=policy)
    played.send(cmd.Accept, at=since + HOUR, by=of("powertrain"))
    return played


async def a_ledger_of_powertrain(engine: AsyncEngine) -> None:
    """T-1 is open and red since Friday night, T-2 is new, and T-3's customer said no on Sunday."""
    red, fresh = a_life(1, since=MONDAY - 5 * DAY), a_life(2, since=MONDAY - 2 * HOUR)
    red.wait(MONDAY)
    refused = a_life(3, since=MONDAY - DAY)
    refused.send(cmd.Claim, at=MONDAY - 12 * HOUR, by=of("powertrain"), note_id=NOTE, root_cause="design")
    refused.send(cmd.CustomerReply, at=MONDAY - 11 * HOUR, by=CUSTOMER, answer="reject", round=1)
    await recorded(engine, red, fresh, refused)


async def test_each_vp_reads_how_their_departments_stand(engine: AsyncEngine, server: MailServer) -> None:
    await a_ledger_of_powertrain(engine)
    told = await digests(engine, server.url).perform(MONDAY)
    assert told == f"{len(VPS)} digests sent, {len(VPS)} VPs have a department that works today"
    [theirs] = [each for each in server.letters if each["To"] == POWERTRAINS]
    assert str(theirs["Subject"]) == "每日简报：红灯 1，在办 3 / Daily digest: red 1, open 3"
    text = plain(theirs)
    for said in (
        "【动力总成部】在办 3 单，其中黄灯 0，红灯 1",
        "新增超期 1 单：T-1",
        "客户驳回 1 次",
        "最久未关闭：T-1",
        "3 open, of which yellow 0 and red 1",
        "waited since 2026-02-25 08:30 (UTC+0800)",
    ):
        assert said in text, said


async def test_a_fault_that_came_back_is_told_of_once(engine: AsyncEngine, server: MailServer) -> None:
    """T-1 came back as T-2, which was looked at an hour ago; what was found the day before was told the day before."""
    await recorded(engine, a_life(1, since=MONDAY - 3 * DAY), a_life(2, since=MONDAY - 2 * HOUR))
    for number, at in (("T-1", MONDAY - 4 * DAY), ("T-2", MONDAY - HOUR)):
        async with writing(engine) as connection:
            await kin.owe_in(connection, number, at=at)
        await kin.found(engine, number, [Relation(Kin.CAME_BACK, "T-0", "powertrain")], at=at)
    await digests(engine, server.url).perform(MONDAY)
    [theirs] = [each for each in server.letters if each["To"] == POWERTRAINS]
    assert "同一故障再次出现 1 次" in plain(theirs)
    assert "Faults that came back after you claimed them gone: 1" in plain(theirs)


async def test_a_quiet_department_is_told_so(engine: AsyncEngine, server: MailServer) -> None:
    await digests(engine, server.url).perform(MONDAY)
    assert all("在办 0 单" in plain(each) and "没有新增超期" in plain(each) for each in server.letters)


async def test_it_goes_once_a_day_however_often_it_is_asked_for(engine: AsyncEngine, server: MailServer) -> None:
    of_today = digests(engine, server.url)
    await of_today.perform(MONDAY)
    for later in (QUARTER, HOUR, 15 * HOUR):
        assert (await of_today.perform(MONDAY + later)).startswith("0 digests sent"), later
    assert len(server.letters) == len(VPS)
    await of_today.perform(MONDAY + DAY)
    assert len(server.letters) == 2 * len(VPS)


async def test_nobody_is_told_on_a_day_off(engine: AsyncEngine, server: MailServer) -> None:
    told = await digests(engine, server.url).perform(datetime(2026, 10, 1, 0, 30, tzinfo=UTC))
    assert told == "0 digests sent, 0 VPs have a department that works today"
    assert server.letters == []


async def test_after_a_holiday_it_tells_of_all_that_happened_meanwhile(engine: AsyncEngine, server: MailServer) -> None:
    back = datetime(2026, 10, 8, 0, 30, tzinfo=UTC)  # the holiday began on the 1st
    life = a_life(1, since=datetime(2026, 9, 28, 2, tzinfo=UTC))
    life.wait(back)
    await recorded(engine, life)
    await digests(engine, server.url, at=back).perform(back)
    [theirs] = [each for each in server.letters if each["To"] == POWERTRAINS]
    assert "新增超期 1 单：T-1" in plain(theirs), "its clock passed on the 1st"


async def test_what_could_not_go_goes_with_the_next_try_and_the_rest_not_again(
    engine: AsyncEngine, server: MailServer
) -> None:
    server.answers[POWERTRAINS] = "451 try again later"
    told = await digests(engine, server.url).perform(MONDAY)
    assert told.startswith(f"{len(VPS) - 1} digests sent, 1 put off, ")
    posted = await notices.inbox_of(engine, department="powertrain", audience=Audience.VP)
    assert [(each.sent_at, each.failed_reason) for each in posted] == [(None, "mail: SMTP 451")]
    del server.answers[POWERTRAINS]
    assert (await digests(engine, server.url).perform(MONDAY + QUARTER)).startswith("1 digests sent, ")
    assert len(server.letters) == len(VPS)
    keys = {str(each["Message-ID"]) for each in server.letters}
    assert len(keys) == len(VPS)


async def test_it_stands_in_each_departments_notice_centre_and_goes_once(
    engine: AsyncEngine, server: MailServer
) -> None:
    await digests(engine, server.url).perform(MONDAY)
    theirs = [each.id for each in FILES.departments if POWERTRAINS in FILES.addresses(Audience.VP, each.id)]
    assert len(theirs) == 4
    posted = [await notices.inbox_of(engine, department=each, audience=Audience.VP, limit=5) for each in theirs]
    assert [each.key.rpartition(":")[0] for (each,) in posted] == [f"digest:2026-03-02:{each}" for each in theirs]
    assert [(each.sent_by, each.sent_at, each.ticket_no) for (each,) in posted] == [("mail", MONDAY, "")] * 4
    assert [each["To"] for each in server.letters].count(POWERTRAINS) == 1


async def test_what_no_way_takes_is_tried_with_growing_pauses_until_midnight(
    engine: AsyncEngine, server: MailServer
) -> None:
    server.answers[POWERTRAINS] = "550 nobody"
    tried = list[str]()
    for quarter in (0, 1, 2, 3, 4, 6, 7, 8, 14, 15, 16, 30, 31, 61):
        now = MONDAY + quarter * QUARTER
        await digests(engine, server.url, at=now).perform(now)
        (newest, *_) = await notices.inbox_of(engine, department="powertrain", audience=Audience.VP)
        tried += [f"{now.astimezone(SHANGHAI):%H:%M}"] * (newest.attempts - len(tried))
    assert tried == ["08:30", "08:45", "09:15", "10:15", "12:15", "16:15"]
    tomorrow = MONDAY + DAY
    await digests(engine, server.url, at=tomorrow).perform(tomorrow)
    (newest, *_) = await notices.inbox_of(engine, department="powertrain", audience=Audience.VP)
    assert newest.key.startswith("digest:2026-03-03:")


def elsewhere(folder: Path, *, zone: str, department: str = "powertrain", vp: str = POWERTRAINS) -> PolicyFiles:
    """The department works in another zone, and its VP has no other department."""
    a_copy(folder)
    calendar, departments = folder / "calendar.toml", folder / "departments.toml"
    calendar.write_text(f'{calendar.read_text("utf-8")}\n[calendar.abroad]\nzone = "{zone}"\n', encoding="utf-8")
    before, _, after = departments.read_text("utf-8").partition(f"[department.{department}]\n")
    after = after.replace(vp, "abroad-vp@carmaker.example.com", 1)
    text = f'{before}[department.{department}]\ncalendar = "abroad"\n{after}'
    departments.write_text(text, encoding="utf-8")
    return reading.load(folder)


@pytest.mark.parametrize(
    ("zone", "local", "at"),
    [
        ("Europe/Berlin", "2026-03-02 08:30 (UTC+0100)", MONDAY + 7 * HOUR),
        ("Asia/Kathmandu", "2026-03-02 08:30 (UTC+0545)", MONDAY + 2.25 * HOUR),
        ("America/Los_Angeles", "2026-03-02 08:30 (UTC-0800)", MONDAY + 16 * HOUR),
        ("America/Los_Angeles", "2026-03-09 08:30 (UTC-0700)", MONDAY + 7 * DAY + 15 * HOUR),  # since the night before
    ],
)
async def test_who_works_in_another_zone_has_it_at_half_past_eight_there(
    engine: AsyncEngine, server: MailServer, tmp_path: Path, zone: str, local: str, at: datetime
) -> None:
    files = elsewhere(tmp_path / "policy", zone=zone)
    for quarter in range(-2, 1):
        now = at + quarter * QUARTER
        await digests(engine, server.url, at=now, files=files).perform(now)
        theirs = [each for each in server.letters if each["To"] == "abroad-vp@carmaker.example.com"]
        assert len(theirs) == (quarter == 0)
    assert local in plain(theirs[0])
    assert len(files.addresses(Audience.VP, "powertrain")) == 1


async def test_a_day_off_is_that_of_the_place(engine: AsyncEngine, server: MailServer, tmp_path: Path) -> None:
    """At this hour it is Saturday in Shanghai, and Friday in California."""
    files = elsewhere(tmp_path / "policy", zone="America/Los_Angeles")
    saturday = datetime(2026, 3, 6, 16, 30, tzinfo=UTC)
    told = await digests(engine, server.url, at=saturday, files=files).perform(saturday)
    assert told == "1 digests sent, 1 VPs have a department that works today"


async def test_vps_who_share_a_group_read_each_their_own_there(
    engine: AsyncEngine, server: MailServer, tmp_path: Path
) -> None:
    folder = a_copy(tmp_path / "policy")
    departments = folder / "departments.toml"
    text = departments.read_text("utf-8")
    for address in VPS:
        text = text.replace(f'email = "{address}"', f'email = "{address}", ways = ["robot:vps"]')
    departments.write_text(text, encoding="utf-8")
    with a_vendor() as vendor:
        vendor.answer = lambda _: (200, {}, {"errcode": 0})
        async with httpx2.AsyncClient(trust_env=False) as client:
            robot = Robot(kind="wecom", url=f"{vendor.url}/send?key=k")
            robots = Robots({"vps": robot}, client=client, clock=lambda: MONDAY)
            for _ in range(2):
                await digests(engine, server.url, files=reading.load(folder), robot=robots).perform(MONDAY)
    said = [request.json["markdown"]["content"] for request in vendor.requests]
    assert len(said) == len(set(said)) == len(VPS)
    posted = await notices.inbox_of(engine, audience=Audience.VP, limit=200)
    assert {each.sent_by for each in posted} == {"robot:vps"}
    assert server.letters == []
