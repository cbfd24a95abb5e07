"""Reading is total: whatever a door lets in is a command or a recorded refusal, which says nothing of its content."""

import json
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from domain import commands as cmd
from domain.messages import Malformed, read
from tests.builders import NOTE, T0, a_policy
from tests.domain.scenes import TERMS

SECRET = "13800138000"  # a phone number somebody typed where it does not belong
KINDS = sorted(kind.model_fields["kind"].default for kind in cmd.Command.__args__[0].__args__)
ACTOR = {"role": "responder", "department": "engine", "id": "e-1"}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)
FIELDS = sorted({name for kind in cmd.Command.__args__[0].__args__ for name in kind.model_fields})


def policy_with(**changes: Any) -> dict[str, Any]:
    whole = a_policy().model_dump(mode="json")
    for path, value in changes.items():
        *rooms, last = path.split("__")
        room = whole
        for name in rooms:
            room = room[name]
        room[last] = value
    return {"command_id": "x", "actor": {"role": "ops"}, "policy": whole}


def test_a_command_reads_from_a_plain_mapping() -> None:
    raw = {"command_id": "a", "actor": ACTOR, "to": "chassis", "note_id": NOTE, "a_newer_field": 1}
    message = read("transfer", raw, received_at=T0)
    assert isinstance(message, cmd.Transfer)
    assert (message.to, message.received_at, message.evidence) == ("chassis", T0, ())


def test_the_name_decides_what_it_is_and_not_what_the_mapping_says() -> None:
    message = read("accept", {"kind": "withdraw", "command_id": "a", "actor": ACTOR}, received_at=T0)
    assert isinstance(message, cmd.Accept)


@pytest.mark.parametrize(
    ("name", "raw", "code", "reason"),
    [
        ("accept", "accept", "not_a_mapping", "text"),
        ("accept", None, "not_a_mapping", "nothing"),
        ("accept", [ACTOR], "not_a_mapping", "a list"),
        ("reopen", {"actor": ACTOR}, ":union_tag_invalid", "no such command"),
        ("accept", {"actor": ACTOR}, "accept.command_id:missing", "an id makes it safe to send twice"),
        ("accept", {"command_id": "", "actor": ACTOR}, "accept.command_id:string_too_short", "an empty id is none"),
        ("accept", {"command_id": "a"}, "accept.actor:missing", "nobody asks"),
        ("accept", {"command_id": "a", "actor": {"role": "king"}}, "accept.actor.role:enum", "no such role"),
        (
            "accept",
            {"command_id": "a", "actor": ACTOR, "received_at": "2026-03-02T09:00:00"},
            "accept.received_at:timezone_aware",
            "an instant without a zone",
        ),
        (
            "claim",
            {"command_id": "a", "actor": ACTOR, "root_cause": "design", "note_id": "he said it rattles"},
            "claim.note_id:string_pattern_mismatch",
            "words where a reference belongs",
        ),
    ],
)
def test_what_is_no_command_is_named(name: str, raw: object, code: str, reason: str) -> None:
    message = read(name, raw, received_at=T0)
    assert isinstance(message, Malformed)
    assert (message.name, message.code) == (name, code), reason


@pytest.mark.parametrize(
    "raw",
    [
        policy_with(matrix__owners={SECRET: 5}),
        policy_with(calendar__week={SECRET: 5}),
        policy_with(matrix__supporters={"noise": [SECRET, {SECRET: SECRET}]}),
        {"command_id": SECRET * 20, "actor": {"role": SECRET}, SECRET: SECRET},
    ],
)
def test_nothing_of_the_input_is_in_the_code(raw: dict[str, Any]) -> None:
    message = read("adopt_policy", raw, received_at=T0)
    assert isinstance(message, Malformed)
    assert SECRET not in message.model_dump_json()


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (policy_with(calendar__zone="Nowhere/Land"), "a zone that is none is a KeyError to Python"),
        (policy_with(calendar__zone="Asia"), "a folder of zones"),
        (policy_with(yellow_share="1/0"), "a division by zero"),
        (policy_with(yellow_share="1e-99999999"), "a share that would take all memory to write down"),
        (policy_with(yellow_share=float("nan")), "no number at all"),
        (policy_with(yellow_share="3/2"), "more than the whole"),
        (policy_with(clocks__response="99999999999 hours"), "longer than time"),
        (policy_with(clocks__response="9" * 5000 + " hours"), "longer than Python reads"),
        (policy_with(clocks__response="4 working_hours", calendar__week={}), "a clock in time that never comes"),
    ],
)
def test_a_policy_nobody_could_live_under_is_malformed(raw: dict[str, Any], reason: str) -> None:
    assert isinstance(read("adopt_policy", raw, received_at=T0), Malformed), reason


@settings(max_examples=300, deadline=None)
@given(name=st.sampled_from(KINDS) | st.text(max_size=80), raw=JSON)
@example(name="\ud800", raw={})
@example(name="accept", raw={"command_id": "\ud800", "actor": {"role": "cx", "id": "\udfff"}})
@example(name="accept", raw={"command_id": "a", "actor": ACTOR, "received_at": "0001-01-01T00:00:00+14:00"})
def test_any_json_is_read(name: str, raw: object) -> None:
    assert read(name, raw, received_at=T0).model_dump_json()


@settings(max_examples=300, deadline=None)
@given(name=st.sampled_from(KINDS), raw=st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=8))
def test_any_mapping_with_the_right_names_and_wrong_values_is_read(name: str, raw: dict[str, Any]) -> None:
    message = read(name, raw, received_at=T0)
    if isinstance(message, Malformed):
        assert set(message.code) <= set("abcdefghijklmnopqrstuvwxyz_.:; *0123456789"), (
            "field names and fault types only"
        )


def test_a_message_nested_to_the_bottom_is_read() -> None:
    deep: Any = {}
    for _ in range(100_000):
        deep = {"actor": deep}
    assert isinstance(read("accept", deep, received_at=T0), Malformed)


def test_every_command_survives_json() -> None:
    raw = {"command_id": "a", "actor": ACTOR, "to": "x", "owner": "x", "department": "x", "note_id": NOTE, "round": 1,
           "root_cause": "design", "answer": "confirm", "outcome": "unreached", "level": "service", "ticket_no": "T-2",
           "third_party": "media", "motion": "irrational", "agrees": True,
           "remedy": "refund", "decision": "granted", "terms": TERMS,
           "policy": a_policy().model_dump(mode="json")}  # fmt: skip
    for kind in KINDS:
        message = read(kind, raw, received_at=T0)
        assert not isinstance(message, Malformed)
        assert read(kind, json.loads(message.model_dump_json()), received_at=T0) == message
