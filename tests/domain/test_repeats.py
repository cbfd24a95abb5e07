"""What makes a command that comes again another one."""

from datetime import timedelta

from domain import commands as cmd
from domain.complaint import MOST_SEEN
from domain.repeats import Contents, content
from tests.builders import HOUR, NOTE, T0
from tests.domain.scenes import ENGINE

CX = cmd.Actor(role=cmd.Role.CX, department="cx", id="cx-1")
ACCEPT = cmd.Accept(command_id="a", received_at=T0, actor=ENGINE)


def test_when_it_came_and_under_which_id_is_no_part_of_what_it_says() -> None:
    later = cmd.Accept(command_id="b", received_at=T0 + 3 * HOUR + timedelta(microseconds=1), actor=ENGINE)
    assert content(later) == content(ACCEPT)


def test_who_says_it_and_what_is() -> None:
    another = cmd.Withdraw(command_id="a", received_at=T0, actor=ENGINE)
    assert len({content(ACCEPT), content(ACCEPT.model_copy(update={"actor": CX})), content(another)}) == 3


def test_a_default_said_aloud_says_the_same() -> None:
    """So a field that a later release adds makes no repeated command another one."""
    plain = cmd.Transfer(command_id="a", received_at=T0, actor=ENGINE, to="body")
    assert content(plain) == content(plain.model_copy(update={"clause": "", "note_id": None, "evidence": ()}))
    assert content(plain) != content(plain.model_copy(update={"clause": "engine.stall"}))


def test_an_id_whose_content_was_not_kept_is_taken_on_trust() -> None:
    contents = Contents()
    assert not contents.are_others(ACCEPT)
    contents.keep(ACCEPT)
    assert contents.are_others(ACCEPT.model_copy(update={"actor": CX}))
    assert not Contents(contents.kept).are_others(ACCEPT)


def test_no_more_is_kept_than_a_complaint_can_carry() -> None:
    contents = Contents()
    for number in range(MOST_SEEN + 3):
        contents.keep(ACCEPT.model_copy(update={"command_id": f"c{number}"}))
    assert (len(contents.kept), next(iter(contents.kept))) == (MOST_SEEN, "c3")


def test_what_it_says_is_hashed_the_same_in_every_release() -> None:
    """It is kept with the complaint: a command that comes again after an upgrade must not seem another one."""
    transfer = cmd.Transfer(
        command_id="a", received_at=T0, actor=ENGINE, to="body", note_id=NOTE, clause="engine.stall"
    )
    assert content(transfer) == "e18efe7b4d414f5e"
