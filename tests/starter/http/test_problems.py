import pytest

from domain.refusals import Refusal
from starter.http.problem_kinds import KINDS
from starter.http.problems import preferred


@pytest.mark.parametrize(
    ("accepted", "expected"),
    [
        ("", "en"),  # nothing said
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),  # a Chinese browser
        ("en-GB,en;q=0.9,zh;q=0.8", "en"),
        ("en;q=0.2, zh-TW;q=0.7", "zh"),
        ("fr, de;q=0.9", "en"),  # neither of ours
        ("zh;q=0", "en"),  # refused by name
        ("zh;q=abc;;,", "zh"),  # garbage in the weight costs nobody the language
    ],
)
def test_the_language_follows_what_the_caller_accepts(accepted: str, expected: str) -> None:
    assert preferred(accepted) == expected


def test_no_problem_shares_its_code_with_a_rule() -> None:
    assert not set(KINDS) & {str(refusal) for refusal in Refusal}
