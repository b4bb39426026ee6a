"""Fetch a whole file, resuming it as often as needed, and verify it."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from typing import Literal, TypeAlias

from strokeanim.datasets.fetching.client import (
    Client,
    DownloadError,
    RemoteFile,
    RetryCounter,
    TransientError,
    UnreachableError,
    iter_body,
)
from strokeanim.datasets.fetching.part import (
    PartialDownload,
    RemoteMetadata,
    compute_md5,
    parse_metadata,
)

Progress: TypeAlias = Callable[[str, int, int | None], None]
"""Called with the name of a file, the bytes received, and the total, None if unknown."""

Verified: TypeAlias = Literal["md5", "size", "none"]


def verify(client: Client, remote: RemoteFile, file: Path) -> Verified | None:
    """Compare a local file with that on the server; return how, or None if they may differ.

    Raises:
        DownloadError: the server can't be reached.
    """
    retries = RetryCounter(remote, client.policy)
    while True:
        try:
            with client.stream(remote, method="HEAD") as response:
                metadata = parse_metadata(remote, response)
            break
        except TransientError as error:
            retries.record_failure(error)
        except UnreachableError:
            raise
        except DownloadError:
            return None  # some servers don't answer HEAD
    if file.stat().st_size != metadata.size:
        return None
    if not metadata.md5:
        return "size"
    return "md5" if compute_md5(file) == metadata.md5 else None


def fetch(
    client: Client, remote: RemoteFile, file: Path, force: bool, progress: Progress
) -> tuple[bool, Verified]:
    """Fetch a file; return whether an earlier run was resumed, and how it was verified.

    Raises:
        DownloadError: too many consecutive tries made no progress, or the checksum is wrong twice.
        InputError: the server has no such file.
        OutputError: the file can't be written.
    """
    part = PartialDownload(file, remote)
    if force:
        part.discard()
    retries, farthest, mismatches = RetryCounter(remote, client.policy), part.received, 0
    resumed = farthest > 0
    while True:
        try:
            metadata, continued = _request_rest(client, part, progress)
            resumed = resumed and continued
        except TransientError as error:
            # Only bytes beyond all earlier tries count as progress; otherwise a server that
            # ignores Range and always breaks off would be retried for ever.
            resumed = resumed and part.received > 0
            retries.record_failure(error, progress=part.received > farthest)
            farthest = max(farthest, part.received)
            continue
        if not metadata.md5 or compute_md5(part.path) == metadata.md5:
            part.finish()
            return resumed, "md5" if metadata.md5 else "size"
        part.discard()
        farthest, mismatches, resumed = 0, mismatches + 1, False
        if mismatches == 2:
            raise DownloadError(
                f"can't download {remote.name}: its checksum is wrong, twice; "
                "try again later or use another base URL"
            )


def _request_rest(
    client: Client, part: PartialDownload, progress: Progress
) -> tuple[RemoteMetadata, bool]:
    """Request the rest of the file, or all of it; return its metadata and whether it resumed.

    Raises:
        TransientError: the file is still incomplete, or has been discarded.
    """
    remote = part.remote
    with client.stream(remote, part.build_headers()) as response:
        if response.status_code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            part.discard()
            raise TransientError(f"{remote.host} has a shorter file now", "try again later")
        resumed = response.status_code == HTTPStatus.PARTIAL_CONTENT
        metadata = (
            part.check_range(response) if resumed else part.start(parse_metadata(remote, response))
        )
        with part.open(metadata) as sink:
            received = sink.tell()
            progress(remote.name, received, metadata.size)
            for chunk in iter_body(response):
                received += len(chunk)
                if received > metadata.size:
                    break
                sink.write(chunk)
                sink.flush()  # so that a killed process loses nothing
                progress(remote.name, received, metadata.size)
    if received > metadata.size:
        part.discard()
        raise TransientError(
            f"{remote.host} sends more than the {metadata.size} bytes announced", "try later"
        )
    if received < metadata.size:
        raise TransientError(f"the connection broke off after {received} of {metadata.size} bytes")
    return metadata, resumed
