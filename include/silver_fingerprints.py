"""What each silver table is made by: when it is another, the table is built anew instead of brought up to date."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from include.dbt_command import ManifestError

BRONZE = "source.rollcall.bronze."
STRATEGY = "macro.rollcall.get_incremental_differences_sql"

Manifest = dict[str, Any]


def silver_fingerprints(manifest: Path, unloads: Mapping[str, int]) -> dict[str, str]:
    """A digest for each silver model: of its SQL, its configuration, the macros and seeds that it uses, and, of a
    model that computes only what was touched, of the `unloads` of the sources that it reads.

    Raises:
        ManifestError: there is no manifest.
    """
    if not manifest.exists():
        raise ManifestError(f"{manifest} is missing: run `dbt parse`")
    content = json.loads(manifest.read_text(encoding="utf-8"))
    return {
        node["name"]: hashlib.sha256("\0".join(_parts(node, content, unloads)).encode()).hexdigest()
        for node in content["nodes"].values()
        if node["resource_type"] == "model" and node["path"].startswith("silver/")
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
