"""A detached process, and the record by which a later command finds it again, and nothing else."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path

import psutil

from include.local.private_file import write_private

CREATED_TOLERANCE_SECONDS = 2
"""A process's creation time is derived from the boot time, which a clock correction may move a little."""


class RecordedProcess:
    """One process session (the process started and all that it starts), recorded in a file.

    The record holds the number of the process and the moment of its creation: after a power loss the number may belong
    to somebody else's process, which is then neither taken for ours nor stopped.
    """

    def __init__(self, record: Path) -> None:
        self.record = record

    def start(
        self, command: list[str], *, environment: Mapping[str, str], folder: Path, log: Path, notes: Mapping[str, str]
    ) -> int:
        """Start the command in a session of its own, working in `folder`, its output in `log`; returns its number.

        `notes` are kept in the record, for whoever finds the process running.
        """
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as output:
            process = subprocess.Popen(
                command,
                cwd=folder,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        created = psutil.Process(process.pid).create_time()
        self._write({**notes, "pid": process.pid, "created": created, "folder": str(folder)})
        return process.pid

    def note(self, name: str) -> str | None:
        """What was noted when the running process was started; None when it is not running."""
        return str(self._read().get(name)) if self.is_running() else None

    def is_running(self) -> bool:
        """Whether the recorded process is there still."""
        return self._leader() is not None

    def pid(self) -> int | None:
        """The number of the recorded process, None when it is not running."""
        leader = self._leader()
        return leader.pid if leader else None

    def members(self) -> list[psutil.Process]:
        """The recorded process and everything that it started, also when it has itself died already."""
        leader, record = self._leader(), self._read()
        if not record:
            return []
        if leader is None and psutil.pid_exists(int(record["pid"])):
            return []
        session = [process for process in psutil.process_iter() if _session(process) == record["pid"]]
        if leader:
            return list({*session, leader, *_descendants(leader)})
        # The session's number says less without its leader: such a process must also work in the recorded folder.
        return [process for process in session if _works_in(process, str(record["folder"]))]

    def stop(self, patience: float = 20) -> bool:
        """Stop the whole session: its leader is asked, `patience` seconds later all are ended.

        Returns whether there was anything to stop.
        """
        members = self.members()
        leader = self._leader()
        if leader:
            # Its own way to end what it started.
            _signal([leader], signal.SIGTERM)
            psutil.wait_procs(members, timeout=patience)
        for number, seconds in ((signal.SIGTERM, 5), (signal.SIGKILL, 5)):
            # What was started in between belongs to the session too.
            left = {*self.members(), *(process for process in members if process.is_running())}
            _signal(left, number)
            psutil.wait_procs(left, timeout=seconds)
        self.record.unlink(missing_ok=True)
        return bool(members)

    def _leader(self) -> psutil.Process | None:
        record = self._read()
        try:
            process = psutil.Process(int(record["pid"]))
            same = abs(process.create_time() - float(record["created"])) <= CREATED_TOLERANCE_SECONDS
            return process if same and process.status() != psutil.STATUS_ZOMBIE else None
        except (psutil.Error, KeyError):
            return None

    def _read(self) -> dict[str, str | int | float]:
        try:
            content = json.loads(self.record.read_text())
        except (OSError, ValueError):
            return {}
        known = isinstance(content, dict) and isinstance(content.get("pid"), int)
        return content if known and isinstance(content.get("created"), float) else {}

    def _write(self, content: Mapping[str, str | int | float]) -> None:
        # Whole or not at all: a record cut off by a power loss would hide a running process.
        write_private(self.record, json.dumps(content))


def _session(process: psutil.Process) -> int | None:
    try:
        return os.getsid(process.pid)
    except OSError:
        return None


def _descendants(process: psutil.Process) -> list[psutil.Process]:
    try:
        return process.children(recursive=True)
    except psutil.Error:
        return []


def _works_in(process: psutil.Process, folder: str) -> bool:
    try:
        return process.cwd() == folder
    except psutil.Error:
        return False


def _signal(processes: list[psutil.Process] | set[psutil.Process], number: signal.Signals) -> None:
    for process in processes:
        try:
            process.send_signal(number)
        except psutil.NoSuchProcess:
            continue
