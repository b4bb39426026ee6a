"""A download that is not complete yet: what is here of it, and what the server said about it.

`NAME.part` holds the bytes and `NAME.part.json` the address, ETag, size and checksum they belong
to. Both survive a kill, and the next run goes on where this one stopped.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import hashlib
import json
import os
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO, Literal

import requests

from strokeanim.datasets.fetching.client import Broken, DownloadError, Remote
from strokeanim.errors import DestinationError
from strokeanim.io.atomic_files import replace_file, reporting_errors


@dataclass(frozen=True)
class Announced:
    """What the server says about a file.

    Args:
        url: where it is.
        size: bytes.
        etag: which version it is; "" if the server doesn't say in a way that resuming can trust.
        md5: 32 hexadecimal digits; "" if the server doesn't say.
    """

    url: str
    size: int
    etag: str
    md5: str

    def __post_init__(self) -> None:
        if not (type(self.size) is int and self.size >= 0):
            raise ValueError(f"size must be an integer from 0, not {self.size!r}")
        if not all(isinstance(text, str) for text in (self.url, self.etag, self.md5)):
            raise ValueError("url, etag and md5 must be strings")


def announced(remote: Remote, response: requests.Response) -> Announced:
    """What the headers of a whole file (200, not 206) say.

    Raises:
        DownloadError: they don't say how large it is, so nobody could tell when it is complete.
    """
    told = response.headers.get("Content-Length", "")
    if not re.fullmatch("[0-9]{1,18}", told):
        raise DownloadError(
            f"can't download {remote.name}: {remote.host} does not say how large it is; "
            "use another base URL"
        )
    etag = response.headers.get("ETag", "")
    if not re.fullmatch('"[^"]+"', etag):  # a weak one (W/"…") is no promise about bytes
        etag = ""
    return Announced(remote.url, int(told), etag, _md5(response, etag))


def _md5(response: requests.Response, etag: str) -> str:
    """From x-goog-hash, or from an ETag that looks like one, as Google Cloud Storage gives."""
    stored = response.headers.get("x-goog-stored-content-encoding", "identity")
    if stored != "identity":
        return ""  # then hash and ETag are those of other bytes than the ones sent
    for told in response.headers.get("x-goog-hash", "").split(","):
        kind, _, value = told.strip().partition("=")
        if kind == "md5":
            with contextlib.suppress(binascii.Error):
                digest = base64.b64decode(value, validate=True)
                if len(digest) == 16:
                    return digest.hex()
    digits = etag.strip('"').lower()
    return digits if re.fullmatch("[0-9a-f]{32}", digits) else ""


def md5_of(file: Path) -> str:
    """32 hexadecimal digits."""
    with file.open("rb") as stream:
        made = hashlib.file_digest(stream, lambda: hashlib.md5(usedforsecurity=False))
        return made.hexdigest()


class Part:
    """The incomplete download that is to become `file`."""

    def __init__(self, file: Path, remote: Remote) -> None:
        self.file, self.remote = file, remote
        self.path = file.with_name(f"{file.name}.part")
        self._notes = file.with_name(f"{file.name}.part.json")
        for path in (self.path, self._notes):
            if path.is_dir():
                raise DestinationError(f"can't write {path}: it is a folder; move it elsewhere")
        found = self._read_notes()
        if found is None or found.url != remote.url or not found.etag or self.held > found.size:
            self.discard()
            found = None
        self.announced = found

    @property
    def held(self) -> int:
        """Bytes that are here."""
        try:
            return self.path.stat().st_size
        except FileNotFoundError:
            return 0

    def begin(self, said: Announced) -> Announced:
        """Start from nothing."""
        self.discard()
        with replace_file(self._notes) as sink:
            sink.write(json.dumps(asdict(said)).encode("ascii"))
        self.announced = said
        return said

    def discard(self) -> None:
        """Forget all of it."""
        with reporting_errors(self.path):
            self.path.unlink(missing_ok=True)
            self._notes.unlink(missing_ok=True)
        self.announced = None

    def wanted(self) -> dict[str, str]:
        """The headers that ask for the rest, or none where nothing can be resumed.

        If all is here, the last byte is asked for again: the answer tells whether it still is the
        file that the server has.
        """
        said = self.announced
        if said is None or not said.etag or not self.held:
            return {}
        return {"Range": f"bytes={self._next(said)}-", "If-Range": said.etag}

    def agree(self, response: requests.Response) -> Announced:
        """See that a 206 is the piece asked for.

        Raises:
            Broken: it is another piece, or of another version; what was here is gone.
        """
        said, told = self.announced, response.headers.get("Content-Range", "")
        match = re.fullmatch(r"bytes (\d+)-(\d+)/(\d+)", told.strip())
        if said is None or match is None:
            self.discard()
            raise Broken(
                f"{self.remote.host} sends a piece without saying which", "try again later"
            )
        first, last, size = map(int, match.groups())
        etag = response.headers.get("ETag", said.etag)
        if (first, size, etag) != (self._next(said), said.size, said.etag) or not (
            first <= last < size
        ):
            self.discard()
            raise Broken(
                f"{self.remote.host} sends another piece than asked for", "try again later"
            )

        return said

    @contextlib.contextmanager
    def open(self, said: Announced) -> Iterator[BinaryIO]:
        """A sink for what follows."""
        mode: Literal["r+b", "wb"] = "r+b" if self.held else "wb"
        with reporting_errors(self.path), self.path.open(mode) as sink:
            sink.seek(self._next(said))
            yield sink

    def finish(self) -> None:
        """Take the name of the file, on disk for good."""
        with reporting_errors(self.file):
            with self.path.open("r+b") as stream:
                os.fsync(stream.fileno())
            self.path.replace(self.file)
            with contextlib.suppress(OSError):  # not everywhere can a folder be opened
                folder = os.open(self.file.parent, os.O_RDONLY)
                try:
                    os.fsync(folder)
                finally:
                    os.close(folder)
            self._notes.unlink(missing_ok=True)

    def _next(self, said: Announced) -> int:
        return max(0, min(self.held, said.size - 1))

    def _read_notes(self) -> Announced | None:
        try:
            fields: Any = json.loads(self._notes.read_bytes())
            return Announced(**fields)
        except (OSError, ValueError, TypeError):
            return None
