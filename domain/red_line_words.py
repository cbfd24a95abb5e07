"""Which red-line matters a customer's words tell of, in Chinese and English, and which mentions are none."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from itertools import islice
from typing import Annotated

from pydantic import AfterValidator, Field

from domain.values import Value

GAP = "…"  # in a phrase: a few signs of the same clause may stand here
_ENDS = "。！？!?;；\n\r"
_CLAUSE = re.compile(rf"[，{_ENDS}]|\.(?=\s|$)|(?<=[^\x00-\x7f]),|,(?=[^\x00-\x7f])")
_SENTENCE = re.compile(rf"[{_ENDS}]|\.(?=\s|$)")
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_LONGEST = 140  # a phrase with its gaps
_FURTHEST = 400  # no reach is longer; it keeps a text without full stops from costing the square of its length
_MENTIONS = 100  # of one matter; what says it more often says it on purpose
_APART = re.compile(r"[\s、\"'“”‘’()（）]*")


def _phrase(text: str) -> str:
    pieces = text.split(GAP)
    if not all(piece.strip(" *") for piece in pieces):
        raise ValueError(f"{text!r} has an empty piece; write words on both sides of each {GAP}")
    if any("*" in piece[:-1] for piece in pieces):
        raise ValueError(f"{text!r} has a * within a word; it may only end a piece")
    if text != text.strip() or text != _plain(text):
        raise ValueError(f"{text!r} is not as it is looked for; write {_plain(text.strip())!r}")
    return text


# "刹车…失灵" is both pieces within reach of each other; "stall*" is any word that begins so. Lower case.
Phrase = Annotated[str, Field(min_length=1, max_length=60), AfterValidator(lambda text: _phrase(text))]
Code = Annotated[str, Field(pattern=r"^[a-z][a-z_]{0,31}$")]


class Excuse(StrEnum):
    """Why a mention is not a report."""

    NEGATED = "negated"
    SUPPOSED = "supposed"  # feared, possible, or only asked
    OTHERS = "others"  # of somebody else's vehicle
    HARMLESS = "harmless"  # part of a phrase that means something else


class Reach(Value):
    """How many signs may lie between: the pieces of a phrase; it and what excuses it; it and what it needs near."""

    gap: int = Field(ge=0, le=80)
    excuse: int = Field(ge=0, le=200)
    near: int = Field(ge=0, le=400)


class Matter(Value):
    """`words` say it by themselves. `words_near` say it where one of `near` stands in the same sentence."""

    code: Code
    zh: str = Field(min_length=1, max_length=64)
    en: str = Field(min_length=1, max_length=64)
    words: tuple[Phrase, ...]
    words_near: tuple[Phrase, ...] = ()
    near: tuple[Phrase, ...] = ()
    harmless: tuple[Phrase, ...] = ()
    supposed: tuple[Phrase, ...] = ()  # beside everybody's


class Excuses(Value):
    """`fillers` may stand between a negation and its word; `no_excuse` look like an excuse and are none."""

    negations: tuple[Phrase, ...]
    fillers: tuple[Phrase, ...]
    negations_after: tuple[Phrase, ...]
    supposed: tuple[Phrase, ...]
    supposed_after: tuple[Phrase, ...]
    others: tuple[Phrase, ...]
    no_excuse: tuple[Phrase, ...]


class RedLineTable(Value):
    """The words of one version. `id` tells which; a red line keeps it with what was found."""

    id: str = Field(max_length=32)
    zh: Reach
    en: Reach
    matter: tuple[Matter, ...] = Field(min_length=1, max_length=64)
    excuses: Excuses


class Mention(Value):
    """One place in the text. It has the customer's own words in it: store `matter` and `excuse`, never let it travel.

    `text[start:end]` is what was found, in the text as it was given; `because` is what excuses it, "" for nothing.
    """

    matter: Code
    start: int
    end: int
    excuse: Excuse | None = None
    because: str = ""


def reported(mentions: Iterable[Mention]) -> tuple[Code, ...]:
    """The matters that are told of without excuse, each once, in the order of the text."""
    return tuple(dict.fromkeys(each.matter for each in mentions if each.excuse is None))


@dataclass(frozen=True)
class WordRule:
    """A table made ready for many texts; build it once per version."""

    table: RedLineTable

    def mentions(self, text: str) -> tuple[Mention, ...]:
        """Every matter's first mentions, in the order of the text. A text that is empty has none."""
        plain = _plain(text)
        found = [
            self._judged(plain, matter, match)
            for matter in self._matters
            for match in islice(_no_overlap(matter.in_(plain)), _MENTIONS)
        ]
        return tuple(sorted(found, key=lambda each: (each.start, each.end, each.matter)))

    def matters(self, text: str) -> tuple[Code, ...]:
        """The codes of what the text reports; none of its words."""
        return reported(self.mentions(text))

    @cached_property
    def _matters(self) -> tuple["_Matter", ...]:
        return tuple(_Matter.of(matter, self.table) for matter in self.table.matter)

    @cached_property
    def _excuses(self) -> "_Excuses":
        return _Excuses.of(self.table)

    def _judged(self, plain: str, matter: "_Matter", match: re.Match[str]) -> Mention:
        start, end = match.span()
        excuse, because = matter.harmless_at(plain, start, end) or self._excuses.of_mention(plain, matter, match)
        return Mention(matter=matter.code, start=start, end=end, excuse=excuse, because=because)


