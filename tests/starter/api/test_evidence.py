import hashlib
from typing import Any

import pytest

from starter.evidence.store import MAX_EVIDENCE_BYTES
from tests.starter.api_server import RunningApi, a_ticket_no, by, soon
from tests.starter.evidence.pictures import a_flood, a_picture, opened

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 32


async def test_a_file_is_kept_by_its_content_and_comes_back_as_an_attachment(running_api: RunningApi) -> None:
    no = (await running_api.opened())["ticket_no"]
    content = f"trace of {no}\n".encode()
    kept = await running_api.upload(no, content)
    assert (kept.status_code, kept.json()["sha256"]) == (201, hashlib.sha256(content).hexdigest())
    back = await running_api.http.get(f"/api/v1/evidence/{kept.json()['sha256']}", params={"ticket_no": no})
    assert back.content == content
    assert back.headers["content-disposition"].startswith("attachment")
    assert back.headers["x-content-type-options"] == "nosniff"


async def test_the_same_file_again_stays_what_it_was_said_to_be_first(running_api: RunningApi) -> None:
    no = (await running_api.opened())["ticket_no"]
    await running_api.upload(no, b"again\n", kind="log")
    again = await running_api.upload(no, b"again\n", kind="document")
    assert (again.status_code, again.json()["kind"]) == (200, "log")


@pytest.mark.parametrize(
    ("content", "kind", "status", "code"),
    [
        (b"MZ\x90\x00\x03\x00\x00\x00", "log", 415, "unsupported_media_type"),  # a program
        (b"only text\n", "photo", 415, "not_of_this_kind"),  # text is no photo, whatever its name
        (b"", "log", 422, "empty"),
        (b"x" * (MAX_EVIDENCE_BYTES + 1), "log", 413, "too_large"),  # one byte too long
        (a_flood(60_000, 60_000), "photo", 413, "too_many_pixels"),
        (PNG, "hearsay", 422, "malformed"),  # no such kind
    ],
)
async def test_what_is_no_evidence_is_refused_with_the_reason(
    running_api: RunningApi, content: bytes, kind: str, status: int, code: str
) -> None:
    no = (await running_api.opened())["ticket_no"]
    refused = await running_api.upload(no, content, kind=kind)
    assert (refused.status_code, refused.json()["code"]) == (status, code)


async def test_a_photo_is_kept_without_its_place_and_may_be_named_by_either_hash(running_api: RunningApi) -> None:
    no = (await running_api.opened())["ticket_no"]
    photo = a_picture("jpeg")
    kept = (await running_api.upload(no, photo, kind="photo")).json()
    assert kept["original_sha256"] == hashlib.sha256(photo).hexdigest() != kept["sha256"]
    for named in (kept["sha256"], kept["original_sha256"]):
        shown = await running_api.http.get(f"/api/v1/evidence/{named}", params={"ticket_no": no})
        assert hashlib.sha256(shown.content).hexdigest() == kept["sha256"]
        assert shown.headers["content-type"] == "image/jpeg"
        assert not opened(shown.content).getexif().get_ifd(0x8825)


async def test_a_transfer_with_the_hash_of_what_was_sent_carries_what_is_kept(running_api: RunningApi) -> None:
    no = (await running_api.opened())["ticket_no"]
    kept = (await running_api.upload(no, a_picture("png"), kind="photo")).json()
    proof = [{"kind": "photo", "sha256": kept["original_sha256"]}]
    asked: dict[str, Any] = {"to": "electronics", "note": "见照片", "evidence": proof}
    assert (await running_api.command(no, "transfer", actor=by("powertrain"), **asked)).status_code == 200

    async def carried() -> list[str] | None:
        items = (await running_api.get(f"/complaints/{no}/timeline"))["items"]
        found = [item["event"]["evidence"] for item in items if item["kind"] == "transferred"]
        return [each["sha256"] for each in found[0]] if found else None

    assert await soon(carried) == [kept["sha256"]]


