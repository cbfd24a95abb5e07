"""A red line told: what people call its matters and posts."""

from domain.wording import Both
from policy.red_lines import RedLines
from starter.telling.events import Names


def matter_named(code: str, words: RedLines, names: Names) -> Both:
    """Of red_line.toml, or the tag that told of it."""
    return words.called(code) or names.tag(code)


def post_named(post: str, names: Names) -> Both:
    """ "quality.vp" as people say it; leadership has no department."""
    department, _, role = post.rpartition(".")
    zh, en = names.of(f"role:{role}")
    whose = names.of(department) if department else ("", "")
    return f"{whose[0]}{zh}", f"{whose[1]} {en}".strip()
