"""QuickDraw files from the public bucket: resumed, retried, checked, credited.

    NAME.ndjson       full/simplified/NAME.ndjson   strokes in 256×256, without times
    NAME-raw.ndjson   full/raw/NAME.ndjson          strokes as drawn, with times
    NAME.bin          full/binary/NAME.bin          the simplified ones, packed
    NAME.npz          sketchrnn/NAME.npz            70 000 + 2 500 + 2 500 drawings as stroke-3

A download takes its name when it is complete and its size and checksum are right; until then it
is `NAME.part`, and a later run goes on from there. How that is done is in
`strokeanim.datasets.fetching`; here is what is fetched and where it goes.
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
    CATEGORIES,
    Client,
    DownloadError,
    Patience,
    Remote,
    UnreachableError,
)
from strokeanim.datasets.fetching.first import Splitter, fetch_first, holds, lines, records
from strokeanim.datasets.fetching.whole import Progress, Verified, checked, fetch
from strokeanim.errors import DestinationError, InputError, OutputError, StrokeAnimError
from strokeanim.io.atomic_files import check_destination, reporting_errors
from strokeanim.io.locks import locked

__all__ = ["download", "Downloaded", "DownloadError", "Patience", "FORMATS", "BASE_URL"]

BASE_URL = "https://storage.googleapis.com/quickdraw_dataset"
VARIABLE = "STROKEANIM_QUICKDRAW_URL"
"""The environment variable that names another base URL."""

LONGEST_NAME = 100
_NOT_IN_NAMES = set('/\\:*?"<>|')
"""What would lead out of the folder, or can't be in a file name everywhere."""

Status: TypeAlias = Literal["downloaded", "resumed", "already there"]


@dataclass(frozen=True)
class Format:
    """Where the files of a format are, how to tell their drawings apart, what marks them here."""

    folder: str
    suffix: str
    split: Splitter | None = None
    mark: str = ""


FORMATS = {
    "simplified": Format("full/simplified", ".ndjson", lines),
    "npz": Format("sketchrnn", ".npz"),
    "bin": Format("full/binary", ".bin", records),
    "raw": Format("full/raw", ".ndjson", lines, "-raw"),
}


@dataclass(frozen=True)
class Downloaded:
    """A file that is here now.

    Args:
        file: where.
        label: the class.
        bytes: how large.
        status: whether it was fetched, its rest was fetched, or there was nothing to do.
        verified: "md5" if size and checksum are the server's, "size" if it offers no checksum,
            "none" for the first drawings of a file.
    """

    file: Path
    label: str
    bytes: int
    status: Status
    verified: Verified


@dataclass(frozen=True)
class _Order:
    """What to fetch of each class."""

    form: Format
    limit: int | None
    base: str
    dest: Path
    force: bool

    def place(self, label: str) -> Path:
        cut = "" if self.limit is None else f"-first-{self.limit}"
        return self.dest / f"{label}{self.form.mark}{cut}{self.form.suffix}"

    def remote(self, label: str) -> Remote:
        url = f"{self.base}/{self.form.folder}/{quote(label, safe='')}{self.form.suffix}"
        return Remote(url, label, self.place(label).name)


def download(
    classes: Sequence[str],
    format: str = "simplified",  # noqa: A002
    dest: str | os.PathLike[str] = ".",
    limit: int | None = None,
    base_url: str | None = None,
    force: bool = False,
    progress: Progress | None = None,
    done: Callable[[Downloaded], None] | None = None,
    patience: Patience | None = None,
) -> list[Downloaded]:
    """Fetch the drawings of some classes into a folder, one file a class.

    A file that is here already and is the one on the server is left alone. If a class fails, the
    others are still fetched, except after errors that they would meet as well: no room, no
    network. `ATTRIBUTION.txt` in the folder gives the credit that the licence asks for.

    Args:
        classes: names as in the data set, such as "mouth" or "ice cream".
        format: a key of `FORMATS`.
        dest: the folder; it is made if it does not exist.
        limit: only so many drawings, the first ones, into `NAME-first-N`; not for npz, which
            can't be read in part. A cut file has no checksum to be compared with.
        base_url: where the bucket's folders are; by default what the environment variable
            `STROKEANIM_QUICKDRAW_URL` says, else Google's.
        force: fetch it all anew, whatever is here.
        progress: called with the name of a file, the bytes that are here, and their number in
            the end, if it is known.
        done: called with each file as soon as it is complete.
        patience: timeouts and retries.

    Returns:
        The files, in the order of the classes, each class once.

    Raises:
        InputError: an argument is wrong, or there is no such class.
        DownloadError: the server or the network fails.
        OutputError: the disk does.
    """
    order = _Order(
        _format(format, limit), limit, _base(base_url), Path(os.fspath(dest)), bool(force)
    )
    labels = list(dict.fromkeys(_label(name) for name in classes))
    if not labels:
        raise InputError("no class given; name one or more, such as mouth")
    _make_folder(order.dest)
    found: list[Downloaded] = []
    failures: list[StrokeAnimError] = []
    with Client(patience or Patience()) as client:
        for label in labels:
            try:
                one = _one(client, order, label, progress or _quiet)
            except StrokeAnimError as error:
                failures.append(error)
                if isinstance(error, OutputError | UnreachableError):
                    break
            else:
                found.append(one)
                if done is not None:
                    done(one)
    if failures:
        raise _together(failures, len(labels) - len(found) - len(failures))
    return found


