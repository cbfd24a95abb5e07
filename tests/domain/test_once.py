"""An answer kept by the identity of frozen values is that of the values asked about, and of no others."""

from inspect import unwrap
from typing import Any

import pytest
from pydantic import BaseModel

from domain import clocks, risk
from domain.complaint import Complaint, Stage
from domain.once import _MOST, once
from domain.policy import Policy
from tests.builders import a_policy
from tests.domain.scenes import at_stage
from tests.risks import RISK


def test_the_very_same_values_are_worked_out_once() -> None:
    asked: list[tuple[Policy, int]] = []
    policy = a_policy()

    @once
    def derive(who: Policy, times: int) -> str:
        asked.append((who, times))
        return f"{who.version}:{times}"

    assert [derive(policy, 2), derive(policy, 2), derive(policy, 3)] == [f"{policy.version}:{n}" for n in (2, 2, 3)]
    assert asked == [(policy, 2), (policy, 3)]


def test_a_value_gone_leaves_its_answer_to_nobody() -> None:
    @once
    def derive(words: tuple[str, ...]) -> str:
        return words[0]

    told = [derive((f"word {number}",)) for number in range(3 * _MOST)]
    assert told == [f"word {number}" for number in range(3 * _MOST)]


def test_a_copy_says_what_pydantics_own_would() -> None:
    policy, changes = a_policy(), {"hop_limit": 7}
    mine, theirs = policy.model_copy(update=changes), BaseModel.model_copy(policy, update=changes)
    assert mine == theirs
    assert mine.model_fields_set == theirs.model_fields_set
    assert (policy.hop_limit, mine.hop_limit) != (7, policy.hop_limit)
    assert mine.model_dump_json() == theirs.model_dump_json()


def watched(c: Complaint, read: set[str]) -> Complaint:
    """The complaint, which writes down each of its facts that is read."""

    class Watched(Complaint):
        def __getattribute__(self, name: str) -> Any:
            if name in Complaint.model_fields:
                read.add(name)
            return super().__getattribute__(name)

    return Watched.model_construct(**vars(c))


@pytest.mark.parametrize("stage", Stage)
@pytest.mark.parametrize("tag", ["noise", "brakes.noise"])
def test_the_running_clocks_and_the_rise_read_nothing_of_what_passes(stage: Stage, tag: str) -> None:
    c = at_stage(stage, tag, policy=a_policy(risk=RISK)).complaint
    for derive, passing in ((clocks.running, clocks.PASSING), (risk._over_since, risk.PASSING)):
        read: set[str] = set()
        assert unwrap(derive)(watched(c, read)) == derive(c)
        assert read
        assert not read & {*passing}


def test_an_answer_is_kept_through_what_passes_and_no_longer() -> None:
    c = at_stage(Stage.IN_WORK).complaint
    kept = clocks.running(c)
    assert clocks.running(c.but(seq=c.seq + 1, warned=("response:1",))) is kept
    assert clocks.running(c.but(is_complex=True)) != kept
    assert clocks.running(c) == kept
