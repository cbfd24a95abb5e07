"""Keys at the API's door, whom they may speak for, and who saw whose data."""

import asyncio
from pathlib import Path
from typing import Any

import httpx2
import pytest

from domain.access import Permission
from domain.commands import Role
from ledger import evidence, keys, notes
from ledger.messages import messages
from settings import utc_now
from starter.home import local_key
from starter.http.keys import make, make_local
from tests.starter.api_server import NAME, PHONE, VIN, RunningApi, a_home, a_ledger, api_of, by, soon
from tests.starter.people import signed_in

ALL = frozenset(Permission)


async def a_key(api: RunningApi, *scopes: Permission, **bound: Any) -> str:
    async with a_ledger(api.settings) as engine:
        return (await make(engine, name="DMS", scopes=scopes, at=utc_now(), **bound)).key


async def status_of(api: RunningApi, key: str) -> int:
    async with api.client(key) as http:
        return (await http.get("/api/v1/complaints")).status_code


async def test_a_key_that_was_revoked_or_is_over_opens_nothing(running_api: RunningApi) -> None:
    key = await a_key(running_api, Permission.READ)
    over = await a_key(running_api, Permission.READ, expires_at=utc_now())
    assert [await status_of(running_api, each) for each in (key, over)] == [200, 401]
    async with a_ledger(running_api.settings) as engine:
        await keys.revoke(engine, key.split("_")[1], at=utc_now())
    assert await status_of(running_api, key) == 401


async def test_a_wrong_secret_under_a_right_id_opens_nothing(running_api: RunningApi) -> None:
    head, key_id, secret = (await a_key(running_api, Permission.READ)).split("_", 2)
    forged = f"{head}_{key_id}_{'A' * len(secret)}"
    async with running_api.client(forged) as http:
        refused = await http.get("/api/v1/complaints")
    assert (refused.status_code, refused.json()["code"]) == (401, "not_signed_in")
    assert refused.headers["www-authenticate"] == 'Bearer realm="vocloop"'


async def test_of_a_secret_the_ledger_keeps_the_hash_alone(running_api: RunningApi) -> None:
    secret = (await a_key(running_api, Permission.READ)).split("_", 2)[2]
    files = [running_api.settings.home / name for name in ("ledger.db", "ledger.db-wal")]
    assert not any(secret.encode() in file.read_bytes() for file in files if file.exists())


async def test_who_tries_keys_is_made_to_wait_and_others_are_not(tmp_path: Path) -> None:
    settings = await a_home(tmp_path, temporal="127.0.0.1:1")
    async with api_of(settings) as api:
        tried = [await status_of(api, f"vlk_{number:012x}_{'A' * 43}") for number in range(25)]
        assert (set(tried[:20]), tried[-1]) == ({401}, 429)
        async with api.client("guess") as http:
            refused = await http.get("/api/v1/complaints")
        assert (refused.json()["code"], refused.headers["retry-after"]) == ("too_many_attempts", "60")
        assert await status_of(api, local_key(settings.home)) == 200  # from the same address, with a good key


async def test_another_address_in_a_header_is_no_other_address(tmp_path: Path) -> None:
    async with api_of(await a_home(tmp_path, temporal="127.0.0.1:1")) as api, api.client("guess") as http:
        asked = [{"X-Forwarded-For": f"192.0.2.{number}"} for number in range(25)]
        tried = [(await http.get("/api/v1/complaints", headers=each)).status_code for each in asked]
    assert (tried[0], tried[-1]) == (401, 429)


async def test_a_proxy_that_is_trusted_tells_whom_it_brings(tmp_path: Path) -> None:
    settings = await a_home(tmp_path, temporal="127.0.0.1:1")
    trusting = settings.model_copy(update={"forwarded_allow_ips": "127.0.0.1"})
    async with api_of(trusting) as api, api.client("guess") as http:
        asked = [{"X-Forwarded-For": f"192.0.2.{number}"} for number in range(25)]
        tried = {(await http.get("/api/v1/complaints", headers=each)).status_code for each in asked}
    assert tried == {401}


