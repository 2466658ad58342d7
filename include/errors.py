"""What sets our own errors apart from every other: their text may be told."""

from __future__ import annotations


class ToldError(Exception):
    """An error in our own words: its text may stand in logs, tables and notes, for it quotes no value of any row.

    Of any other error only the type is told. A subclass says what went wrong; its message what to do.
    """
