"""Which adapter speaks to the CRM: one of ours, or any that an installed package offers as entry point."""

import json
from collections.abc import Callable
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any

import httpx2

from activities.crm_adapters.page import CrmAdapter, CrmConnection

GROUP = "vocloop.crm"
OURS = {
    "http": "activities.crm_adapters.http:HttpCrm",
    "tryton": "activities.crm_adapters.tryton:TrytonCrm",
    "salesforce": "activities.crm_adapters.salesforce:SalesforceCrm",
}


def adapter(kind: str, *, url: str, token: str, options: str, client: httpx2.AsyncClient) -> CrmAdapter:
    """The adapter of this kind; it opens no connection yet. `options` is a JSON object, or "".

    Raises ValueError, naming the setting.
    """
    make = _maker(kind)
    connection = CrmConnection(url=url, token=token, options=_read(options), client=client)
    try:
        made = make(connection)
    except KeyError as missing:
        raise ValueError(f"VOCLOOP_CRM_OPTIONS lacks {missing}: docs/connect says what a {kind} CRM needs.") from None
    if not isinstance(made, CrmAdapter):
        raise TypeError(f"The entry point {kind} of {GROUP} makes no CrmAdapter: return one.")
    return made


def _maker(kind: str) -> Callable[[CrmConnection], Any]:
    if kind in OURS:
        module, _, name = OURS[kind].partition(":")
        ours: Callable[[CrmConnection], Any] = getattr(import_module(module), name)
        return ours
    offered = entry_points(group=GROUP)
    if kind not in offered.names:
        known = ", ".join(sorted({*OURS, *offered.names}))
        raise ValueError(f"VOCLOOP_CRM_KIND is {kind}, which nothing here speaks: choose one of {known}.")
    made: Callable[[CrmConnection], Any] = offered[kind].load()
    return made


def _read(options: str) -> dict[str, Any]:
    try:
        read = json.loads(options or "{}")
    except ValueError:
        read = None
    if not isinstance(read, dict):
        raise ValueError("VOCLOOP_CRM_OPTIONS is no JSON object: write it as in docs/connect.")
    return read
