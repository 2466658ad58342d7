"""The command line of ingestion: `python -m include.ingestion load SOURCE [FILE…]`, `status`, `rejects [SOURCE]`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from include.ingestion.files import RawFolderError, name_of, unclaimed_files
from include.ingestion.load import LoadFailedError
from include.ingestion.sources import SOURCES
from include.ingestion.task import ingest
from include.settings import Settings, SettingsError, load_settings
from include.warehouse.connection import WarehouseError, connect, warehouse_url
from include.warehouse.schema import migrate


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. Exit status: 0 done, 1 a file was refused or loading failed, 2 wrong use or no warehouse."""
    options = _parser().parse_args(arguments)
    try:
        settings = load_settings()
        with connect(warehouse_url(settings), autocommit=True) as connection:
            migrate(connection, SOURCES.values())
            return int(options.command(connection, settings, options))
    except LoadFailedError as error:
        print(error, file=sys.stderr)
        return 1
    except (RawFolderError, SettingsError, WarehouseError) as error:
        print(error, file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m include.ingestion", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    load = commands.add_parser("load", help="load the new files of a source, or just the files named")
    load.add_argument("source", choices=sorted(SOURCES), metavar="SOURCE", help=", ".join(SOURCES))
    load.add_argument("files", nargs="*", type=Path, metavar="FILE")
    load.set_defaults(command=_load)
    status = commands.add_parser("status", help="what each source has loaded, and files that no source takes")
    status.set_defaults(command=_status)
    rejects = commands.add_parser("rejects", help="open rejections: how many, for what reason, from which file")
    rejects.add_argument("source", nargs="?", choices=sorted(SOURCES), metavar="SOURCE")
    rejects.set_defaults(command=_rejects)
    return parser


def _load(connection: psycopg.Connection, settings: Settings, options: argparse.Namespace) -> int:
    files: list[Path] = [path.resolve() for path in options.files]
    absent = [name_of(path, settings.raw_dir) for path in files if not path.is_file()]
    if absent:
        print(f"no such file: {', '.join(absent)}", file=sys.stderr)
        return 2
    run = f"command_line__{datetime.now(UTC).isoformat(timespec='seconds')}"
    report = ingest(connection, SOURCES[options.source], settings, dag_run_id=run, files=files or None)
    print("\n".join(report.lines()))
    return 1 if report.refused else 0


def _status(connection: psycopg.Connection, settings: Settings, _: argparse.Namespace) -> int:
    rows = connection.execute(
        """select source, count(*) filter (where status = 'loaded'), coalesce(sum(rows_read), 0),
            count(*) filter (where status = 'refused'), max(finished_at)
        from ops.file_loads group by source"""
    ).fetchall()
    known = {source: row for source, *row in rows}
    for source in SOURCES:
        loaded, read, refused, last = known.get(source, (0, 0, 0, None))
        when = f"last {last:%Y-%m-%d %H:%M %Z}" if last else "nothing was loaded yet"
        print(f"{source}: {loaded:,} files loaded, {read:,} rows read, {refused:,} refusals; {when}")
    for name, near in unclaimed_files(settings.raw_dir, SOURCES.values()).items():
        print(f"{name}: no source takes it" + (f"; did you mean {near}?" if near else ""))
    return 0


def _rejects(connection: psycopg.Connection, _: Settings, options: argparse.Namespace) -> int:
    rows = connection.execute(
        """select source, file, load_id, reason, count(*), min(line)
        from ops.rejected_rows cross join unnest(reasons) as reason
        where resolved_at is null and (%(source)s::text is null or source = %(source)s)
        group by source, file, load_id, reason order by load_id, count(*) desc, reason""",
        {"source": options.source},
    ).fetchall()
    for source, file, load_id, reason, count, line in rows:
        print(f"{source}: {file} (load {load_id}): {count:,} × {reason}, first in line {line}")
    print("The rows themselves: table ops.rejected_rows." if rows else "no open rejections")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
