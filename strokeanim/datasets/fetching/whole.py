"""A whole file, brought here in as many pieces as it takes."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from typing import Literal, TypeAlias

from strokeanim.datasets.fetching.client import (
    Broken,
    Client,
    DownloadError,
    Remote,
    Tries,
    UnreachableError,
    chunks,
)
from strokeanim.datasets.fetching.part import Announced, Part, announced, md5_of

Progress: TypeAlias = Callable[[str, int, int | None], None]
"""Called with the name of a file, the bytes that are here, and those that there will be."""

Verified: TypeAlias = Literal["md5", "size", "none"]


def checked(client: Client, remote: Remote, file: Path) -> Verified | None:
    """How a file that is here was found to be the one on the server; None if it isn't.

    Raises:
        DownloadError: the server can't be asked.
    """
    tries = Tries(remote, client.patience)
    while True:
        try:
            with client.ask(remote, method="HEAD") as response:
                said = announced(remote, response)
            break
        except Broken as broken:
            tries.failed(broken)
        except UnreachableError:
            raise
        except DownloadError:
            return None  # there are servers that don't answer HEAD
    if file.stat().st_size != said.size:
        return None
    if not said.md5:
        return "size"
    return "md5" if md5_of(file) == said.md5 else None


def fetch(
    client: Client, remote: Remote, file: Path, force: bool, progress: Progress
) -> tuple[bool, Verified]:
    """Bring the file here: whether an earlier run had begun it, and how it was verified.

    Raises:
        DownloadError: too many tries in a row brought nothing new, or the checksum is wrong twice.
        InputError: the server has no such file.
        OutputError: it can't be written.
    """
    part = Part(file, remote)
    if force:
        part.discard()
    tries, farthest, wrong = Tries(remote, client.patience), part.held, 0
    resumed = farthest > 0
    while True:
        try:
            said, went_on = _continue(client, part, progress)
            resumed = resumed and went_on
        except Broken as broken:
            # Only what no try before had reached counts as new; else a server that ignores Range
            # and always breaks off would keep us for ever.
            resumed = resumed and part.held > 0
            tries.failed(broken, progress=part.held > farthest)
            farthest = max(farthest, part.held)
            continue
        if not said.md5 or md5_of(part.path) == said.md5:
            part.finish()
            return resumed, "md5" if said.md5 else "size"
        part.discard()
        farthest, wrong, resumed = 0, wrong + 1, False
        if wrong == 2:
            raise DownloadError(
                f"can't download {remote.name}: its checksum is wrong, twice; "
                "try again later or use another base URL"
            )


def _continue(client: Client, part: Part, progress: Progress) -> tuple[Announced, bool]:
    """One request: the rest of the file, or all of it."""
    remote = part.remote
    with client.ask(remote, part.wanted()) as response:
        if response.status_code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            part.discard()
            raise Broken(f"{remote.host} has a shorter file now", "try again later")
        went_on = response.status_code == HTTPStatus.PARTIAL_CONTENT
        said = part.agree(response) if went_on else part.begin(announced(remote, response))
        with part.open(said) as sink:
            here = sink.tell()
            progress(remote.name, here, said.size)
            for chunk in chunks(response):
                here += len(chunk)
                if here > said.size:
                    break
                sink.write(chunk)
                sink.flush()  # so that a kill loses nothing
                progress(remote.name, here, said.size)
    if here > said.size:
        part.discard()
        raise Broken(f"{remote.host} sends more than the {said.size} bytes announced", "try later")
    if here < said.size:
        raise Broken(f"the connection broke off after {here} of {said.size} bytes")
    return said, went_on
