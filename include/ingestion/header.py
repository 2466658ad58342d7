"""The columns of a file against the contract, and which of their names may be repeated in a message."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from include.ingestion.records import FileRefusedError
from include.ingestion.spec import Source

MAX_TOLD = 100
TELLABLE = re.compile(r"[^\W\d_][\w -]{0,62}")
"""What looks like the name of a column. Anything else may be a value of a row, which no message repeats."""


def check_header(source: Source, header: Iterable[str]) -> None:
    """Compare the columns of a file with the contract.

    Raises:
        FileRefusedError: names the columns that are missing, unexpected or there twice.
    """
    header = list(header)
    missing = [column.name for column in source.columns if not column.optional and column.name not in header]
    unexpected = [name for name in header if name not in source.column_names]
    if missing and len(unexpected) == len(header):
        # What stands there is probably a row of data: it is not repeated in a message.
        raise FileRefusedError(f"no header: the first line names none of the columns; expected: {', '.join(missing)}")
    repeated = sorted(name for name, count in Counter(header).items() if count > 1)
    if repeated:
        raise FileRefusedError(f"duplicate columns in the header: {', '.join(told(repeated))}")
    if missing:
        names = ", ".join(told(unexpected)) or "none"
        raise FileRefusedError(f"missing: {', '.join(missing)}; unexpected: {names}")


def told(names: Iterable[str]) -> list[str]:
    """The names that look like names of columns; the others are counted."""
    names = list(names)
    tellable = [name for name in names if TELLABLE.fullmatch(name)][:MAX_TOLD]
    others = len(names) - len(tellable)
    return [*tellable, f"{others:,} not repeated here"] if others else tellable