async def test_a_file_that_two_departments_use_is_listed_once_with_each_use(running_api: RunningApi) -> None:
    no = (await running_api.opened())["ticket_no"]
    proof = await running_api.proof(no)
    unused = (await running_api.get(f"/complaints/{no}/evidence"))["items"][0]
    moved = await running_api.command(
        no, "transfer", actor=by("powertrain"), to="transmission", evidence=[proof], note="见日志"
    )
    claimed: dict[str, Any] = {
        "actor": by("transmission"),
        "note": "已更换",
        "root_cause": "design",
        "evidence": [proof],
    }
    claim = await running_api.command(no, "claim", **claimed)
    assert (moved.status_code, claim.status_code, unused["uses"]) == (200, 200, [])
    (item,) = (await running_api.get(f"/complaints/{no}/evidence"))["items"]
    assert (item["sha256"], item["kind"], item["size"]) == (proof["sha256"], "log", unused["size"])
    used = [(use["event"], use["role"], use["department"]) for use in item["uses"]]
    assert used == [("transferred", "responder", "powertrain"), ("claimed", "responder", "transmission")]
    told = {each["seq"]: each["kind"] for each in (await running_api.get(f"/complaints/{no}/timeline"))["items"]}
    assert [told[use["seq"]] for use in item["uses"]] == ["transferred", "claimed"]


async def test_a_sound_plays_in_pieces_and_looking_is_written_down_once(running_api: RunningApi) -> None:
    no = (await running_api.opened())["ticket_no"]
    sound = b"ID3" + bytes(range(256)) * 100
    sha256 = (await running_api.upload(no, sound, kind="audio")).json()["sha256"]
    heard = b""
    for begin in range(0, len(sound), 10_000):
        asked = {"Range": f"bytes={begin}-{begin + 9_999}"}
        part = await running_api.http.get(f"/api/v1/evidence/{sha256}", params={"ticket_no": no}, headers=asked)
        assert (part.status_code, part.headers["content-disposition"][:6]) == (206, "inline")
        heard += part.content
    assert heard == sound
    looks = await running_api.get("/disclosures", ticket_no=no)
    assert [look["what"] for look in looks["items"]] == [f"evidence:{sha256}"]


async def test_a_part_that_is_not_there_is_refused_with_the_size(running_api: RunningApi) -> None:
    no = (await running_api.opened())["ticket_no"]
    sha256 = (await running_api.upload(no, b"short\n")).json()["sha256"]
    address = f"/api/v1/evidence/{sha256}?ticket_no={no}"
    refused = await running_api.http.get(address, headers={"Range": "bytes=6-"})
    assert (refused.status_code, refused.json()["code"]) == (416, "range_not_satisfiable")
    assert refused.headers["content-range"] == "bytes */6"


async def test_evidence_belongs_to_a_ticket(running_api: RunningApi) -> None:
    refused = await running_api.upload(a_ticket_no(), b"of nobody\n")
    assert (refused.status_code, refused.json()["code"]) == (404, "unknown_complaint")


async def test_a_ticket_that_names_anothers_file_does_not_open_it(running_api: RunningApi) -> None:
    first = (await running_api.opened())["ticket_no"]
    sha256 = (await running_api.upload(first, f"trace of {first}\n".encode())).json()["sha256"]
    other = (await running_api.opened(files=[sha256]))["ticket_no"]
    address = f"/api/v1/evidence/{sha256}"
    refused = await running_api.http.get(address, params={"ticket_no": other})
    assert (refused.status_code, refused.json()["code"]) == (404, "evidence_not_found")
    await running_api.upload(other, f"trace of {first}\n".encode())  # who has the file may hand it in there, too
    assert (await running_api.http.get(address, params={"ticket_no": other})).status_code == 200


async def test_a_digest_of_nothing_is_not_found(running_api: RunningApi) -> None:
    no = (await running_api.opened())["ticket_no"]
    response = await running_api.http.get(f"/api/v1/evidence/{'0' * 64}", params={"ticket_no": no})
    assert (response.status_code, response.json()["code"]) == (404, "evidence_not_found")


async def test_the_same_note_again_is_the_same_note(running_api: RunningApi) -> None:
    no = (await running_api.opened())["ticket_no"]
    first, again = [await running_api.post("/notes", {"ticket_no": no, "text": "到店检查"}) for _ in range(2)]
    assert first.status_code == 201
    assert first.json() == again.json()
    assert first.json()["note_id"].startswith("note-")