def _one(client: Client, order: _Order, label: str, progress: Progress) -> Downloaded:
    remote, shown = order.remote(label), order.place(label)
    file = check_destination(shown)
    status: Status = "already there"
    verified: Verified | None = None
    entry = shown.name if order.limit is None else f"{shown.name} (cut to the first drawings)"
    busy = DownloadError(f"{file} is being downloaded by another process; wait until it is done")
    with locked(file, busy):
        there = file.exists() and not order.force
        if order.limit is not None and order.form.split is not None:
            verified = "none"
            if not (there and holds(file, order.limit, order.form.split)):
                status = "downloaded"
                fetch_first(client, remote, file, order.limit, order.form.split, progress)
        else:
            verified = checked(client, remote, file) if there else None
            if verified is None:
                resumed, verified = fetch(client, remote, file, order.force, progress)
                status = "resumed" if resumed else "downloaded"
        size = file.stat().st_size
    credit(order.dest, entry)
    return Downloaded(shown, label, size, status, verified)


def _format(name: str, limit: int | None) -> Format:
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


def _base(given: str | None) -> str:
    source = "the base URL" if given is not None else VARIABLE
    url = os.environ.get(VARIABLE) or BASE_URL if given is None else given
    try:
        parts = urlsplit(url)
        fine = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        fine = False
    if not fine or parts.query or parts.fragment or not url.isprintable() or " " in url:
        raise InputError(f"{source} {url!r} is no web address; give one such as {BASE_URL}")
    if parts.username or parts.password:
        # It would be kept beside the part, for all to read.
        raise InputError(f"{source} holds a password; put it into ~/.netrc instead")
    return url.rstrip("/")


def _label(name: str) -> str:
    if (
        not name
        or name != name.strip()
        or name.startswith(".")
        or not name.isprintable()
        or _NOT_IN_NAMES & set(name)
    ):
        raise InputError(f"{name!r} is no class name; names are listed at {CATEGORIES}")
    if len(name.encode()) > LONGEST_NAME:
        raise InputError(f"{name[:20]}… is too long for a class; names are listed at {CATEGORIES}")
    return name


def _make_folder(dest: Path) -> None:
    if "\0" in str(dest):
        raise DestinationError(f"{str(dest)!r} is no folder name; give another")
    if dest.exists() and not dest.is_dir():
        raise DestinationError(f"can't write into {dest}: it is not a folder; give another")
    with reporting_errors(dest):
        dest.mkdir(parents=True, exist_ok=True)


def _together(failures: list[StrokeAnimError], left: int) -> StrokeAnimError:
    """One error for all of them; a mistake in the input only if all are."""
    tail = f"; {left} more not tried" if left else ""
    if len(failures) == 1 and not tail:
        return failures[0]
    kinds: tuple[type[StrokeAnimError], ...] = (InputError, OutputError, DownloadError)
    kind = next((k for k in kinds if all(isinstance(e, k) for e in failures)), DownloadError)
    combined = kind("\n".join(map(str, failures)) + tail)
    combined.__cause__ = failures[-1]
    return combined


def _quiet(name: str, done: int, total: int | None) -> None:
    """Tell nobody."""
    del name, done, total
