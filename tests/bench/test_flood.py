"""The bench's flood, played small: every signal is found again, and it says how late the neighbours were."""

import argparse

import pytest

from bench import flood


@pytest.mark.long
async def test_it_finds_every_signal_again_and_measures_the_neighbours() -> None:
    asked = flood.options(argparse.ArgumentParser()).parse_args(["--signals", "700", "--neighbours", "4"])
    found = await flood.play(asked)
    told = found["flood"]
    assert told["decided"] + told["counted_as_refused"] == told["signals"] == 700
    assert told["runs"] >= 1
    assert 0 < flood.figures(found)["flood_neighbour_p99_ms"] == told["neighbour_p99_ms"]
