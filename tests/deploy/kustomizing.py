"""As much of kustomize as deploy/kubernetes uses, for machines without it: what an overlay comes to.

Whatever it does not know it refuses, so that no overlay is half checked.
"""

from pathlib import Path
from typing import Any

import yaml

Doc = dict[str, Any]
KNOWN = {"apiVersion", "kind", "resources", "components", "patches", "images", "namespace", "labels"}


def documents(path: Path) -> list[Doc]:
    return [each for each in yaml.safe_load_all(path.read_text(encoding="utf-8")) if each]


def rendered(folder: Path, onto: list[Doc] | None = None) -> list[Doc]:
    """A component works on what stands already; an overlay's own resources are added to its bases'."""
    [plan] = documents(folder / "kustomization.yaml")
    assert set(plan) <= KNOWN, f"{folder}: {set(plan) - KNOWN}"
    found = list(onto or [])
    for resource in plan.get("resources", []):
        path = (folder / resource).resolve()
        found += rendered(path) if path.is_dir() else documents(path)
    for component in plan.get("components", []):
        found = rendered((folder / component).resolve(), found)
    for patch in plan.get("patches", []):
        [change] = documents(folder / patch["path"])
        found = patched(found, change)
    for image in plan.get("images", []):
        renamed(found, image["name"], f"{image['newName']}:{image['newTag']}")
    return found


def patched(found: list[Doc], change: Doc) -> list[Doc]:
    wanted = (change["kind"], change["metadata"]["name"])
    [target] = [each for each in found if (each["kind"], each["metadata"]["name"]) == wanted]
    rest = [each for each in found if each is not target]
    return rest if change.get("$patch") == "delete" else [*rest, merged(target, change)]


def merged(base: Any, change: Any) -> Any:
    """Maps by key, null removes; lists of named things by name or mount path, where `$patch: delete` takes one out; any
    other value in the base's place."""
    if isinstance(base, dict) and isinstance(change, dict):
        both = {key: merged(base.get(key), value) for key, value in change.items() if value is not None}
        return {key: value for key, value in {**base, **both}.items() if key not in change or change[key] is not None}
    if isinstance(base, list) and isinstance(change, list) and change and name_of(change[0]):
        names = {name_of(each): each for each in base}
        both = {**names, **{name_of(each): merged(names.get(name_of(each)), each) for each in change}}
        return [each for each in both.values() if each.get("$patch") != "delete"]
    return change


def name_of(item: object) -> str:
    return str(item.get("mountPath") or item.get("name") or "") if isinstance(item, dict) else ""


def renamed(value: Any, name: str, image: str) -> None:
    if isinstance(value, dict):
        if str(value.get("image", "")).partition(":")[0] == name:
            value["image"] = image
        for each in value.values():
            renamed(each, name, image)
    elif isinstance(value, list):
        for each in value:
            renamed(each, name, image)
