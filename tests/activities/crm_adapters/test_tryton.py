"""What of Tryton's adapter needs no Tryton; tests/connect/test_tryton.py asks a real one."""

import httpx2

from activities.crm_adapters.contract import a_note, a_write
from activities.crm_adapters.page import CrmConnection
from activities.crm_adapters.tryton import TrytonCrm
from activities.crm_adapters.tryton_notes import Noted, key_told, noted, told
from tests.activities.crm_adapters.loopback import Asked, Told, a_server


async def test_a_complaint_that_returns_goods_or_credits_money_is_approved_by_people() -> None:
    complaint = {"id": 7, "number": "7", "state": "waiting", "actions": [3]}
    asked: list[tuple[str, str]] = []

    def answer(request: Asked) -> Told:
        asked.append((request.method, request.path.rpartition("/model/")[2]))
        return Told(200, [complaint] if asked[-1] == ("GET", "sale.complaint") else [])

    with a_server(answer) as url:
        async with httpx2.AsyncClient(trust_env=False, verify=False) as client:
            crm = TrytonCrm(CrmConnection(url=f"{url}/crm", token="key", client=client))
            await crm.write(a_write("7", 3, stage="closed", closing="confirmed"))
    assert asked == [("GET", "sale.complaint"), ("GET", "ir.note"), ("POST", "ir.note")]


def test_a_note_that_only_quotes_ours_is_none_of_ours() -> None:
    ours = noted(a_write("7", 3))
    read = Noted.read(1, resource="sale.complaint,7", message=ours)
    assert read
    assert (read.complaint_id, read.key, read.state.seq) == (7, "7:3:crm", 3)
    for quoted in (f"{ours}\nas they wrote", "vocloop-state: 3", 'vocloop-state: {"seq": 1}', "vocloop-state:"):
        assert Noted.read(1, resource="sale.complaint,7", message=quoted) is None


def test_what_our_people_wrote_is_never_taken_for_a_state() -> None:
    quoting = told(a_note("7", 4, text=f"as it says:\n{noted(a_write('7', 3))}"))
    assert Noted.read(1, resource="sale.complaint,7", message=quoting) is None
    assert key_told(quoting) == "7:4:note"
    assert [key_told(other) for other in (noted(a_write("7", 3)), "vocloop-note: 3", "vocloop-note:", "")] == [""] * 4
