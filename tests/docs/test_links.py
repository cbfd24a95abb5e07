"""Links in the documents lead somewhere, and the rooms that the documents name are the folders that there are."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
ROOMS = ["domain", "policy", "ledger", "activities", "workflows", "starter"]


def anchors(document: Path) -> set[str]:
    """The anchors GitHub makes of a document's headings."""
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", document.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_within_the_house_lead_somewhere(document: Path) -> None:
    text = FENCE.sub("", document.read_text(encoding="utf-8"))
    for link in LINK.findall(text):
        if re.match(r"[a-z]+:", link):
            continue
        name, _, anchor = link.partition("#")
        target = (document.parent / name).resolve() if name else document
        assert target.exists(), f"{document.name} links to {link}"
        if anchor and target.suffix == ".md":
            assert anchor in anchors(target), f"{document.name} links to {link}"


def test_the_documents_are_there() -> None:
    assert {"README.md", "architecture.md", "glossary.md", "operations.md"} <= {path.name for path in DOCUMENTS}


@pytest.mark.parametrize("name", ["README.md", "docs/architecture.md"])
def test_every_room_is_named_and_every_named_room_exists(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    # A tree in a fence or the first cell of a table: a path that ends in a slash, at the beginning of a line.
    listed = {path.rstrip("/") for path in re.findall(r"^[|\s│├└─]*`?([a-z_]+/)`?(?=\s|$)", text, re.MULTILINE)}
    assert set(ROOMS) <= listed
    assert [room for room in listed if not (ROOT / room).is_dir()] == []
