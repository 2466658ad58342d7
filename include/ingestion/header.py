"""The columns of a file against the contract, and which of their names may be repeated in a message."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from difflib import SequenceMatcher

from include.ingestion.records import FileRefusedError
from include.ingestion.spec import FileFormat, Source

MAX_TOLD = 100
TELLABLE = re.compile(r"[^\W\d_][\w -]{0,62}")
"""What looks like the name of a column. Anything else may be a value of a row."""
IS_LIKE = 0.72
"""`state` is so much like `status`, `Student ID` like `student_id`; the student `Stan` is less so, and `scores_Al`."""
WHERE: dict[FileFormat, str] = {
    "csv": "they stand in the first line of the file",
    "json": "they are keys of its records",
    "parquet": "they are columns of its schema",
}


def check_header(source: Source, header: Iterable[str], form: FileFormat) -> None:
    """Compare the columns of a file with the contract.

    An unexpected column is named only when it is much like a missing one: a register with a column for each student has
    their names in its header. The others are counted.

    Raises:
        FileRefusedError: names the columns that are missing, unexpected or there twice.
    """
    header = list(header)
    missing = [column.name for column in source.columns if not column.optional and column.name not in header]
    unexpected = [name for name in header if name not in source.column_names]
    if missing and len(unexpected) == len(header):
        # What stands there is probably a row of data: it is not repeated in a message.
        raise FileRefusedError(f"{_without_columns(form)}; expected: {', '.join(missing)}")
    repeated = sorted(name for name, count in Counter(header).items() if count > 1)
    if repeated:
        raise FileRefusedError(f"duplicate columns in the header: {_known(source, repeated, missing, form)}")
    if missing:
        names = _known(source, unexpected, missing, form) if unexpected else "none"
        raise FileRefusedError(f"missing: {', '.join(missing)}; unexpected: {names}")


def told(names: Iterable[str]) -> list[str]:
    """The names that look like names of columns, for those who may read the rows too; the others are counted."""
    names = list(names)
    tellable = [name for name in names if TELLABLE.fullmatch(name)][:MAX_TOLD]
    others = len(names) - len(tellable)
    return [*tellable, f"{others:,} not repeated here"] if others else tellable


def _without_columns(form: FileFormat) -> str:
    if form == "json":
        return "none of its keys is a column of the contract"
    if form == "parquet":
        return "none of its columns is one of the contract"
    return "no header: the first line names none of the columns"


def _known(source: Source, names: list[str], missing: list[str], form: FileFormat) -> str:
    """The names that are columns of the contract or much like a missing one; the others are counted."""
    known = [name for name in names if name in source.column_names or _is_like(name, missing)][:MAX_TOLD]
    others = len(names) - len(known)
    counted = [f"{others:,} not repeated here ({WHERE[form]})"] if others else []
    return ", ".join([*known, *counted])


def _is_like(name: str, missing: list[str]) -> bool:
    """Whether a name looks like another spelling of a column; with a digit it looks like an id."""
    if not TELLABLE.fullmatch(name) or any(letter.isdigit() for letter in name):
        return False
    lower = name.lower()
    if set(re.split("[ _-]", lower)) <= {word for column in missing for word in column.split("_")}:
        return True
    # The first letter tells `state` from `Titus`.
    return any(lower[0] == column[0] and SequenceMatcher(None, lower, column).ratio() > IS_LIKE for column in missing)
