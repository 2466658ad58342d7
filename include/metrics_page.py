"""`python -m include.metrics_page`: writes docs/metrics.md, from dbt's manifest and the warehouse of the settings."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from string import Template
from typing import Any

import psycopg

from include.dbt_command import PROJECT, ManifestError, manifest_path
from include.settings import REPOSITORY, SettingsError, load_settings
from include.warehouse.connection import WarehouseError, connect, warehouse_url

PAGE = REPOSITORY / "docs" / "metrics.md"
TEMPLATE = Path(__file__).with_name("metrics_page.md")
SHOWN_ROWS = 20
"""A seed with more rows is described, not shown."""

Node = Mapping[str, Any]


def metrics_page(manifest: Path, connection: psycopg.Connection) -> str:
    """The page: what the manifest says of gold, seeds and silver, and what the examples answer on the warehouse.

    Raises:
        ManifestError: there is no manifest.
        psycopg.Error: an example is not a query, or the warehouse has no gold yet.
    """
    if not manifest.exists():
        raise ManifestError(f"{manifest} is missing: `make metrics` makes it, and the warehouse of the sample")
    nodes = json.loads(manifest.read_text(encoding="utf-8"))["nodes"].values()
    nodes = sorted(nodes, key=lambda node: str(node["name"]))
    gold, silver = ([node for node in nodes if _is_model_of(node, layer)] for layer in ("gold", "silver"))
    newest = connection.execute("select as_of from ops.publications order by publication_id desc limit 1").fetchone()
    parts = {
        "as_of": str(newest[0] if newest else None),
        "contents": _contents(gold, heading="gold"),
        "gold": "\n\n".join(_gold_table(node, connection) for node in gold),
        "silver": _contents(silver, heading="silver"),
    }
    seeds = {str(node["name"]): _seed(node) for node in nodes if node["resource_type"] == "seed"}
    return Template(TEMPLATE.read_text(encoding="utf-8")).substitute(seeds | parts)


def _is_model_of(node: Node, layer: str) -> bool:
    return bool(node["resource_type"] == "model" and node["path"].startswith(f"{layer}/"))


def _contents(models: Iterable[Node], *, heading: str) -> str:
    rows = []
    for node in models:
        text, grain = _described(node)
        rows.append((f"`{node['name']}`", text, grain.removeprefix("one row per ").removesuffix(".")))
    return _markdown((heading, "what it says", "one row per"), rows)


def _gold_table(node: Node, connection: psycopg.Connection) -> str:
    text, grain = _described(node)
    key = ", ".join(f"`{column}`" for column in node["config"]["meta"]["key"])
    examples = [_example(example, connection) for example in node["config"]["meta"]["examples"]]
    return "\n\n".join(
        [f"## gold.{node['name']}", f"{text} **Grain:** {grain} **Key:** {key}.", _columns(node), *examples]
    )


def _seed(node: Node) -> str:
    text, grain = _described(node)
    with (PROJECT / node["original_file_path"]).open(encoding="utf-8", newline="") as lines:
        header, *rows = csv.reader(lines)
    shown = [_markdown(header, rows)] if len(rows) <= SHOWN_ROWS else []
    return "\n\n".join([f"### {node['name']}.csv", f"{text} **Grain:** {grain}", _columns(node), *shown])


def _described(node: Node) -> tuple[str, str]:
    """The description without its grain, and the grain."""
    text, _, grain = _one_line(node["description"]).partition(" Grain: ")
    return text, grain


def _columns(node: Node) -> str:
    columns = node["columns"].values()
    return _markdown(
        ("column", "type", "meaning"),
        ((f"`{column['name']}`", column["data_type"], _one_line(column["description"])) for column in columns),
    )


def _example(example: Mapping[str, str], connection: psycopg.Connection) -> str:
    """The question, the query and its rows."""
    result = connection.execute(example["sql"].encode())
    answer = _markdown([column.name for column in result.description or ()], result.fetchall())
    return f"**{example['question']}**\n\n```sql\n{example['sql'].strip()}\n```\n\n{answer}"


def _markdown(header: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    lines = [list(header), *([_cell(value) for value in row] for row in rows)]
    lines.insert(1, ["---"] * len(lines[0]))
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(value: object) -> str:
    if value is None:
        return "NULL"
    return str(value).lower() if isinstance(value, bool) else str(value).replace("|", r"\|")


def _one_line(text: str) -> str:
    return " ".join(text.split())


def main() -> None:
    """Write the page; ends with a message when there is no warehouse to ask."""
    try:
        settings = load_settings()
        with connect(warehouse_url(settings)) as connection:
            page = metrics_page(manifest_path(settings.home), connection)
    except (ManifestError, SettingsError, WarehouseError) as error:
        raise SystemExit(f"metrics: {error}") from error
    PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
