"""Programs that tests need and that no Python package brings: Debian's packages in `system-packages.txt`."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

PACKAGES = Path(__file__).with_name("system-packages.txt").read_text(encoding="utf-8").split()
# Where Debian puts the programs of a package, if not on the path.
FOLDERS = {"postgresql-15": "/usr/lib/postgresql/15/bin"}


def program(name: str, package: str) -> str:
    """The path of a program of one of `PACKAGES`; without it the test fails and says how to install it."""
    assert package in PACKAGES, f"{package} is not in system-packages.txt"
    found = shutil.which(name, path=FOLDERS.get(package))
    if not found:
        pytest.fail(
            f"this test needs the program {name}: sudo apt-get install --yes --no-install-recommends {package}",
            pytrace=False,
        )
    return found
