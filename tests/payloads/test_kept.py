"""Whatever an earlier release stored or sent, today's code reads, and loses nothing of what it said."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from pydantic import ValidationError

from domain.events import Accepted
from tests.payloads import recording
from tests.payloads.kept import Payload, lost, of_files, of_histories
from tests.payloads.kinds import KEPT, KINDS, every_field

HOW = """
What is stored outlives releases by years, and what travels meets the release after or before its own. A field that is
no longer used stays readable; one that changes its meaning gets another name; a value that is no longer written stays
known."""


def told(payloads: Sequence[Payload]) -> list[str]:
    """What cannot be read any more, or not all of it."""
    faults = []
    for payload in payloads:
        try:
            faults += [f"{payload.where}: {fault}" for fault in lost(payload.said, payload.again())]
        except ValidationError as error:
            faults.append(f"{payload.where} cannot be read: {error.errors()[0]['loc']}: {error.errors()[0]['msg']}")
    return faults


def test_every_kept_payload_is_read_without_loss() -> None:
    faults = told(list(of_files()))
    assert not faults, "\n".join([*faults, HOW])


def test_everything_that_travelled_in_a_recorded_history_is_read_without_loss() -> None:
    found = list(of_histories())
    faults = told(found)
    assert not faults, "\n".join([*faults[:20], HOW])
    assert len(found) > 700


def test_every_kind_and_every_field_is_said_by_something_kept() -> None:
    unsaid = sorted(every_field() - recording.told())
    assert not unsaid, (
        f"{', '.join(unsaid)}: no kept payload says it, so nobody would notice that it cannot be read any more. "
        "Add a sample to tests/payloads/samples.py and run python -m tests.payloads.recording --release N, "
        "N being a folder of tests/payloads/releases that is not there yet."
    )
    assert {path.stem for path in KEPT.glob("*/*.jsonl")} == set(KINDS)


def _an_accepted(**changes: object) -> Payload:
    return Payload("1/event.jsonl:1", Accepted, {"kind": "accepted", "seq": 1, "at": "2026-03-02T01:00:00Z", **changes})


@pytest.mark.parametrize(
    ("payload", "fault"),
    [
        (_an_accepted(), "cannot be read: ('noticed_at',): Field required"),
        (_an_accepted(noticed_at="2026-03-02T01:00:00Z", kind="taken"), "cannot be read: ('kind',)"),
        (_an_accepted(noticed_at="2026-03-02T01:00:00Z", mood="bright"), ": mood: 'bright' became None"),
    ],
    ids=["a field is demanded that was not written", "a value was renamed", "a field was removed"],
)
def test_a_change_that_old_payloads_do_not_survive_is_told(payload: Payload, fault: str) -> None:
    (found,) = told([payload])
    assert fault in found


def test_what_is_kept_is_never_written_again(tmp_path: Path) -> None:
    recording.keep(tmp_path, {"finish": ["{}"]})
    with pytest.raises(FileExistsError):
        recording.keep(tmp_path, {"finish": ["[]"]})
    assert (tmp_path / "finish.jsonl").read_text() == "{}\n"
