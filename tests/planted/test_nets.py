"""What `make planted` says of a real run and of its ledger; the property tests' part is in tests/domain."""

import pytest

from tests.planted import nets
from tests.planted.faults import PLANTED, Fault

pytestmark = pytest.mark.long


async def test_a_run_without_a_fault_is_clean() -> None:
    assert await nets.honest() == ""


@pytest.mark.parametrize("fault", PLANTED, ids=lambda fault: fault.__name__)
async def test_a_planted_fault_is_seen_in_the_run_and_in_the_ledger_it_left(fault: Fault) -> None:
    run, audited = await nets.by_a_run(fault)
    assert run
    assert audited
