"""The bench's part about deadlines, played small: it measures something, on real processes."""

import argparse

import pytest

from bench import deadlines
from bench.results import TARGETS


@pytest.mark.long
async def test_it_measures_what_its_targets_name() -> None:
    asked = deadlines.options(argparse.ArgumentParser()).parse_args(
        ["--open", "12", "--due", "6", "--away", "3", "--storm", "5", "--storms", "1"]
    )
    found = await deadlines.play(asked)
    assert found["passed_meanwhile"] == 6
    assert 0 <= found["lateness_p50_ms"] <= found["lateness_p99_ms"]
    for target in TARGETS:
        if target.key in ("lateness_p99_ms", "worker_kib_per_open_complaint", "catch_up_s", "storm_to_noop_rate"):
            assert found[target.key] > 0
