"""A file system of limited size, for what must be seen when a disk is full."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def mounted(folder: Path, size: str) -> Iterator[Path]:
    """The folder, with a file system of that size behind it; `size` as mount takes it."""
    if os.geteuid() != 0:
        pytest.fail("this test mounts a file system of limited size: run it as root", pytrace=False)
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder], check=True)
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)
