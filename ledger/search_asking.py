"""A search in the databases' own languages: FTS5's on SQLite, `tsquery` on PostgreSQL.

In the column for all a word's beginning finds it. What is personal is found whole alone: whoever may see it is told
it by an unmasked view, which is written down, and not sign by sign.
"""

from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    Table,
    and_,
    bindparam,
    func,
    literal_column,
    or_,
    select,
    text,
)

from ledger.search_words import in_one
from ledger.tokens import Term, terms

_OPEN, _PERSONAL = "open_tokens", "personal_tokens"


def ids(texts: Table, asked: str, *, with_personal: bool, dialect: str) -> Select[Any]:
    """Those of `texts` in which every word of `asked` is found. There must be a word in it."""
    wanted = terms(asked)
    # A plate or a phone is also found when it is asked for in other groups than it was written in.
    regrouped = terms(in_one(asked)) if with_personal else ()
    if dialect == "sqlite":
        match = text("search_index MATCH :asked").bindparams(
            bindparam("asked", _fts(wanted, regrouped, with_personal=with_personal), unique=True)
        )
        return select(literal_column("rowid", Integer)).select_from(text("search_index")).where(match)
    return select(texts.c.id).where(_tsquery(texts, wanted, regrouped, with_personal=with_personal))


def _fts(wanted: tuple[Term, ...], regrouped: tuple[Term, ...], *, with_personal: bool) -> str:
    """Tokens are letters and digits, in quotes: nothing that was asked can be an operator."""
    if not with_personal:
        return " AND ".join(_opened(term) for term in wanted)
    whole = " AND ".join(f"({_opened(term)} OR {_whole(term)})" for term in wanted)
    return f"({whole}) OR ({' AND '.join(map(_whole, regrouped))})"


def _opened(term: Term) -> str:
    return f'{{{_OPEN}}} : "{" ".join(term.tokens)}"{" *" if term.is_prefix else ""}'


def _whole(term: Term) -> str:
    return f'{{{_PERSONAL}}} : "{" ".join(term.tokens)}"'


def _tsquery(
    texts: Table, wanted: tuple[Term, ...], regrouped: tuple[Term, ...], *, with_personal: bool
) -> ColumnElement[bool]:
    if not with_personal:
        return and_(*(_is_in(texts, term) for term in wanted))
    whole = and_(*(or_(_is_in(texts, term), _is_in(texts, term, whole=True)) for term in wanted))
    return or_(whole, and_(*(_is_in(texts, term, whole=True) for term in regrouped)))


def _is_in(texts: Table, term: Term, *, whole: bool = False) -> ColumnElement[bool]:
    phrase = " <-> ".join(term.tokens) + (":*" if term.is_prefix and not whole else "")
    column = texts.c[_PERSONAL if whole else _OPEN]
    return func.to_tsvector("simple", column).op("@@")(func.to_tsquery("simple", phrase))
