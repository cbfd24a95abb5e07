"""The pages' words: every one that is asked for exists in both languages, and none lies unused."""

import re
from pathlib import Path

import pytest

from starter.web import words

WEB = Path(words.__file__).parent
TEMPLATES = sorted((WEB / "templates").glob("*.html"))
FILES = [each.stem for each in sorted(words.FOLDER.glob("*.toml"))]
_ASKED = re.compile(r"""\bt\(\s*["']([a-z0-9_.-]+)["']\s*([~,)]|if\b)(?:[^)]*?\belse\s+["']([a-z0-9_.-]+)["'])?""")
_QUOTED = re.compile(r"""["']([a-z0-9_.-]+)["']""")


def asked_of(template: Path) -> set[str]:
    """The keys a template asks for; "table." where the rest is only known when it is shown."""
    asked = set()
    for key, after, otherwise in _ASKED.findall(template.read_text()):
        assert after != "~" or key.endswith("."), f"{template.name}: t({key!r} ~ …) needs a table of its own"
        asked |= {each for each in (key, otherwise) if each}
    return asked


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda each: each.name)
def test_every_word_a_template_asks_for_is_spoken(template: Path) -> None:
    page = words.page_of(template.name)
    known = {**words.of(words.BASE), **words.of(page)}
    for key in asked_of(template):
        is_known = any(each.startswith(key) for each in known) if key.endswith(".") else key in known
        assert is_known, f"{template.name} asks for {key!r}"


@pytest.mark.parametrize("file", FILES)
def test_every_word_is_said_in_both_languages_with_the_same_blanks(file: str) -> None:
    assert words.of(file)
    for key, (zh, en) in words.of(file).items():
        assert (zh.strip() and en.strip()) or key == "ticking.between", key
        assert sorted(re.findall(r"\{\w*\}", zh)) == sorted(re.findall(r"\{\w*\}", en)), key


@pytest.mark.parametrize("file", FILES)
def test_no_word_lies_unused(file: str) -> None:
    speakers = [each for each in TEMPLATES if file in (words.BASE, words.page_of(each.name))]
    asked = set().union(*(asked_of(each) for each in speakers)) if speakers else set()
    in_code = {key for each in WEB.glob("*.py") for key in _QUOTED.findall(each.read_text())}
    tables = tuple(key for key in asked | in_code if key.endswith("."))
    unused = [key for key in words.of(file) if key not in asked | in_code and not key.startswith(tables)]
    assert unused == []


@pytest.mark.parametrize("file", [file for file in FILES if file != words.BASE])
def test_a_page_says_nothing_otherwise_than_all_pages_do(file: str) -> None:
    assert words.of(file).keys() & words.of(words.BASE).keys() == set()


def test_a_page_speaks_its_own_words_before_the_shared_ones() -> None:
    assert words.page_of("queue_rows.html") == "queue"
    assert words.say("queue", "door.queue", "en") == "Queue"
    assert words.say("none", "risk", "zh", level=4) == "风险等级 4（共 5 级）"
    with pytest.raises(words.UnspokenWord, match=r"queue\.toml"):
        words.say("queue", "nothing", "zh")