async def test_a_system_without_on_behalf_writes_under_its_own_name(running_api: RunningApi) -> None:
    no = (await running_api.opened())["ticket_no"]
    key = await a_key(running_api, Permission.ACT)
    async with running_api.client(key) as http:
        kept = await http.post("/api/v1/notes", json={"ticket_no": no, "text": "Checked", "author": "cx:cx:wang"})
        form = {"ticket_no": no, "kind": "log", "by": "customer"}
        sent = await http.post("/api/v1/evidence", data=form, files={"file": ("trace.txt", b"DTC P0301\n")})
    assert (kept.status_code, sent.status_code) == (201, 201)
    async with a_ledger(running_api.settings) as engine:
        (note,) = await notes.of_ticket(engine, no)
        (file,) = await evidence.of_ticket(engine, no)
    assert {note.author, file.by} == {f"key-{key.split('_')[1]}"}


async def test_a_person_speaks_for_themself_and_for_nobody_else(running_api: RunningApi) -> None:
    no = (await running_api.opened())["ticket_no"]
    async with await signed_in(running_api, Role.RESPONDER, "powertrain") as http:
        address = f"/api/v1/complaints/{no}/accept"
        for other in (by("chassis"), by("powertrain", "manager"), {**by("powertrain"), "id": "a-colleague"}):
            refused = await http.post(address, json={"actor": other})
            assert (refused.status_code, refused.json()["code"]) == (403, "not_you")
        assert (await http.post(address, json={})).status_code == 200
    assert await soon(lambda: first_actor(running_api, no)) == {
        "role": "responder",
        "department": "powertrain",
        "id": "t-responder-powertrain",
    }


async def first_actor(api: RunningApi, ticket_no: str) -> Any:
    """Who asked first, as the complaint recorded it; None while it has recorded nothing."""
    async with a_ledger(api.settings) as engine:
        recorded = await messages(engine, ticket_no)
    return recorded[0].message.model_dump(mode="json")["actor"] if recorded else None


@pytest.mark.parametrize(
    ("scopes", "bound", "actor", "expected"),
    [
        (ALL, {}, by("powertrain"), (200, "")),
        (ALL, {}, None, (422, "malformed")),  # who is believed must say for whom
        (ALL, {"department": "powertrain"}, by("powertrain"), (200, "")),
        (ALL, {"department": "chassis"}, by("powertrain"), (403, "not_you")),  # bound to another department
        (ALL, {"role": Role.CX}, by("powertrain"), (403, "not_you")),
        ([Permission.ACT], {}, by("powertrain"), (403, "not_you")),  # without on_behalf it is a system
        ([Permission.ACT], {}, None, (409, "not_yours")),
        ([Permission.ACT], {"role": Role.RESPONDER, "department": "powertrain"}, None, (200, "")),
    ],
)
async def test_a_system_is_believed_as_far_as_its_key_goes(
    running_api: RunningApi, scopes: Any, bound: Any, actor: Any, expected: tuple[int, str]
) -> None:
    no = (await running_api.opened())["ticket_no"]
    async with running_api.client(await a_key(running_api, *scopes, **bound)) as http:
        answer = await http.post(f"/api/v1/complaints/{no}/accept", json={"actor": actor} if actor else {})
    assert (answer.status_code, answer.json().get("code", "")) == expected, answer.text


async def test_personal_data_is_shown_to_those_it_concerns_and_that_is_written_down(running_api: RunningApi) -> None:
    no = (await running_api.opened())["ticket_no"]
    async with await signed_in(running_api, Role.RESPONDER, "powertrain") as http:
        assert not [word for word in (NAME, PHONE, VIN) if word in (await http.get(f"/api/v1/complaints/{no}")).text]
        assert (await http.post(f"/api/v1/complaints/{no}/personal", json={"why": " "})).status_code == 422
        shown = await http.post(f"/api/v1/complaints/{no}/personal", json={"why": "Call back about the noise"})
    assert (shown.json()["customer"]["name"], shown.json()["vehicle"]["vin"]) == (NAME, VIN)
    assert PHONE in shown.json()["words"]
    async with await signed_in(running_api, Role.LEADERSHIP) as http:
        written = (await http.get("/api/v1/disclosures", params={"ticket_no": no})).json()["items"]
    assert [(each["person_id"], each["what"], each["why"]) for each in written] == [
        ("t-responder-powertrain", "personal", "Call back about the noise")
    ]


