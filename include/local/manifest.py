"""dbt's manifest, which Airflow reads to draw the models as tasks: built when the dbt project has changed."""

from __future__ import annotations

import hashlib
from pathlib import Path

from include.dbt_command import PROJECT, dbt_environment, manifest_path, run_dbt
from include.settings import Settings
from include.warehouse.connection import warehouse_url

BUILT = frozenset({"target", "logs", "dbt_packages", "__pycache__"})


def build_manifest(settings: Settings, project: Path = PROJECT) -> bool:
    """Parse the dbt project unless its files are those of the last parse; returns whether it was parsed.

    Raises:
        DbtFailed: dbt cannot read the project.
    """
    manifest = manifest_path(settings.home)
    mark = manifest.with_name("manifest.sha256")
    digest = project_digest(project)
    if manifest.exists() and mark.exists() and mark.read_text() == digest:
        return False
    environment = dbt_environment(warehouse_url(settings), timezone=settings.timezone)
    run_dbt("parse", environment=environment, target=manifest.parent)
    mark.write_text(digest)
    return True


def project_digest(project: Path) -> str:
    """A digest of the names and contents of the project's files, without what dbt writes itself."""
    digest = hashlib.sha256()
    for path in sorted(project.rglob("*")):
        name = path.relative_to(project)
        if path.is_file() and not BUILT & set(name.parts):
            digest.update(f"{name}\0{path.stat().st_size}\0".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()
