"""Download QuickDraw files from the public bucket.

    NAME.ndjson       full/simplified/NAME.ndjson   strokes in 256×256, without times
    NAME-raw.ndjson   full/raw/NAME.ndjson          strokes as drawn, with times
    NAME.bin          full/binary/NAME.bin          the simplified drawings, packed
    NAME.npz          sketchrnn/NAME.npz            70 000 + 2 500 + 2 500 drawings as stroke-3

A download gets its name when it is complete and its size and checksum are right; until then it is
`NAME.part`, which a later run resumes. This module chooses URLs and file names; requests, retries,
checks and the attribution are left to `strokeanim.datasets.fetching`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias
from urllib.parse import quote, urlsplit

from strokeanim.datasets.fetching.attribution import credit
from strokeanim.datasets.fetching.client import (
    CATEGORIES_URL,
    Client,
    DownloadError,
    RemoteFile,
    RetryPolicy,
    UnreachableError,
)
from strokeanim.datasets.fetching.first import (
    Splitter,
    fetch_first,
    has_drawings,
    split_lines,
    split_records,
)
from strokeanim.datasets.fetching.whole import Progress, Verified, fetch, verify
from strokeanim.errors import DestinationError, InputError, OutputError, StrokeAnimError
from strokeanim.io.atomic_files import check_destination, reporting_errors
from strokeanim.io.locks import locked

__all__ = ["download", "Downloaded", "DownloadError", "RetryPolicy", "FORMATS", "BASE_URL"]

BASE_URL = "https://storage.googleapis.com/quickdraw_dataset"
VARIABLE = "STROKEANIM_QUICKDRAW_URL"
"""The environment variable for another base URL."""

LONGEST_NAME = 100
"""Maximum bytes of a class name."""

_FORBIDDEN_CHARACTERS = set('/\\:*?"<>|')
"""Characters that lead out of the folder, or that some systems reject in file names."""

Status: TypeAlias = Literal["downloaded", "resumed", "already there"]


@dataclass(frozen=True)
class Format:
    """A format of the bucket.

    Attributes:
        folder: the bucket's folder.
        suffix: the extension.
        split: splits a file into drawings; None if only whole files can be read.
        mark: what local file names have after the class name.
    """

    folder: str
    suffix: str
    split: Splitter | None = None
    mark: str = ""


FORMATS = {
    "simplified": Format("full/simplified", ".ndjson", split_lines),
    "npz": Format("sketchrnn", ".npz"),
    "bin": Format("full/binary", ".bin", split_records),
    "raw": Format("full/raw", ".ndjson", split_lines, "-raw"),
}


@dataclass(frozen=True)
class Downloaded:
    """A file that has been downloaded, now or earlier.

    Attributes:
        file: its path.
        label: the class of its drawings.
        bytes: its size.
        status: whether all of it, only its rest, or nothing was fetched.
        verified: "md5" if size and checksum equal the server's, "size" if the server gives no
            checksum, "none" for the first drawings of a file.
    """

    file: Path
    label: str
    bytes: int
    status: Status
    verified: Verified


@dataclass(frozen=True)
class _Request:
    """The arguments of a download, apart from its classes."""

    form: Format
    limit: int | None
    base: str
    dest: Path
    force: bool

    def path(self, label: str) -> Path:
        cut = "" if self.limit is None else f"-first-{self.limit}"
        return self.dest / f"{label}{self.form.mark}{cut}{self.form.suffix}"

    def remote(self, label: str) -> RemoteFile:
        url = f"{self.base}/{self.form.folder}/{quote(label, safe='')}{self.form.suffix}"
        return RemoteFile(url, label, self.path(label).name)


def download(
    classes: Sequence[str],
    format: str = "simplified",  # noqa: A002
    dest: str | os.PathLike[str] = ".",
    limit: int | None = None,
    base_url: str | None = None,
    force: bool = False,
    progress: Progress | None = None,
    done: Callable[[Downloaded], None] | None = None,
    patience: RetryPolicy | None = None,
) -> list[Downloaded]:
    """Download the drawings of classes into a folder, one file per class.

    An existing file that equals the server's is kept. If a class fails, the others are still
    fetched, except after errors that would affect them too: a full disk, no network.
    `ATTRIBUTION.txt` in the folder contains the attribution that the licence requires.

    Args:
        classes: names as in the data set, such as "mouth" or "ice cream".
        format: a key of `FORMATS`.
        dest: the folder; created if missing.
        limit: fetch only the first `limit` drawings, into `NAME-first-N`, which can't be compared
            with a checksum; not for npz, which can't be read in part.
        base_url: the URL with the bucket's folders; by default the environment variable
            `STROKEANIM_QUICKDRAW_URL`, or else Google's.
        force: fetch everything again, whatever exists.
        progress: called with the name of a file, the bytes received, and the total, None if
            unknown.
        done: called with each file as soon as it is complete.
        patience: timeouts and retries.

    Returns:
        The files, in the order of the classes, each class once.

    Raises:
        InputError: an argument is wrong, or a class does not exist.
        DownloadError: the server or the network fails.
        OutputError: the disk fails.
    """
    request = _Request(
        _check_format(format, limit),
        limit,
        _resolve_base_url(base_url),
        Path(os.fspath(dest)),
        bool(force),
    )
    labels = list(dict.fromkeys(_check_label(name) for name in classes))
    if not labels:
        raise InputError("no class given; name one or more, such as mouth")
    _make_folder(request.dest)
    files: list[Downloaded] = []
    failures: list[StrokeAnimError] = []
    with Client(patience or RetryPolicy()) as client:
        for label in labels:
            try:
                file = _download_class(client, request, label, progress or _ignore_progress)
            except StrokeAnimError as error:
                failures.append(error)
                if isinstance(error, OutputError | UnreachableError):
                    break
            else:
                files.append(file)
                if done is not None:
                    done(file)
    if failures:
        raise _combine_errors(failures, len(labels) - len(files) - len(failures))
    return files


def _download_class(
    client: Client, request: _Request, label: str, progress: Progress
) -> Downloaded:
    """Download the file of a class, unless it exists, and list it in the attribution."""
    remote, path = request.remote(label), request.path(label)
    file = check_destination(path)
    status: Status = "already there"
    verified: Verified | None = None
    entry = path.name if request.limit is None else f"{path.name} (cut to the first drawings)"
    busy = DownloadError(f"{file} is being downloaded by another process; wait until it is done")
    with locked(file, busy):
        exists = file.exists() and not request.force
        if request.limit is not None and request.form.split is not None:
            verified = "none"
            if not (exists and has_drawings(file, request.limit, request.form.split)):
                status = "downloaded"
                fetch_first(client, remote, file, request.limit, request.form.split, progress)
        else:
            verified = verify(client, remote, file) if exists else None
            if verified is None:
                resumed, verified = fetch(client, remote, file, request.force, progress)
                status = "resumed" if resumed else "downloaded"
        size = file.stat().st_size
    credit(request.dest, entry)
    return Downloaded(path, label, size, status, verified)


def _check_format(name: str, limit: int | None) -> Format:
    """Return the format of a name; raise InputError if it does not exist or allows no limit."""
    if name not in FORMATS:
        raise InputError(f"there is no format {name!r}; choose one of {', '.join(FORMATS)}")
    form = FORMATS[name]
    if limit is not None and limit < 1:
        raise InputError(f"the limit must be at least 1 drawing, not {limit}")
    if limit is not None and form.split is None:
        raise InputError(
            f"{name} files can't be read in part, so a limit makes no sense; leave it out, or "
            "choose the format simplified, raw or bin"
        )
    return form


def _resolve_base_url(base_url: str | None) -> str:
    """Return the base URL of the argument, the environment or the default; check its form."""
    source = "the base URL" if base_url is not None else VARIABLE
    url = os.environ.get(VARIABLE) or BASE_URL if base_url is None else base_url
    try:
        parts = urlsplit(url)
        is_web = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_web = False
    if not is_web or parts.query or parts.fragment or not url.isprintable() or " " in url:
        raise InputError(f"{source} {url!r} is no web address; give one such as {BASE_URL}")
    if parts.username or parts.password:
        # It would be written to NAME.part.json, readable by others.
        raise InputError(f"{source} holds a password; put it into ~/.netrc instead")
    return url.rstrip("/")


def _check_label(name: str) -> str:
    if (
        not name
        or name != name.strip()
        or name.startswith(".")
        or not name.isprintable()
        or _FORBIDDEN_CHARACTERS & set(name)
    ):
        raise InputError(f"{name!r} is no class name; names are listed at {CATEGORIES_URL}")
    if len(name.encode()) > LONGEST_NAME:
        raise InputError(
            f"{name[:20]}… is too long for a class; names are listed at {CATEGORIES_URL}"
        )
    return name


def _make_folder(dest: Path) -> None:
    if "\0" in str(dest):
        raise DestinationError(f"{str(dest)!r} is no folder name; give another")
    if dest.exists() and not dest.is_dir():
        raise DestinationError(f"can't write into {dest}: it is not a folder; give another")
    with reporting_errors(dest):
        dest.mkdir(parents=True, exist_ok=True)


def _combine_errors(failures: list[StrokeAnimError], left: int) -> StrokeAnimError:
    """Combine errors into one; of a class that all have, else a DownloadError."""
    tail = f"; {left} more not tried" if left else ""
    if len(failures) == 1 and not tail:
        return failures[0]
    kinds: tuple[type[StrokeAnimError], ...] = (InputError, OutputError, DownloadError)
    kind = next((k for k in kinds if all(isinstance(e, k) for e in failures)), DownloadError)
    combined = kind("\n".join(map(str, failures)) + tail)
    combined.__cause__ = failures[-1]
    return combined


def _ignore_progress(name: str, done: int, total: int | None) -> None:
    """Do nothing."""
    del name, done, total