async def test_who_looked_at_a_file_is_written_down(running_api: RunningApi) -> None:
    no = (await running_api.opened())["ticket_no"]
    sha256 = (await running_api.proof(no))["sha256"]
    async with await signed_in(running_api, Role.CX, "cx") as http:
        assert (await http.get(f"/api/v1/evidence/{sha256}", params={"ticket_no": no})).status_code == 200
        other = (await running_api.opened())["ticket_no"]
        elsewhere = await http.get(f"/api/v1/evidence/{sha256}", params={"ticket_no": other})
    assert (elsewhere.status_code, elsewhere.json()["code"]) == (404, "evidence_not_found")
    written = (await running_api.get("/disclosures", ticket_no=no))["items"]
    assert [(each["person_id"], each["what"]) for each in written] == [("t-cx-cx", f"evidence:{sha256}")]


async def test_the_local_key_is_private_stays_the_same_and_is_made_anew_when_revoked(tmp_path: Path) -> None:
    settings = await a_home(tmp_path, temporal="127.0.0.1:1")
    first = local_key(settings.home)
    assert (settings.home / "api.key").stat().st_mode & 0o077 == 0
    async with a_ledger(settings) as engine:
        assert await make_local(engine, settings.home, at=utc_now()) == first
        await keys.revoke(engine, first.split("_")[1], at=utc_now())
        second = await make_local(engine, settings.home, at=utc_now())
        (settings.home / "api.key").write_text(f"{second[:-4]}AAAA")
        third = await make_local(engine, settings.home, at=utc_now())
    assert len({first, second, third}) == 3
    assert local_key(settings.home) == third


@pytest.mark.parametrize(
    "shown",
    [
        "",
        "Authorization: Bearer x\r\n",
        f"Authorization: Bearer vlk_{'0' * 12}_{'A' * 43}\r\n",  # of the right form, and nobody's
        f"Cookie: vocloop={'A' * 43}\r\n",
    ],
)
async def test_a_stranger_is_answered_before_the_body_is_sent(running_api: RunningApi, shown: str) -> None:
    address = httpx2.URL(running_api.settings.base_url)
    shown += "Content-Length: 9000000\r\n"
    head = f"POST /api/v1/evidence HTTP/1.1\r\nHost: {address.host}:{address.port}\r\n{shown}\r\n"
    reader, writer = await asyncio.open_connection(address.host, address.port)
    writer.write(head.encode())
    answered = await asyncio.wait_for(reader.readline(), 10)
    writer.close()
    assert answered.startswith(b"HTTP/1.1 401")


async def test_a_plate_finds_a_complaint_for_those_alone_who_may_see_it_there(running_api: RunningApi) -> None:
    vehicle = {"plate": "川Z90X71"}
    no = (await running_api.opened("engine.hard_start", vehicle=vehicle, words="车牌川Z 90-X71，熄火"))["ticket_no"]
    read, personal = {Permission.READ, Permission.EXPORT}, Permission.SEE_PERSONAL
    of = {department: {"role": Role.RESPONDER, "department": department} for department in ("powertrain", "chassis")}
    finds = {
        await a_key(running_api, *read): False,
        await a_key(running_api, *read, personal, **of["chassis"]): False,
        await a_key(running_api, *read, **of["powertrain"]): False,
        await a_key(running_api, *read, personal, **of["powertrain"]): True,
        await a_key(running_api, *read, personal): True,
    }
    for key, is_found in finds.items():
        async with running_api.client(key) as http:
            for text in ("川Z90X71", "川z 90x71 熄火"):
                listed = (await http.get("/api/v1/complaints", params={"text": text})).json()["items"]
                exported = (await http.get("/api/v1/complaints.csv", params={"text": text})).text
                assert ([each["ticket_no"] for each in listed], no in exported) == ([no] * is_found, is_found)
            assert (await http.get("/api/v1/complaints", params={"text": "川Z90X"})).json()["items"] == []
