"""Requests to a file server, and what its answers mean.

Every way an answer can be wrong ends in one of two exceptions: a `DownloadError` (or
`InputError`), which is final, or a `Broken`, which another try may mend. `Tries` counts those and
waits in between. Retrying is not left to urllib3, because a try that broke off in the body goes
on with another request than the first one, and because two loops, one inside the other, would
multiply.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import HTTPError, InvalidHeader
from urllib3.util import Retry

from strokeanim.errors import InputError, StrokeAnimError

CATEGORIES = "https://github.com/googlecreativelab/quickdraw-dataset/blob/master/categories.txt"
CHUNK = 1 << 16
_TRANSIENT = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS}


class DownloadError(StrokeAnimError):
    """A file could not be fetched, through no fault of what was asked for."""


class UnreachableError(DownloadError):
    """The server can't be reached at all, so other files can't be had either."""


class Broken(Exception):  # noqa: N818  # never leaves this package
    """An answer that another try may mend.

    Args:
        reason: what happened, to go after "can't download NAME: ".
        fix: what to do about it when all tries are spent.
        pause: seconds that the server asks to wait.
        final: what to raise when all tries are spent.
    """

    def __init__(
        self,
        reason: str,
        fix: str = "run the same command again to go on from there",
        pause: float | None = None,
        final: type[DownloadError] = DownloadError,
    ) -> None:
        super().__init__(reason)
        self.reason, self.fix, self.pause, self.final = reason, fix, pause, final


@dataclass(frozen=True)
class Patience:
    """How long to wait and how often to try.

    Args:
        tries: tries in a row that bring nothing new before giving up.
        connect: seconds until a connection must stand.
        read: seconds without a byte after which a connection counts as dead.
        backoff: seconds before the second try; twice as many before each one after it.
        longest: seconds waited at most, whatever the server asks for.
        sleep: how to wait.
    """

    tries: int = 5
    connect: float = 10.0
    read: float = 30.0
    backoff: float = 1.0
    longest: float = 60.0
    sleep: Callable[[float], None] = time.sleep


@dataclass(frozen=True)
class Remote:
    """A file on the server: its address, the class it is about, and its name here."""

    url: str
    label: str
    name: str

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or self.url


class Tries:
    """Tries to fetch one file; a try that brought something new sets the count back."""

    def __init__(self, remote: Remote, patience: Patience) -> None:
        self._remote, self._patience, self._failed = remote, patience, 0

    def failed(self, broken: Broken, progress: bool = False) -> None:
        """Wait for the next try.

        Raises:
            DownloadError: there have been enough.
        """
        self._failed = 1 if progress else self._failed + 1
        patience = self._patience
        if self._failed >= patience.tries:
            times = f" ({self._failed} tries)" if self._failed > 1 else ""
            raise broken.final(
                f"can't download {self._remote.name}: {broken.reason}{times}; {broken.fix}"
            ) from broken
        pause = patience.backoff * 2 ** (self._failed - 1) if broken.pause is None else broken.pause
        patience.sleep(min(pause, patience.longest))


class Client:
    """A session with the server; a context manager."""

    def __init__(self, patience: Patience) -> None:
        self.patience = patience
        self._session = requests.Session()
        # Sizes and checksums are those of the file, so it must come as it is.
        self._session.headers.update({"Accept-Encoding": "identity", "User-Agent": "strokeanim"})

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._session.close()

    @contextlib.contextmanager
    def ask(
        self, remote: Remote, headers: Mapping[str, str] | None = None, method: str = "GET"
    ) -> Iterator[requests.Response]:
        """An answer whose body is yet to be read: 200, or to a `Range` 206 or 416.

        Raises:
            Broken: another try may do better.
            DownloadError: it won't.
            InputError: there is no such file.
        """
        with self._request(method, remote, headers or {}) as response:
            hops = [hop.url for hop in (*response.history, response)]
            open_ones = [url for url in hops if not url.startswith("https:")]
            if remote.url.startswith("https:") and open_ones:
                raise DownloadError(
                    f"can't download {remote.name}: {remote.host} leads to an address that is not "
                    f"encrypted ({urlsplit(open_ones[0]).hostname}); check the base URL"
                )
            status = response.status_code
            ranged = "Range" in (headers or {})
            if status != HTTPStatus.OK and not (
                ranged
                and status
                in {HTTPStatus.PARTIAL_CONTENT, HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE}
            ):
                raise _refusal(remote, response)
            kind = response.headers.get("Content-Type", "")
            if kind.startswith("text/html"):
                raise DownloadError(
                    f"can't download {remote.name}: {remote.host} answers with a web page; "
                    "log in to the network if it asks for that, or check the base URL"
                )
            encoding = response.headers.get("Content-Encoding", "identity")
            if encoding.strip().lower() not in {"", "identity"}:
                raise DownloadError(
                    f"can't download {remote.name}: {remote.host} sends it {encoding}-encoded "
                    "although asked not to; use another base URL, or no proxy"
                )
            yield response

    def _request(
        self, method: str, remote: Remote, headers: Mapping[str, str]
    ) -> requests.Response:
        timeout = (self.patience.connect, self.patience.read)
        try:
            return self._session.request(
                method, remote.url, headers=dict(headers), stream=True, timeout=timeout
            )
        except requests.exceptions.SSLError as error:
            raise UnreachableError(
                f"can't download {remote.name}: no secure connection to {remote.host} "
                f"({_innermost(error)}); check the clock, or name your network's certificates "
                "in REQUESTS_CA_BUNDLE"
            ) from error
        except requests.exceptions.ProxyError as error:
            raise Broken(
                f"the proxy can't be reached ({_innermost(error)})",
                "check HTTPS_PROXY and HTTP_PROXY",
                final=UnreachableError,
            ) from error
        except requests.exceptions.ReadTimeout as error:
            raise Broken(
                f"{remote.host} did not answer within {self.patience.read:g} s", "try again later"
            ) from error
        except requests.exceptions.ConnectionError as error:
            raise Broken(
                f"{remote.host} can't be reached ({_innermost(error)})",
                "check the network connection and the base URL",
                final=UnreachableError,
            ) from error
        except (requests.exceptions.RequestException, HTTPError) as error:
            raise DownloadError(
                f"can't download {remote.name}: {remote.url} leads nowhere "
                f"({_innermost(error)}); check the base URL"
            ) from error


def chunks(response: requests.Response) -> Iterator[bytes]:
    """The body in pieces, each as soon as it is there; nothing is decoded.

    Raises:
        Broken: the connection broke, or nothing came for too long.
    """
    body: Any = response.raw
    while True:
        try:
            # `iter_content` would hold pieces back until they make up a whole chunk.
            chunk: bytes = body.read1(CHUNK, decode_content=False)
        except (HTTPError, OSError) as error:
            raise Broken(f"the connection broke off ({_innermost(error)})") from error
        if not chunk:
            return
        yield chunk


def _refusal(remote: Remote, response: requests.Response) -> Exception:
    status = response.status_code
    told = f"{status} {response.reason}".strip()
    if status in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}:
        return InputError(
            f"no class {remote.label!r}: there is no {remote.url}; names are listed at "
            f"{CATEGORIES}, and a base URL is what comes before /full or /sketchrnn"
        )
    if status in _TRANSIENT or (status >= 500 and status != HTTPStatus.NOT_IMPLEMENTED):
        return Broken(f"{remote.host} answers {told}", "try again later", _retry_after(response))
    if status == HTTPStatus.FORBIDDEN:
        return DownloadError(
            f"can't download {remote.name}: {remote.host} refuses it ({told}); check the class "
            "name and the base URL, and whether the network filters what is downloaded"
        )
    return DownloadError(
        f"can't download {remote.name}: {remote.host} answers {told}; check the base URL"
    )


def _retry_after(response: requests.Response) -> float | None:
    """Seconds, from a number or an HTTP date; None where it is neither."""
    told = response.headers.get("Retry-After")
    if told is None:
        return None
    try:
        return float(Retry().parse_retry_after(told))
    except (InvalidHeader, ValueError, OverflowError):
        return None


def _innermost(error: BaseException) -> str:
    """What the operating system said, below all that was wrapped around it."""
    while (inner := error.__cause__ or error.__context__) is not None:
        error = inner
    text = (error.strerror if isinstance(error, OSError) else None) or str(error)
    return (text or type(error).__name__).strip().splitlines()[0]
