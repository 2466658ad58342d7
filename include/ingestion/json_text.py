"""The text of a JSON document, read value by value: only the part that is being read is held in memory."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any, BinaryIO

from include.ingestion.records import FileRefusedError, Problem, text_of, too_long
from include.settings import Limits

CHUNK = 1 << 18
BLANKS = re.compile(r"[ \t\r\n]*")
COMMA = re.compile(r"[ \t\r\n]*,[ \t\r\n]*(?=[^ \t\r\n])")
BRACKET = re.compile(r'"(?:[^"\\]++|\\.?)*+(?:"|\Z)|[\[\]{}]', re.DOTALL)
"""A bracket; or a whole string, in which brackets mean nothing."""
CLOSING = {"[": "]", "{": "}"}
MARGIN = 32
"""So close to the end of what was read so far, a number or a word may go on, and an error may not be one."""
UNTERMINATED = "Unterminated string"
TOO_DEEP = "nested too deeply"

Value = tuple[int, bytes, object, Problem | None]
"""First line, bytes as they stand in the file, and content of a record, or why it cannot be read."""
Scan = Callable[[str, int], tuple[object, int]]


class DuplicateKey:
    """Stands for an object that names a key twice: reading it as a dict would lose a value."""


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any] | DuplicateKey:
    members = dict(pairs)
    return members if len(members) == len(pairs) else DuplicateKey()


def _number(text: str) -> Decimal | str:
    """A number; its text, which no numeric column accepts, when its exponent is beyond what Decimal can hold."""
    try:
        return Decimal(text)
    except InvalidOperation:
        return text


def decoder(*, strict: bool) -> json.JSONDecoder:
    """Reads numbers with every digit. Unless `strict`, strings may hold control characters."""
    return json.JSONDecoder(
        parse_float=_number, parse_int=Decimal, parse_constant=Decimal, object_pairs_hook=_members, strict=strict
    )


STRICT: Scan = decoder(strict=True).raw_decode
LENIENT: Scan = decoder(strict=False).raw_decode


class JsonText:
    """Reads on from `position`. What a method cannot read it refuses with FileRefusedError, naming line and column."""

    def __init__(self, stream: BinaryIO, limits: Limits) -> None:
        self.position = 0
        self.start = 0
        """From here on the text is held: the beginning of the record that is being read."""
        self._stream = stream
        self._limits = limits
        # Bytes that are not UTF-8 pass as surrogates, so that they cost no more than the record they stand in.
        self._decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
        self._text = ""
        self._ended = False
        self._line, self._counted = 1, 0
        self._column_of_text = 1

    def peek(self) -> str:
        """The next character that is not blank, which then is at `position`; empty at the end."""
        while True:
            blanks = BLANKS.match(self._text, self.position)
            self.position = blanks.end() if blanks else self.position
            if self.position < len(self._text):
                return self._text[self.position]
            if self._ended:
                return ""
            self._read_more()

    def ends_here(self, closing: str) -> bool:
        """Step over the bracket that closes an array or object, or over the comma before its next member."""
        comma = COMMA.match(self._text, self.position)
        if comma:
            self.position = comma.end()
            return False
        character = self.peek()
        if character not in (closing, ","):
            raise self.refusal("Expecting ',' delimiter")
        self.position += 1
        if character == closing:
            return True
        self.peek()
        return False

    def key(self) -> object:
        """Step over a key and its colon."""
        if self.peek() != '"':
            raise self.refusal("Expecting property name enclosed in double quotes")
        key, _ = self.value()
        if self.peek() != ":":
            raise self.refusal("Expecting ':' delimiter")
        self.position += 1
        self.peek()
        return key

    def record(self) -> Value:
        """Step over the value at `position`, which is a record."""
        self.start = self.position
        line = self._line = self._line_of(self.start)
        self._counted = self.start
        content, is_valid = self.value()
        text, problem = self._text[self.start : self.position], None
        try:
            raw = text.encode()
        except UnicodeEncodeError:
            raw, is_valid = text.encode(errors="surrogateescape"), False
        if len(raw) > self._limits.max_line_bytes:
            raise too_long(self._limits, line, "record")
        if not is_valid:
            problem = text_of(raw)[1] or "bad_json"
        return line, raw, content, problem

    def value(self) -> tuple[object, bool]:
        """Step over the value at `position`: what it is, and whether it is JSON, apart from its encoding."""
        try:
            content, end = STRICT(self._text, self.position)
            if end + MARGIN <= len(self._text):
                self.position = end
                return content, True
        except (ValueError, RecursionError):
            pass
        return self._value_that_goes_on()

    def refusal(self, message: str, position: int | None = None) -> FileRefusedError:
        """Why reading cannot go on from a position, else from `position`."""
        position = self.position if position is None else position
        newline = self._text.rfind("\n", 0, position)
        column = position - newline if newline >= 0 else position + self._column_of_text
        place = f"line {self._line_of(position):,}, column {column:,}"
        if re.match("[\x00\udc80-\udcff]", self._text[position : position + 1]):
            return FileRefusedError(f"the file cannot be read as JSON: expected UTF-8 text ({place})")
        is_cut_off = message.startswith(UNTERMINATED) or not self._text[position:].strip()
        hint = "; is it cut off?" if is_cut_off else ""
        return FileRefusedError(f"the file is not whole JSON: {place}: {message}{hint}")

    def _value_that_goes_on(self) -> tuple[object, bool]:
        """The value at `position`, of which more is to be read, or which is not JSON."""
        content, end, message = outcome = self._scanned(STRICT)
        if message.startswith("Invalid control character"):
            content, end, message = self._scanned(LENIENT)
        elif message == TOO_DEEP:
            end, message = self._bracketed()
        if message:
            # Of a string that is not closed the place where that shows first.
            raise self.refusal(*((outcome[2], outcome[1]) if message != TOO_DEEP else (message, end)))
        self.position = end
        return content, not outcome[2]

    def _scanned(self, scan: Scan) -> tuple[object, int, str]:
        """The value at `position`, where it ends, and what is wrong there."""
        while True:
            content, end, message = _outcome(scan, self._text, self.position)
            is_sure = end + MARGIN <= len(self._text) and not message.startswith(UNTERMINATED)
            if self._ended or is_sure or message == TOO_DEEP:
                return content, end, message
            self._read_more()

    def _bracketed(self) -> tuple[int, str]:
        """Where the brackets of the value at `position` are closed; or where they are not, and what that is."""
        while True:
            open_brackets: list[str] = []
            for token in BRACKET.finditer(self._text, self.position):
                bracket = token[0]
                if bracket in CLOSING:
                    open_brackets.append(CLOSING[bracket])
                elif bracket in CLOSING.values() and open_brackets.pop() != bracket:
                    return token.start(), TOO_DEEP
                if not open_brackets:
                    return token.end(), ""
            if self._ended:
                return self.position, TOO_DEEP
            self._read_more()

    def _read_more(self) -> None:
        """Read as much again as is held, so that a long record is looked at a few times only."""
        held = len(self._text) - self.start
        if held > self._limits.max_line_bytes:
            raise too_long(self._limits, self._line_of(self.start), "record")
        block = self._stream.read(max(CHUNK, held))
        self._ended = not block
        self._forget()
        self._text += self._decoder.decode(block, final=self._ended)

    def _forget(self) -> None:
        self._line, self._counted = self._line_of(self.start), max(self._counted, self.start)
        newline = self._text.rfind("\n", 0, self.start)
        self._column_of_text = self.start - newline if newline >= 0 else self._column_of_text + self.start
        self._text = self._text[self.start :]
        self.position -= self.start
        self._counted -= self.start
        self.start = 0

    def _line_of(self, position: int) -> int:
        """The physical line of a position that does not lie before what was counted."""
        return self._line + self._text.count("\n", self._counted, position)


def _outcome(scan: Scan, text: str, position: int) -> tuple[object, int, str]:
    """The value at a position and where it ends; or where it breaks off, and why."""
    try:
        return *scan(text, position), ""
    except json.JSONDecodeError as error:
        return None, error.pos, error.msg
    except RecursionError:
        return None, position, TOO_DEEP
