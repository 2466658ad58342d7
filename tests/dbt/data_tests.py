"""The data tests of the project as dbt has compiled them, and what each reads."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from psycopg import sql


@dataclass(frozen=True)
class Relation:
    """A model or a seed; `tells`: what of a row stands in which column of ops.silver_changes, when tests of it look at
    changed rows only.
    """

    schema: str
    name: str
    tells: Mapping[str, str]

    @property
    def identifier(self) -> sql.Identifier:
        """Schema and table, quoted."""
        return sql.Identifier(self.schema, self.name)


@dataclass(frozen=True)
class DataTest:
    """A data test. `kind`: that of a generic test, or `singular`; `where`: which rows it looks at; `code`: its compiled
    query; `relations`: what it reads, that which it is written beside first.
    """

    name: str
    kind: str
    arguments: Mapping[str, Any]
    where: str
    code: str
    relations: tuple[Relation, ...]

    @property
    def expression(self) -> str:
        """What expression_is_true says, compiled."""
        return self.code.partition("where not (")[2].rstrip().removesuffix(")")


def data_tests(target: Path) -> list[DataTest]:
    """All of them, by name, as each was compiled last in this target folder of dbt."""
    nodes = json.loads((target / "manifest.json").read_text())["nodes"]
    tests = (node for node in nodes.values() if node["resource_type"] == "test")
    return sorted((_data_test(node, nodes, target) for node in tests), key=lambda test: test.name)


def _data_test(node: dict[str, Any], nodes: dict[str, Any], target: Path) -> DataTest:
    metadata = node.get("test_metadata") or {"name": "singular", "kwargs": {}}
    read = sorted(node["depends_on"]["nodes"], key=lambda name: name != node.get("attached_node"))
    return DataTest(
        name=node["name"],
        kind=metadata["name"],
        arguments=metadata["kwargs"],
        where=node["config"]["where"] or "true",
        # Compiled in one database, run in a copy of it.
        code=re.sub(r'"\w+"\.("\w+"\."\w+")', r"\1", _compiled(node, target).read_text()),
        relations=tuple(_relation(nodes[name]) for name in read if name in nodes),
    )


def _compiled(node: dict[str, Any], target: Path) -> Path:
    """Where dbt leaves a compiled test: of a generic one below the file that it is written in."""
    written_in = target / "compiled" / node["package_name"] / node["original_file_path"]
    return written_in / node["path"] if node.get("test_metadata") else written_in


def _relation(node: dict[str, Any]) -> Relation:
    meta = node["config"]["meta"]
    return Relation(node["schema"], node["alias"], meta["tells"] if "touched_by" in meta else {})
