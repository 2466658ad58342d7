from __future__ import annotations

from include.local.scheduler import MODULES
from include.settings import REPOSITORY


def test_nothing_of_this_repository_is_imported_ahead() -> None:
    # A task would go on with the code of the moment at which Airflow was started.
    assert not [name for name in MODULES if (REPOSITORY / name.split(".")[0]).exists()]
