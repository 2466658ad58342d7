"""The record of a detached process: found again, never mistaken."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from include.local.process import RecordedProcess

PARENT_WITH_CHILD = """
import subprocess, sys, time
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(300)"])
time.sleep(300)
"""
PARENT_THAT_IGNORES = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("ready", flush=True)
time.sleep(300)
"""


@pytest.fixture
def process(tmp_path: Path) -> Iterator[RecordedProcess]:
    process = RecordedProcess(tmp_path / "process.json")
    yield process
    process.stop(patience=1)


@pytest.fixture
def bystander() -> Iterator[subprocess.Popen[bytes]]:
    """Somebody else's process, leader of its own session."""
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(300)"], start_new_session=True)
    yield process
    process.kill()
    process.wait()


def _start(process: RecordedProcess, code: str, folder: Path) -> int:
    return process.start(
        [sys.executable, "-c", code], environment=os.environ, folder=folder, log=folder / "log", notes={"port": "8123"}
    )


def _wait(condition: Callable[[], bool]) -> None:
    for _ in range(100):
        if condition():
            return
        time.sleep(0.1)
    pytest.fail("waited 10 s")


def test_a_process_is_found_again_by_its_record(process: RecordedProcess, tmp_path: Path) -> None:
    pid = _start(process, PARENT_WITH_CHILD, tmp_path)
    found = RecordedProcess(process.record)

    assert found.is_running()
    assert found.pid() == pid
    assert found.note("port") == "8123"


def test_without_a_record_nothing_runs(process: RecordedProcess) -> None:
    assert not process.is_running()
    assert process.note("port") is None
    assert not process.stop()


@pytest.mark.parametrize("content", ["", "{", "[]", '{"pid": "x", "created": 1}', '{"pid": 1}'])
def test_a_damaged_record_is_no_record(process: RecordedProcess, content: str) -> None:
    process.record.write_text(content)

    assert not process.is_running()
    assert process.pid() is None


def test_stopping_ends_the_children_too(process: RecordedProcess, tmp_path: Path) -> None:
    _start(process, PARENT_WITH_CHILD, tmp_path)
    _wait(lambda: len(process.members()) == 2)
    members = process.members()

    assert process.stop()
    assert not any(member.is_running() and member.status() != psutil.STATUS_ZOMBIE for member in members)
    assert not process.record.exists()


def test_children_whose_parent_was_killed_are_ended_too(process: RecordedProcess, tmp_path: Path) -> None:
    pid = _start(process, PARENT_WITH_CHILD, tmp_path)
    _wait(lambda: len(process.members()) == 2)
    child = next(member for member in process.members() if member.pid != pid)
    psutil.Process(pid).kill()
    os.waitpid(pid, 0)

    assert not process.is_running()
    assert process.members() == [child]
    assert process.stop()
    assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE


def test_a_process_that_ignores_the_request_is_killed(process: RecordedProcess, tmp_path: Path) -> None:
    pid = _start(process, PARENT_THAT_IGNORES, tmp_path)
    _wait(lambda: (tmp_path / "log").read_text().startswith("ready"))
    leader = psutil.Process(pid)

    assert process.stop(patience=0.2)
    assert not leader.is_running() or leader.status() == psutil.STATUS_ZOMBIE


def test_a_number_that_belongs_to_another_process_now_is_left_alone(
    process: RecordedProcess, bystander: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    created = psutil.Process(bystander.pid).create_time() - 3600
    process.record.write_text(json.dumps({"pid": bystander.pid, "created": created, "folder": str(tmp_path)}))

    assert not process.is_running()
    assert process.members() == []
    assert not process.stop()
    assert bystander.poll() is None
