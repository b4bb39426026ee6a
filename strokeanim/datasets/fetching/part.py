"""Keep an incomplete download, and the server's metadata of it, on disk.

`NAME.part` contains the bytes and `NAME.part.json` the address, ETag, size and checksum they
belong to. Both survive a killed process, and the next run resumes the download.
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

from strokeanim.datasets.fetching.client import DownloadError, RemoteFile, TransientError
from strokeanim.errors import DestinationError
from strokeanim.io.atomic_files import replace_file, reporting_errors


@dataclass(frozen=True)
class RemoteMetadata:
    """Metadata of a file on the server.

    Attributes:
        url: its address.
        size: bytes.
        etag: its version; "" without an ETag that is strong enough for resuming.
        md5: 32 hexadecimal digits; "" if the server does not give the checksum.
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


def parse_metadata(remote: RemoteFile, response: requests.Response) -> RemoteMetadata:
    """Parse the headers of a response for a whole file (200, not 206).

    Raises:
        DownloadError: the size is missing, so it would be unknown when the file is complete.
    """
    length = response.headers.get("Content-Length", "")
    if not re.fullmatch("[0-9]{1,18}", length):
        raise DownloadError(
            f"can't download {remote.name}: {remote.host} does not say how large it is; "
            "use another base URL"
        )
    etag = response.headers.get("ETag", "")
    if not re.fullmatch('"[^"]+"', etag):  # a weak ETag (W/"…") does not promise equal bytes
        etag = ""
    return RemoteMetadata(remote.url, int(length), etag, _parse_md5(response, etag))


def _parse_md5(response: requests.Response, etag: str) -> str:
    """Return the MD5 of x-goog-hash, or else an ETag that looks like one.

    Google Cloud Storage gives such ETags.
    """
    stored = response.headers.get("x-goog-stored-content-encoding", "identity")
    if stored != "identity":
        return ""  # hash and ETag are those of the stored bytes, not of those sent
    for item in response.headers.get("x-goog-hash", "").split(","):
        kind, _, value = item.strip().partition("=")
        if kind == "md5":
            with contextlib.suppress(binascii.Error):
                digest = base64.b64decode(value, validate=True)
                if len(digest) == 16:
                    return digest.hex()
    digits = etag.strip('"').lower()
    return digits if re.fullmatch("[0-9a-f]{32}", digits) else ""


def compute_md5(file: Path) -> str:
    """Return the MD5 of a file as 32 hexadecimal digits."""
    with file.open("rb") as stream:
        digest = hashlib.file_digest(stream, lambda: hashlib.md5(usedforsecurity=False))
        return digest.hexdigest()


class PartialDownload:
    """The incomplete download of `file`; discarded on creation if it can't be resumed.

    Attributes:
        file: the path of the complete file.
        remote: the file on the server.
        path: the path of the incomplete file.
        metadata: the server's metadata of what is on disk; None if there is nothing to resume.
    """

    def __init__(self, file: Path, remote: RemoteFile) -> None:
        self.file, self.remote = file, remote
        self.path = file.with_name(f"{file.name}.part")
        self._metadata_path = file.with_name(f"{file.name}.part.json")
        for path in (self.path, self._metadata_path):
            if path.is_dir():
                raise DestinationError(f"can't write {path}: it is a folder; move it elsewhere")
        metadata = self._read_metadata()
        if (
            metadata is None
            or metadata.url != remote.url
            or not metadata.etag
            or self.received > metadata.size
        ):
            self.discard()
            metadata = None
        self.metadata = metadata

    @property
    def received(self) -> int:
        """Return the number of bytes on disk."""
        try:
            return self.path.stat().st_size
        except FileNotFoundError:
            return 0

    def start(self, metadata: RemoteMetadata) -> RemoteMetadata:
        """Discard the bytes on disk, write new metadata, and return it."""
        self.discard()
        with replace_file(self._metadata_path) as sink:
            sink.write(json.dumps(asdict(metadata)).encode("ascii"))
        self.metadata = metadata
        return metadata

    def discard(self) -> None:
        """Remove the bytes and the metadata from disk."""
        with reporting_errors(self.path):
            self.path.unlink(missing_ok=True)
            self._metadata_path.unlink(missing_ok=True)
        self.metadata = None

    def build_headers(self) -> dict[str, str]:
        """Build the headers that request the rest; none if nothing can be resumed.

        If all bytes are on disk, the last is requested again: the response tells whether the
        server still has the same file.
        """
        metadata = self.metadata
        if metadata is None or not metadata.etag or not self.received:
            return {}
        return {"Range": f"bytes={self._offset(metadata)}-", "If-Range": metadata.etag}

    def check_range(self, response: requests.Response) -> RemoteMetadata:
        """Check that a 206 response has the requested range, and return the file's metadata.

        Raises:
            TransientError: it has another range, or is of another version; the bytes on disk
                have been discarded.
        """
        metadata, content_range = self.metadata, response.headers.get("Content-Range", "")
        match = re.fullmatch(r"bytes (\d+)-(\d+)/(\d+)", content_range.strip())
        if metadata is None or match is None:
            self.discard()
            raise TransientError(
                f"{self.remote.host} sends a piece without saying which", "try again later"
            )
        first, last, size = map(int, match.groups())
        etag = response.headers.get("ETag", metadata.etag)
        expected = (self._offset(metadata), metadata.size, metadata.etag)
        if (first, size, etag) != expected or not (first <= last < size):
            self.discard()
            raise TransientError(
                f"{self.remote.host} sends another piece than asked for", "try again later"
            )

        return metadata

    @contextlib.contextmanager
    def open(self, metadata: RemoteMetadata) -> Iterator[BinaryIO]:
        """Yield a sink for the bytes that follow."""
        mode: Literal["r+b", "wb"] = "r+b" if self.received else "wb"
        with reporting_errors(self.path), self.path.open(mode) as sink:
            sink.seek(self._offset(metadata))
            yield sink

    def finish(self) -> None:
        """Sync the bytes to disk and rename them to the complete file."""
        with reporting_errors(self.file):
            with self.path.open("r+b") as stream:
                os.fsync(stream.fileno())
            self.path.replace(self.file)
            with contextlib.suppress(OSError):  # some systems can't open a folder
                folder = os.open(self.file.parent, os.O_RDONLY)
                try:
                    os.fsync(folder)
                finally:
                    os.close(folder)
            self._metadata_path.unlink(missing_ok=True)

    def _offset(self, metadata: RemoteMetadata) -> int:
        """Return the index of the first byte to request."""
        return max(0, min(self.received, metadata.size - 1))

    def _read_metadata(self) -> RemoteMetadata | None:
        """Read the metadata from disk; return None if it is missing or damaged."""
        try:
            fields: Any = json.loads(self._metadata_path.read_bytes())
            return RemoteMetadata(**fields)
        except (OSError, ValueError, TypeError):
            return None
