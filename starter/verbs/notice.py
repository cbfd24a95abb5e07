"""`vocloop notice`: see a notice before anybody gets it, and try a way that notices go."""

import json
import sys
from typing import Annotated, Literal

import typer
from rich.console import Console

import settings
from domain.outlets import NoticeKind
from domain.wording import Language
from settings import utc_now
from starter.stopping import CannotGoOn, run

app = typer.Typer(help="Preview the notices' templates, and try the ways they go.", no_args_is_help=True)
_LANGUAGES: tuple[Language, ...] = ("zh", "en")


@app.command()
def preview(
    kind: Annotated[NoticeKind, typer.Argument(help="Which notice.")],
    language: Annotated[str, typer.Option(help="zh or en; both without it.")] = "",
    channel: Annotated[
        str, typer.Option(help="mail, or another: what may stand in a group or a text message.")
    ] = "mail",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a language.")] = False,
) -> None:
    """Write a notice of a made-up complaint, as its template stands now."""
    if language and language not in _LANGUAGES:
        raise typer.BadParameter("it is zh or en", param_hint="--language")
    written = run(_written(kind, tuple(each for each in _LANGUAGES if language in ("", each)), channel))
    console = Console(highlight=False, soft_wrap=True)
    for each, letter in written:
        if as_json:
            said = {"kind": kind, "language": each, "subject": letter[0], "text": letter[1]}
            sys.stdout.write(json.dumps(said, ensure_ascii=False) + "\n")
        else:
            console.rule(f"{kind} · {each}", align="left")
            console.print(f"{letter[0]}\n\n{letter[1]}", markup=False)


@app.command("test")
def try_out(
    way: Annotated[str, typer.Argument(help="mail, robot:NAME, hook:NAME or sms:+8613800000000.")],
    to: Annotated[str, typer.Option(help="With mail: the address.")] = "",
) -> None:
    """Send one message that says it is a trial. Exit codes: 0 it was taken, 1 it was not, 2 it could not be asked."""
    if way == "mail" and not to:
        raise typer.BadParameter("mail needs --to with an address", param_hint="--to")
    why = run(_tried(way, to))
    typer.echo(f"Not taken: {why}." if why else f"{way} took it; look there.")
    raise typer.Exit(1 if why else 0)


async def _written(
    kind: NoticeKind, languages: tuple[Language, ...], channel: str
) -> list[tuple[Language, tuple[str, str]]]:
    import worker  # the composition root, which is slow to import

    by: Literal["mail", "brief"] = "mail" if channel == "mail" else "brief"
    async with worker.notice_desk(settings.load()) as desk:
        letters = [(each, desk.preview(kind, language=each, by=by, at=utc_now())) for each in languages]
    return [(each, (letter.subject, letter.text)) for each, letter in letters]


async def _tried(way: str, to: str) -> str:
    import worker

    try:
        async with worker.notice_desk(settings.load()) as desk:
            return await desk.try_out(way, to=to, at=utc_now())
    except ValueError as fault:
        raise CannotGoOn(str(fault)) from None
