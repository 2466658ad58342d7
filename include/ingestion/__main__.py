"""The command line of ingestion: `python -m include.ingestion COMMAND`.

`load SOURCE [FILE…]`, `status`, `rejects [SOURCE]`, `replay [SOURCE]`, `unload LOAD_ID`.
"""

from __future__ import annotations

import argparse
import gc
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from include.ingestion import listings
from include.ingestion.files import RawFolderError, name_of
from include.ingestion.load import LoadFailedError
from include.ingestion.replay import replay_lines
from include.ingestion.sources import SOURCES
from include.ingestion.task import ingest, replay, unload
from include.ingestion.unload import NotLoadedError, UnloadError
from include.settings import Settings, SettingsError, load_settings
from include.warehouse.connection import WarehouseError, connect, describe_error, warehouse_url
from include.warehouse.schema import migrate


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Exit status: 0 done; 1 a file was refused, or loading, replaying or unloading failed; 2 wrong use, or a
    warehouse that cannot be used.
    """
    options = _parser().parse_args(arguments)
    try:
        settings = load_settings()
        with connect(warehouse_url(settings), autocommit=True) as connection:
            migrate(connection, SOURCES.values())
            return int(options.command(connection, settings, options))
    except (NotLoadedError, RawFolderError, SettingsError, WarehouseError) as error:
        print(error, file=sys.stderr)
        return 2
    except (LoadFailedError, UnloadError) as error:
        print(error, file=sys.stderr)
        return 1
    except psycopg.Error as error:
        # Not its text, which may quote a row.
        print(f"the warehouse reported {describe_error(error)}; its own log says more", file=sys.stderr)
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
    rejects.set_defaults(command=_rejects)
    again = commands.add_parser("replay", help="load the open rejections again, after a code was added, say")
    again.set_defaults(command=_replay)
    for of_one_source in (rejects, again):
        of_one_source.add_argument("source", nargs="?", choices=sorted(SOURCES), metavar="SOURCE")
    out = commands.add_parser("unload", help="take a wrong file back out: its rows, versions and rejections")
    out.add_argument("load_id", type=int, metavar="LOAD_ID", help="as ops.file_loads has it")
    out.set_defaults(command=_unload)
    return parser


def _run_id() -> str:
    return f"command_line__{datetime.now(UTC).isoformat(timespec='microseconds')}"


def _load(connection: psycopg.Connection, settings: Settings, options: argparse.Namespace) -> int:
    files: list[Path] = [path.resolve() for path in options.files]
    absent = [name_of(path, settings.raw_dir) for path in files if not path.is_file()]
    if absent:
        print(f"no such file: {', '.join(absent)}", file=sys.stderr)
        return 2
    report = ingest(connection, SOURCES[options.source], settings, dag_run_id=_run_id(), files=files or None)
    print("\n".join(report.lines()))
    return 1 if report.refused else 0


def _status(connection: psycopg.Connection, settings: Settings, _: argparse.Namespace) -> int:
    print("\n".join(listings.status_lines(connection, settings.raw_dir)))
    return 0


def _rejects(connection: psycopg.Connection, _: Settings, options: argparse.Namespace) -> int:
    print("\n".join(listings.rejects_lines(connection, options.source)))
    return 0


def _replay(connection: psycopg.Connection, settings: Settings, options: argparse.Namespace) -> int:
    chosen = [SOURCES[options.source]] if options.source else SOURCES.values()
    reports = [replay(connection, source, settings, dag_run_id=_run_id()) for source in chosen]
    print("\n".join(replay_lines(reports)))
    return 1 if any(report.obstacles for report in reports) else 0


def _unload(connection: psycopg.Connection, settings: Settings, options: argparse.Namespace) -> int:
    report = unload(connection, options.load_id, settings, dag_run_id=_run_id())
    print("\n".join([*report.lines(), listings.SILVER_FOLLOWS]))
    return 0


if __name__ == "__main__":
    # What was imported stays: to look through it for garbage costs as much as loading ten thousand rows.
    gc.freeze()
    raise SystemExit(main())
