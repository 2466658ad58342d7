"""Airflow's API server behind a login: the user `admin`, whose password is UI_PASSWORD."""

from __future__ import annotations

import json
import os
from pathlib import Path

from include.local.private_file import write_private


def main() -> None:
    """Write the file of passwords, without which Airflow would make one up and print it; then be the API server."""
    passwords = Path(os.environ["AIRFLOW_HOME"]) / "passwords.json"
    write_private(passwords, json.dumps({"admin": os.environ.pop("UI_PASSWORD")}))
    os.environ["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS"] = "admin:admin"
    os.environ["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE"] = str(passwords)
    os.execvp("airflow", ["airflow", "api-server"])  # noqa: S606 - no shell: a list of arguments


if __name__ == "__main__":
    main()
