"""Which fault tags a customer's words may be about: for a person who decides, with the words that led there.

No learning: the matrix's own names of tags and systems, and what `mappings.toml` says other people call them, are cut
into Chinese bigrams and English words and looked for in the text. The rarer among the tags, the more a piece counts.
Against how people had filed 2,990 real complaints, the true tag is among the five for 40 %, and its system for 58 %:
many of those texts say nothing of the fault ("nobody has called me"). The synonyms were written with one half of them
at hand; the other half fares the same. `tests/policy/test_suggesting.py` measures it.
"""

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import NamedTuple

from policy.reading import PolicyFiles

MOST = 5
_OF_SYSTEM = 0.3  # what a system's name weighs beside the fault's own
_WHOLE = 2.0  # a synonym that stands there whole weighs more than its pieces
_OTHER = 1.5  # customers name what is broken more often than how
_TOLD = 4  # so many pieces count: a long text touches on everything
_ENOUGH = 1.0  # below this it is chance
_SHOWN = 3
_SHORT = 4  # letters: "high" is no beginning of "highway"
_RUNS = re.compile(r"[一-鿿]+|[a-z0-9]+")
_EMPTY = frozenset(
    _RUNS.findall(
        "a an and any at by for from in into is it its no not of off on or other problem problems fault faults the to"
        " with when while 问题 其他 他问 的问 题的 故障 异常"
    )
)


class Suggestion(NamedTuple):
    """`why` is what was found in the text, the most telling first; the longer pieces swallow the shorter."""

    tag: str
    score: float
    why: tuple[str, ...]


class Suggester:
    """Made once of the policy's files; then it answers within a millisecond."""

    def __init__(self, files: PolicyFiles) -> None:
        self._files = files

    def suggest(self, words: str, *, known: Iterable[str], most: int = MOST) -> tuple[Suggestion, ...]:
        """At most `most` of the `known` tags (those of the matrix in force), the likeliest first; none by chance."""
        text = f" {words.lower()}"
        pieces, may = _pieces(text), frozenset(known)
        scored = [self._of(tag, text, pieces) for tag in self._terms if tag in may]
        likely = sorted((each for each in scored if each.score >= _ENOUGH), key=_by_reach)
        return tuple(sorted(likely[:most], key=lambda each: (-each.score, each.tag)))

    def _of(self, tag: str, text: str, pieces: frozenset[str]) -> Suggestion:
        found = {
            term: weight * self._rarity[term] * (_WHOLE if len(term) > 2 else 1)
            for term, weight in self._terms[tag].items()
            if term in pieces or _stands_in(term, text)
        }
        told = sorted(found.values(), reverse=True)[:_TOLD]
        return Suggestion(tag, round(sum(told), 3), _why(found, text))

    @cached_property
    def _terms(self) -> Mapping[str, Mapping[str, float]]:
        """By tag what speaks for it, and how much of its rarity that counts."""
        terms: dict[str, dict[str, float]] = defaultdict(dict)
        for tag, said, weight in self._said():
            phrase = said.lower().strip()
            whole = {phrase} if len(phrase) > 2 else set()
            for term in (_pieces(phrase) | whole) - _EMPTY:
                terms[tag][term] = max(terms[tag].get(term, 0), weight)
        return terms

    @cached_property
    def _rarity(self) -> Mapping[str, float]:
        count: dict[str, int] = defaultdict(int)
        for terms in self._terms.values():
            for term in terms:
                count[term] += 1
        return {term: math.log(1 + len(self._terms) / number) / 3 for term, number in count.items()}

    def _said(self) -> Iterable[tuple[str, str, float]]:
        """(tag, what people call it, weight)"""
        mappings = self._files.mappings
        for system in self._files.sheets.matrix.table.system:
            for row in system.tags:
                yield from ((row.code, name, 1.0) for name in (row.zh, row.en))
                yield from ((row.code, name, _OF_SYSTEM) for name in (system.zh, system.en))
        for system_name, symptoms in mappings.cn.items():
            for symptom, tag in symptoms.items():
                yield tag, system_name, _OF_SYSTEM
                if symptom != "*":
                    yield tag, symptom, 1.0
        for rule in (*mappings.keyword, *mappings.refine):
            yield from ((rule.tag, word, 1.0) for word in rule.words)
        for tag, said in mappings.synonyms.items():
            yield from ((tag, each, 1.0) for each in said)


def _pieces(text: str) -> frozenset[str]:
    """Chinese in twos, English by words."""
    found: set[str] = set()
    for run in _RUNS.findall(text):
        found |= {run} if run.isascii() else {run[at : at + 2] for at in range(len(run) - 1)}
    return frozenset(found)


def _by_reach(suggestion: Suggestion) -> tuple[float, str]:
    """For who is among the first: customers name what is broken more often than how."""
    reach = _OTHER if suggestion.tag.endswith(".other") else 1
    return -suggestion.score * reach, suggestion.tag


def _stands_in(term: str, text: str) -> bool:
    """Chinese anywhere; longer English from the beginning of a word ("stall" in "stalled")."""
    if term.isascii():
        return len(term) > _SHORT and f" {term}" in text
    return len(term) > 2 and term in text


def _why(found: Mapping[str, float], text: str) -> tuple[str, ...]:
    """What stands in the text, pieces that touch made one; the most telling first."""
    spans = sorted((text.find(term), text.find(term) + len(term), weight) for term, weight in found.items())
    told: list[tuple[int, int, float]] = []
    for begin, end, weight in spans:
        if told and begin < told[-1][1]:
            last = told.pop()
            begin, end, weight = last[0], max(last[1], end), last[2] + weight
        told.append((begin, end, weight))
    return tuple(text[begin:end] for begin, end, _ in sorted(told, key=lambda each: -each[2])[:_SHOWN])
