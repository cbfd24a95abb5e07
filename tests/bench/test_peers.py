"""What `make peers` reckons and says. The peers themselves are installed by the command; none is here."""

import os
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest

from bench.peers.run import PEERS, table
from bench.peers.scene import VERBS, CannotRunHere, cpu_ms, finish
from bench.peers.waiting import late
from tests.builders import SECOND, T0

DOCS = Path(__file__).parents[2] / "docs" / "peers.md"


def figures(name: str, *, overdue: dict[str, float] | None) -> dict[str, object]:
    verbs = {verb: {"per_second": 60.0, "cpu_ms": 10.0} for verb in VERBS}
    return {"name": name, "version": "1", "verbs": verbs, "overdue": overdue}


def test_a_row_sums_what_a_ticket_costs_and_says_never_of_who_never_notices() -> None:
    quick = figures("quick", overdue={"noticed": 2, "median_s": 0.04, "latest_s": 1.26})
    rows = table([quick, figures("blind", overdue=None)]).splitlines()
    assert rows[2].count("60/s, 10 ms") == len(VERBS)
    assert rows[2].endswith("| **10.0/s, 60 ms** | 0.0 s, 1.3 s |")
    assert rows[3].endswith("| never |")


def test_lateness_is_from_when_it_fell_due_to_when_the_record_says_so() -> None:
    dues = {"a": T0, "b": T0 + SECOND}
    assert late(dues, {"a": T0 + 3 * SECOND, "b": T0 + SECOND / 2}) == [3.0, 0.0], "half a second is rounding"
    with pytest.raises(RuntimeError, match="1 of 2 were never noticed, such as b"):
        late(dues, {"a": T0})
    with pytest.raises(RuntimeError, match="60 s early"):
        late(dues, {"a": T0, "b": T0 + SECOND - timedelta(minutes=1)})


def test_cpu_of_what_a_process_started_counts_also_once_that_is_over() -> None:
    before = cpu_ms([os.getpid()])
    subprocess.run([sys.executable, "-c", "for _ in range(10_000_000): pass"], check=True)
    end = time.monotonic() + 10
    while cpu_ms([os.getpid()]) < before + 50:
        assert time.monotonic() < end


def test_a_peer_that_cannot_be_installed_says_which_command_failed_and_how() -> None:
    with pytest.raises(CannotRunHere, match="exit 3 failed: no such thing"):
        finish("sh", "-c", "echo no such thing >&2; exit 3")


@pytest.mark.parametrize("peer", PEERS.values(), ids=list(PEERS))
def test_the_page_says_what_stood_for_each_verb_and_for_the_clock(peer: object) -> None:
    told = DOCS.read_text(encoding="utf-8")
    wanted = [peer.name, peer.settings, peer.door, peer.clock, *(peer.verbs[verb] for verb in VERBS)]  # type: ignore[attr-defined]
    assert [text for text in wanted if text not in told] == []
