"""`.sample.json`, the account of what was written; it tells whether a folder holds the sample and nothing else."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from include.ingestion.files import sha256_of
from include.local.sample.options import Options
from include.local.sample.rows import Kind, SourceName

MANIFEST = ".sample.json"


@dataclass(frozen=True)
class RowCounts:
    """The rows written for a source: `rows` are all of them, the others those of one kind; a row has one kind."""

    rows: int
    late: int
    corrected: int
    duplicates: int
    bad: int

    @classmethod
    def of(cls, kinds: Counter[Kind]) -> RowCounts:
        """The counts by kind under the names of the manifest."""
        return cls(
            rows=kinds.total(),
            late=kinds["late"],
            corrected=kinds["corrected"],
            duplicates=kinds["duplicate"],
            bad=kinds["bad"],
        )

    def __str__(self) -> str:
        """The counts in words, without those that are 0."""
        special = {name: count for name, count in asdict(self).items() if name != "rows" and count}
        words = [f"{self.rows:,} rows", *(f"{count:,} {name}" for name, count in special.items())]
        return ", ".join(words)


@dataclass(frozen=True)
class Account:
    """What was written: the last day that it holds, and the rows by source."""

    as_of: date
    rows: Mapping[SourceName, RowCounts]


@dataclass(frozen=True)
class Manifest:
    """What `.sample.json` says of the files written: nothing, where it is missing or is not ours."""

    as_of: date | None
    digests: Mapping[str, str]


def write_manifest(folder: Path, account: Account, options: Options, digests: Mapping[str, str]) -> None:
    """Leave the account of the files in their folder."""
    content = {
        "as_of": account.as_of.isoformat(),
        "options": asdict(options),
        "rows": {source: asdict(counts) for source, counts in account.rows.items()},
        "files": digests,
    }
    (folder / MANIFEST).write_bytes((json.dumps(content, indent=2) + "\n").encode())


def read_manifest(folder: Path) -> Manifest:
    """The account that the folder holds."""
    try:
        content = json.loads((folder / MANIFEST).read_bytes())
        return Manifest(date.fromisoformat(content["as_of"]), dict(content["files"]))
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return Manifest(None, {})


def sample_as_of(raw_dir: Path) -> date | None:
    """The sample's last day, if all that lies below `raw_dir` is the sample as it was written; else None.

    Hidden files and folders do not count.
    """
    manifest = read_manifest(raw_dir)
    digests = manifest.digests
    relative = [path.relative_to(raw_dir) for path in sorted(raw_dir.rglob("*")) if path.is_file()]
    found = [path for path in relative if not any(part.startswith(".") for part in path.parts)]
    if any(path.as_posix() not in digests for path in found):
        return None
    if any(sha256_of(raw_dir / path) != digests[path.as_posix()] for path in found):
        return None
    return manifest.as_of
