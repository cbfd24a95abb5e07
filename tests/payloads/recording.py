"""`python -m tests.payloads.recording [--release N]` keeps what today's code writes and no kept file says yet.

What is kept is never written again: it proves that today's code still reads what was stored and sent before.
"""

import argparse
import sys
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from tests.payloads.kept import of_files, of_histories
from tests.payloads.kinds import KEPT, KINDS, said_by
from tests.payloads.samples import samples


def told() -> set[str]:
    """Every field that something kept says, as "module.Model.field"."""
    return {field for payload in (*of_files(), *of_histories()) for field in said_by(payload.read())}


def is_kept(name: str) -> bool:
    return any(KEPT.glob(f"*/{name}.jsonl"))


def news(known: set[str], found: Iterable[tuple[str, Any]]) -> dict[str, list[str]]:
    """By kind, the lines that say something which nothing before them says, and the first of a kind in any case."""
    lines: dict[str, list[str]] = defaultdict(list)
    for name, value in found:
        said = set(said_by(value))
        if not said <= known or (name not in lines and not is_kept(name)):
            lines[name].append(TypeAdapter(KINDS[name]).dump_json(value).decode())
            known |= said
    return lines


def keep(folder: Path, lines: dict[str, list[str]]) -> None:
    """Raises FileExistsError rather than write a file again."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, said in lines.items():
        with (folder / f"{name}.jsonl").open("x", encoding="utf-8") as file:
            file.write("".join(f"{line}\n" for line in said))
        print(f"{folder.name}/{name}.jsonl: {len(said)} of {name}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--release", type=int, default=1)
    try:
        keep(KEPT / str(parser.parse_args().release), news(told(), samples()))
    except FileExistsError as error:
        sys.exit(f"{error.filename} is there already. What is kept is never written again: take another --release.")
