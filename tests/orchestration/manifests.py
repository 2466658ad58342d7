"""What an earlier task would have parsed, for tasks that read the manifest."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from include.dbt_artifacts import project_digest
from include.dbt_command import PROJECT, manifest_path


def write_manifest(home: Path, manifest: dict[str, Any]) -> None:
    """Write it below a ROLLCALL_HOME, as one of the project as it is: nobody parses that again."""
    path = manifest_path(home)
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(manifest))
    path.with_name("manifest.sha256").write_text(project_digest(PROJECT))