Verdict = tuple[Excuse | None, str]


@dataclass(frozen=True)
class _Matter:
    code: str
    words: re.Pattern[str]
    words_near: re.Pattern[str]
    near: re.Pattern[str]
    harmless: re.Pattern[str]
    supposed: re.Pattern[str]
    reach: tuple[Reach, Reach]

    @classmethod
    def of(cls, matter: Matter, table: RedLineTable) -> "_Matter":
        return cls(
            code=matter.code,
            words=_any(matter.words, table),
            words_near=_any(matter.words_near, table),
            near=_any(matter.near, table),
            harmless=_any(matter.harmless, table),
            supposed=_any((*table.excuses.supposed, *matter.supposed), table),
            reach=(table.zh, table.en),
        )

    def in_(self, plain: str) -> Iterator[re.Match[str]]:
        yield from self.words.finditer(plain)
        for match in self.words_near.finditer(plain):
            if self.near.search(plain, *self._around(plain, match)):
                yield match

    def harmless_at(self, plain: str, start: int, end: int) -> Verdict | None:
        """A harmless phrase counts where it holds a part of the mention."""
        begin, until = _part(_SENTENCE, plain, start, end)
        begin, until = max(begin, start - _LONGEST), min(until, end + _LONGEST)
        for match in self.harmless.finditer(plain, begin, until):
            if match.start() < end and match.end() > start:
                return Excuse.HARMLESS, match[0]
        return None

    def _around(self, plain: str, match: re.Match[str]) -> tuple[int, int]:
        reach = _reach(match[0], self.reach).near
        begin, until = _part(_SENTENCE, plain, *match.span())
        return max(begin, match.start() - reach), min(until, match.end() + reach)


