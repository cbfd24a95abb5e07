"""Today's code asks for what was recorded, to the letter: what replay does not compare is compared here."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from domain import deadlines
from domain.complaint import Complaint
from domain.deadlines import Deadline
from domain.outlets import NoticeKind
from tests.workflows import authority_history, red_line_history
from tests.workflows.fingerprints import difference, fingerprint, of_run
from tests.workflows.listening import of_today
from tests.workflows.replaying import history_of, recorded, replay
from tests.workflows.scenarios import SCENARIOS
from workflows import names, sending

HOW = """
Complaints that are open when you deploy would go on otherwise than they were begun. Replay accepts it, so they do not
get stuck; whether it is right is yours to say:
- It was not meant: undo it.
- It changes which commands are asked for, or when (a deadline, an order): put it behind `workflow.patched("its-name")`
  in workflows/, so that runs begun before stay as they were.
- It changes only what is carried (an activity's input, a time-out, an attribute): yesterday's activities must
  understand it for as long as both releases work, and today's must understand what yesterday's asked for.
Then record the new way beside the old one, which stays:
    python -m tests.workflows.recording --release {release} {scenario}
(a month's and a red line's histories have commands of their own; see tests/histories/README.md)."""


def _release(path: Path) -> int:
    last = path.stem.rsplit(".", 1)[-1]
    return int(last) if last.isdecimal() else 1


def newest() -> list[Path]:
    """Of each scenario the histories of its last release; older ones carry what was carried then, and only replay."""
    found = []
    for scenario in SCENARIOS:
        runs = [path for path in recorded() if path.name.split(".")[0] == scenario]
        found += [path for path in runs if _release(path) == max(map(_release, runs))]
    others = (authority_history.FOLDER, red_line_history.FOLDER)
    return found + [path for folder in others for path in sorted(folder.glob("*.json"))]


@pytest.mark.parametrize("path", newest(), ids=lambda path: path.stem)
async def test_today_asks_for_what_was_asked_for(path: Path) -> None:
    history = history_of(path)
    (today,) = await of_today(history)
    told = difference(of_run(history), today)
    how = HOW.format(scenario=path.name.split(".")[0], release=_release(path) + 1)
    assert not told, f"{path.name}, {told}\n{how}"


@pytest.mark.parametrize("path", newest(), ids=lambda path: path.stem)
def test_each_has_its_fingerprint_beside_it(path: Path) -> None:
    kept = path.with_suffix(".commands").read_text(encoding="utf-8")
    assert kept == fingerprint(of_run(history_of(path)))
    assert len(kept.splitlines()) >= 8


def test_what_a_fingerprint_compares_is_all_there() -> None:
    """Of every kind of command that our workflows give, and of every scenario."""
    lines = "".join(path.with_suffix(".commands").read_text(encoding="utf-8") for path in newest())
    kinds = set(re.findall(r"^(\w+)", lines, flags=re.MULTILINE))
    asked = {"start_timer", "cancel_timer", "schedule_activity", "show", "answer_update", "complete", "continue_as_new"}
    assert kinds == asked
    assert {path.name.split(".")[0] for path in newest()} >= set(SCENARIOS)


async def _told(name: str) -> str:
    """What the check says of it today, where replay says nothing."""
    path = recorded()[0].with_name(name)
    assert await replay(path) == []
    (today,) = await of_today(history_of(path))
    return difference(of_run(history_of(path)), today)


async def test_another_time_out_is_found_where_replay_finds_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "_CALL", timedelta(seconds=31))
    assert await _told("happy.3.json") == (
        'command 3, schedule_activity 1 deliver: startToCloseTimeout was "30s", is "31s"'
    )


async def test_another_deadline_is_found_where_replay_finds_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    right = deadlines.next_due

    def a_minute_late(complaint: Complaint) -> Deadline | None:
        due = right(complaint)
        return due and due._replace(due_at=due.due_at + timedelta(minutes=1))

    monkeypatch.setattr(deadlines, "next_due", a_minute_late)
    assert await _told("happy.3.json") == 'command 1, start_timer 1: after was "9600s", is "9660s"'


async def test_another_attribute_is_found_where_replay_finds_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(names, "RISK", names.HOPS)
    told = await _told("happy.3.json")
    assert told.startswith("command 2, show: ")
    assert "ComplaintRisk was 1, is nothing" in told


async def test_another_word_to_an_outlet_is_found_where_replay_finds_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(NoticeKind.WORK_ORDER, "_value_", "an_order")
    told = await _told("happy.3.json")
    assert told.startswith("command 3, schedule_activity 1 deliver: arguments[0].notices")
    assert told.endswith('was "work_order", is "an_order"')


def test_a_command_more_or_less_is_told_in_words() -> None:
    commands = of_run(history_of(recorded()[0].with_name("happy.3.json")))
    one_less = difference(commands, commands[:-1])
    one_more = difference(commands[:-1], commands)
    others = difference([commands[0], commands[2]], [commands[0], commands[1]])
    assert (one_less, one_more, others) == (
        "command 19: today's code no longer asks for complete",
        "command 19: today's code asks for complete besides",
        "command 2: it asked for schedule_activity 1 deliver, today's code for show",
    )
