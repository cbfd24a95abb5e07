"""The API's own page at /docs, made from its OpenAPI description. Nothing on it is fetched from elsewhere."""

from collections.abc import Iterator
from html import escape
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

router = APIRouter()

_STYLE = """body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
code{background:#f2f2f2;padding:.1rem .3rem;border-radius:.2rem}summary{cursor:pointer;margin:.4rem 0}
table{border-collapse:collapse}td{padding:.15rem .8rem .15rem 0;vertical-align:top}"""
_HEADERS = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"}


@router.get("/docs", include_in_schema=False)
async def docs(request: Request) -> HTMLResponse:
    described = request.app.openapi()
    routes = "".join(_route(path, method, said, described) for path, method, said in _operations(described))
    about = "".join(f"<p>{escape(part)}</p>" for part in described["info"]["description"].strip().split("\n\n"))
    page = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Vocloop API</title><style>{_STYLE}</style>'
        f'</head><body><h1>Vocloop API</h1>{about}<p><a href="/openapi.json">openapi.json</a></p>{routes}</body></html>'
    )
    return HTMLResponse(page, headers=_HEADERS)


def _operations(described: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in described["paths"].items():
        for method, said in methods.items():
            yield path, method.upper(), said


def _route(path: str, method: str, said: dict[str, Any], described: dict[str, Any]) -> str:
    head = f"<code>{method} {escape(path)}</code> {escape(said.get('summary', ''))}"
    about = f"<p>{escape(said.get('description', ''))}</p>"
    rows = "".join([*_parameters(said), *_body(said, described), *_answers(said)])
    return f"<details><summary>{head}</summary>{about}<table>{rows}</table></details>"


def _parameters(said: dict[str, Any]) -> Iterator[str]:
    for parameter in said.get("parameters", ()):
        yield _row(f"{parameter['in']} {parameter['name']}", parameter.get("description", ""))


def _body(said: dict[str, Any], described: dict[str, Any]) -> Iterator[str]:
    for content in said.get("requestBody", {}).get("content", {}).values():
        model = described["components"]["schemas"][content["schema"]["$ref"].rpartition("/")[2]]
        for name, field in model["properties"].items():
            is_needed = "required" if name in model.get("required", ()) else "optional"
            yield _row(f"body {name}", f"{is_needed}; {_type(field)} {field.get('description', '')}")


def _type(field: dict[str, Any]) -> str:
    if "anyOf" in field:
        return " or ".join(_type(each) for each in field["anyOf"])
    if "items" in field:
        return f"list of {_type(field['items'])}"
    return str(field.get("$ref", field.get("type", ""))).rpartition("/")[2]


def _answers(said: dict[str, Any]) -> Iterator[str]:
    for status, answer in sorted(said["responses"].items()):
        yield _row(status, answer.get("description", ""))


def _row(name: str, what: str) -> str:
    return f"<tr><td><code>{escape(name)}</code></td><td>{escape(what)}</td></tr>"