@dataclass(frozen=True)
class _Excuses:
    negations: re.Pattern[str]
    negated: re.Pattern[str]  # negations and fillers right before the mention
    negations_after: re.Pattern[str]
    supposed_after: re.Pattern[str]
    others: re.Pattern[str]
    no_excuse: re.Pattern[str]
    reach: tuple[Reach, Reach]

    @classmethod
    def of(cls, table: RedLineTable) -> "_Excuses":
        said = table.excuses
        chain = _any((*said.negations, *said.fillers), table).pattern
        return cls(
            negations=_any(said.negations, table),
            negated=re.compile(rf"(?:(?:{chain}){_APART.pattern})+\Z"),
            negations_after=_any(said.negations_after, table),
            supposed_after=_any(said.supposed_after, table),
            others=_any(said.others, table),
            no_excuse=_any(said.no_excuse, table),
            reach=(table.zh, table.en),
        )

    def of_mention(self, plain: str, matter: _Matter, match: re.Match[str]) -> Verdict:
        begin, until = _part(_CLAUSE, plain, *match.span())
        reach = _reach(match[0], self.reach).excuse
        before = self._without_lookalikes(plain[max(begin, match.start() - reach) : match.start()])
        if negation := self._negation(before, match):
            return Excuse.NEGATED, negation
        if supposed := matter.supposed.search(before):
            return Excuse.SUPPOSED, supposed[0]
        if other := self.others.search(before):
            return Excuse.OTHERS, other[0]
        return self._after(plain[match.end() : until])

    def _negation(self, before: str, match: re.Match[str]) -> str:
        """Two negations are none: "不是没有起火" is a fire. Those between the pieces of a phrase count as well."""
        chain = self.negated.search(before)
        counted = [each[0] for each in self.negations.finditer(chain[0] if chain else "")]
        counted += [each[0] for gap in match.groups() if gap for each in self.negations.finditer(gap)]
        return counted[-1] if len(counted) % 2 else ""

    def _after(self, after: str) -> Verdict:
        close = after[_APART.match(after).end() :]  # type: ignore[union-attr]
        if negation := self.negations_after.match(close):
            return Excuse.NEGATED, negation[0]
        if supposed := self.supposed_after.match(close):
            return Excuse.SUPPOSED, supposed[0]
        return None, ""

    def _without_lookalikes(self, before: str) -> str:
        return self.no_excuse.sub(lambda match: "\u0000" * len(match[0]), before)


def _any(phrases: Iterable[str], table: RedLineTable) -> re.Pattern[str]:
    """The longest first; no phrases match nothing."""
    written = [_written(phrase, table) for phrase in sorted(phrases, key=len, reverse=True)]
    return re.compile("|".join(written) or r"(?!)")


def _written(phrase: str, table: RedLineTable) -> str:
    reach = table.zh if _CHINESE.search(phrase) else table.en
    gap = rf"([^，,{_ENDS}.]{{0,{reach.gap}}}?)"
    return gap.join(_piece(piece) for piece in phrase.split(GAP))


def _piece(piece: str) -> str:
    """A word of Latin letters stands by itself; a Chinese one has no ends."""
    stem = piece.rstrip("*")
    head = r"(?<![a-z0-9])" if stem[0].isascii() else ""
    tail = r"[a-z]*" if piece.endswith("*") else r"(?![a-z0-9])" if stem[-1].isascii() else ""
    return head + r"\s+".join(re.escape(word) for word in stem.split()) + tail


def _plain(text: str) -> str:
    """Lower case, wide Latin letters narrow, one kind of apostrophe; sign for sign, so that positions stay."""
    return "".join(_PLAIN.get(sign) or (sign.lower() if len(sign.lower()) == 1 else sign) for sign in text)


_PLAIN = {chr(code): chr(code - 0xFEE0).lower() for code in range(0xFF21, 0xFF5B)} | {"’": "'", "\u3000": " "}


def _part(ends: re.Pattern[str], plain: str, start: int, end: int) -> tuple[int, int]:
    """The clause or sentence around a mention, without what ends it."""
    first, last = max(0, start - _FURTHEST), min(len(plain), end + _FURTHEST)
    begin = max((match.end() for match in ends.finditer(plain, first, start)), default=first)
    after = ends.search(plain, end, last)
    return begin, after.start() if after else last


def _reach(found: str, reach: tuple[Reach, Reach]) -> Reach:
    return reach[0] if _CHINESE.search(found) else reach[1]


def _no_overlap(matches: Iterable[re.Match[str]]) -> Iterator[re.Match[str]]:
    """Of one matter's mentions that overlap, the first and longest."""
    until = 0
    for match in sorted(matches, key=lambda each: (each.start(), -each.end())):
        if match.start() >= until:
            yield match
            until = match.end()
