"""What each silver table is made by: when it is another, the table is built anew instead of brought up to date."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from include.dbt_command import PROJECT, ManifestError

BRONZE = "source.rollcall.bronze."
STRATEGY = "macro.rollcall.get_incremental_differences_sql"
OF_EVENTS = ("learning_events", "engagement")
"""The domains of silver that are made of learning events."""

Manifest = dict[str, Any]


def silver_fingerprints(
    manifest: Path, unloads: Mapping[str, int], timezone: str, domains: Collection[str] = ()
) -> dict[str, str]:
    """A digest for each silver model, or each of the domains: of its SQL, its configuration, the macros and seeds that
    it uses, the project's settings and the school's zone, and, of a model that computes only what was touched, of the
    `unloads` of the sources that it reads.

    Raises:
        ManifestError: there is no manifest.
    """
    if not manifest.exists():
        raise ManifestError(f"{manifest} is missing: run `dbt parse`")
    content = json.loads(manifest.read_text(encoding="utf-8"))
    folders = tuple(f"silver/{domain}/" for domain in domains) or ("silver/",)
    # The vars of the project stand in no manifest.
    for_all = [(PROJECT / "dbt_project.yml").read_text(encoding="utf-8"), timezone]
    return {
        node["name"]: hashlib.sha256("\0".join([*for_all, *_parts(node, content, unloads)]).encode()).hexdigest()
        for node in content["nodes"].values()
        if node["resource_type"] == "model" and node["path"].startswith(folders)
    }


def _parts(node: Manifest, content: Manifest, unloads: Mapping[str, int]) -> Iterator[str]:
    yield node["raw_code"]
    yield json.dumps(node["config"], sort_keys=True)
    for macro in sorted(_macros(node, content)):
        yield content["macros"][macro]["macro_sql"]
    for name in sorted(node["depends_on"]["nodes"]):
        if name.startswith("seed."):
            yield content["nodes"][name]["checksum"]["checksum"]
        elif name.startswith(BRONZE) and "touched_by" in node["config"]["meta"]:
            yield f"{name} {unloads.get(name.removeprefix(BRONZE), 0)}"


def _macros(node: Manifest, content: Manifest) -> set[str]:
    """The project's macros that a node uses, by way of others too."""
    found: set[str] = set()
    # dbt finds the strategy by its name: no model is seen to use it.
    pending = [*node["depends_on"]["macros"], STRATEGY]
    while pending:
        name = pending.pop()
        if name.startswith("macro.rollcall.") and name not in found:
            found.add(name)
            pending += content["macros"][name]["depends_on"]["macros"]
    return found
