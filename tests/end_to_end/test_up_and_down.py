"""One command raises everything; a complaint goes all the way through it, past killed processes and a restart."""

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from activities.survey import LinkSigner
from ledger.keyring import new_key, written
from starter.home import secret
from tests.end_to_end.leaks import leaks
from tests.end_to_end.stack import Stack
from tests.starter.processes import ROOT, child_environment, free_port, wait_until

NAME, PHONE, VIN, PLATE = "欧阳春晓", "13987651234", "LSVAC4187E2184099", "沪B77Q21"
WORDS, NOTE, FILE_NAME, CONTENT, REPLY = (
    "匝道起步发抖",
    "柱塞卡滞已更换",
    "春晓行车记录",
    "里程三万七千",
    "这次真的修好",
)
MAIL = "spring@example.com"
PLANTED = (NAME, PHONE, MAIL, VIN, PLATE, WORDS, NOTE, FILE_NAME, CONTENT, REPLY)
OWNER = {"role": "responder", "department": "powertrain", "id": "e-1"}
SEALED = "binary/encrypted"  # the encoding of a payload that nobody reads without its key
FIRST, SECOND = "E2E-1", "E2E-2"


def a_ticket(ticket_no: str) -> dict[str, Any]:
    return {
        "ticket_no": ticket_no,
        "created_at": datetime.now(UTC).isoformat(),
        "tags": ["engine.hard_start"],
        "customer": {"name": NAME, "phone": PHONE, "email": MAIL},
        "vehicle": {"vin": VIN, "plate": PLATE},
        "words": f"{NAME} {PHONE}: {WORDS}, {VIN}",
    }


@pytest.mark.long
def test_a_complaint_goes_all_the_way_past_killed_processes_and_a_restart(tmp_path: Path) -> None:
    stack = Stack(tmp_path / "home")
    with stack.up():
        _triggered_and_accepted(stack)
        _claimed_while_nobody_works(stack)
        _confirmed_on_the_customers_page(stack)
        assert stack.stop() == (0, [])
    codec_port = free_port()
    keys = f"k1:{written(new_key())}"
    with stack.up(VOCLOOP_PAYLOAD_KEYS=keys, VOCLOOP_CODEC_PORT=str(codec_port)):  # from now on payloads are sealed
        stack.until(SECOND, stage="dispatched")
        assert stack.ask(SECOND, "accept", actor=OWNER).status_code == 200
        wait_until(lambda: stack.in_crm(SECOND)[-1]["stage"] == "in_work")
        assert stack.stop() == (0, [])
    temporals = sorted(stack.home.glob("temporal.db*"))
    logs = [*stack.home.rglob("*.log"), stack.home.with_suffix(".said")]
    assert len(logs) >= 5
    assert leaks(PLANTED, [*temporals, *logs]) == []
    # The same search does see what is there.
    assert {each.split()[0] for each in leaks([FIRST, SEALED], temporals)} == {FIRST, SEALED}
    assert {each.split()[0] for each in leaks(PLANTED, stack.ledger())} >= {NAME, VIN, NOTE}
    erase = (sys.executable, "-m", "starter.cli", "erase", "--customer", PHONE, "--why", "request 1", "--force")
    subprocess.run(
        erase, check=True, capture_output=True, cwd=ROOT, env=child_environment(VOCLOOP_HOME=str(stack.home))
    )
    assert leaks(PLANTED, [*stack.ledger(), *_files(stack.home / "evidence")]) == []


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def _triggered_and_accepted(stack: Stack) -> None:
    """The CRM's ticket becomes a complaint, and the owner's proof and word are taken."""
    assert stack.http.post(f"{stack.crm}/tickets", json=a_ticket(FIRST)).status_code == 201
    stack.until(FIRST, stage="dispatched", owner="powertrain")
    form = {"ticket_no": FIRST, "kind": "log"}
    file = (f"{FILE_NAME}.txt", f"{CONTENT} {VIN}\n".encode())
    assert stack.http.post(f"{stack.api}/api/v1/evidence", data=form, files={"file": file}).status_code == 201
    assert stack.ask(FIRST, "accept", actor=OWNER).status_code == 200


def _claimed_while_nobody_works(stack: Stack) -> None:
    """Without a worker, then without Temporal, commands and tickets are taken all the same, and nothing is lost."""
    stack.kill("worker")
    claim = {"actor": OWNER, "note": f"{NAME}: {NOTE}", "root_cause": "supplier_part"}
    assert stack.ask(FIRST, "claim", **claim).status_code in (200, 202)
    stack.kill("temporal")
    assert stack.http.post(f"{stack.crm}/tickets", json=a_ticket(SECOND)).status_code == 201
    wait_until(lambda: "temporal is ready again." in stack.said and "worker is ready again." in stack.said, seconds=40)
    stack.until(FIRST, stage="verification")
    stack.until(SECOND, stage="dispatched")


def _confirmed_on_the_customers_page(stack: Stack) -> None:
    """Opening the link does nothing; the answer closes the complaint, and the CRM hears of it."""
    link = LinkSigner(secret(stack.home), base_url=stack.api).link(FIRST, 1)
    wait_until(lambda: stack.http.get(link).status_code == 200)
    assert stack.look(FIRST)["stage"] == "verification"
    answer = {"answer": "confirm", "attitude": "5", "words": f"{REPLY}, {PHONE}"}
    assert stack.http.post(link, data=answer, follow_redirects=True).status_code == 200
    stack.until(FIRST, stage="closed")
    wait_until(lambda: stack.in_crm(FIRST)[-1]["closing"] == "confirmed")
    assert [write["stage"] for write in stack.in_crm(FIRST)] == ["dispatched", "in_work", "verification", "closed"]
