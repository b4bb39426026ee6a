"""Send requests to a file server and turn its failures into exceptions.

A failure is either final, a `DownloadError` (or `InputError`), or a `TransientError`, after which
another try may succeed. `RetryCounter` counts these and waits in between. Retrying is not left to
urllib3, because a try whose body broke off continues with a different request, and because the
tries of two nested loops would multiply.
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

CATEGORIES_URL = "https://github.com/googlecreativelab/quickdraw-dataset/blob/master/categories.txt"
CHUNK_SIZE = 1 << 16
_TRANSIENT_STATUSES = {
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.TOO_EARLY,
    HTTPStatus.TOO_MANY_REQUESTS,
}


class DownloadError(StrokeAnimError):
    """A file could not be fetched, although the request was valid."""


class UnreachableError(DownloadError):
    """The server can't be reached, so requests for other files would fail too."""


class TransientError(Exception):
    """A failure after which another try may succeed; never raised out of this package.

    Args:
        reason: what happened; the error message has it after "can't download NAME: ".
        fix: advice for the error message when no tries are left.
        pause: seconds that the server asks to wait.
        error_type: the error to raise when no tries are left.
    """

    def __init__(
        self,
        reason: str,
        fix: str = "run the same command again to go on from there",
        pause: float | None = None,
        error_type: type[DownloadError] = DownloadError,
    ) -> None:
        super().__init__(reason)
        self.reason, self.fix, self.pause, self.error_type = reason, fix, pause, error_type


@dataclass(frozen=True)
class RetryPolicy:
    """Timeouts of requests, and the number of tries and pauses between them.

    Attributes:
        max_tries: consecutive tries without progress after which to give up.
        connect_timeout: seconds within which a connection must be established.
        read_timeout: seconds without a byte after which a connection counts as dead.
        backoff: seconds before the second try; doubled before each further try.
        max_pause: longest pause in seconds, even if the server asks for more.
        sleep: the function that waits.
    """

    max_tries: int = 5
    connect_timeout: float = 10.0
    read_timeout: float = 30.0
    backoff: float = 1.0
    max_pause: float = 60.0
    sleep: Callable[[float], None] = time.sleep


@dataclass(frozen=True)
class RemoteFile:
    """A file on the server.

    Attributes:
        url: its address.
        label: the class of its drawings.
        name: name of the local file.
    """

    url: str
    label: str
    name: str

    @property
    def host(self) -> str:
        """Return the host name of the address."""
        return urlsplit(self.url).hostname or self.url


class RetryCounter:
    """The consecutive failed tries to fetch a file; a try that made progress resets the count."""

    def __init__(self, remote: RemoteFile, policy: RetryPolicy) -> None:
        self._remote, self._policy, self._failures = remote, policy, 0

    def record_failure(self, error: TransientError, progress: bool = False) -> None:
        """Count a failed try and wait before the next.

        Raises:
            DownloadError: no tries are left.
        """
        self._failures = 1 if progress else self._failures + 1
        policy = self._policy
        if self._failures >= policy.max_tries:
            tries = f" ({self._failures} tries)" if self._failures > 1 else ""
            raise error.error_type(
                f"can't download {self._remote.name}: {error.reason}{tries}; {error.fix}"
            ) from error
        pause = policy.backoff * 2 ** (self._failures - 1) if error.pause is None else error.pause
        policy.sleep(min(pause, policy.max_pause))


class Client:
    """An HTTP session with the server; a context manager."""

    def __init__(self, policy: RetryPolicy) -> None:
        self.policy = policy
        self._session = requests.Session()
        # Sizes and checksums are those of the unencoded file.
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
    def stream(
        self, remote: RemoteFile, headers: Mapping[str, str] | None = None, method: str = "GET"
    ) -> Iterator[requests.Response]:
        """Yield a response with its body unread: status 200, or with a `Range` also 206 or 416.

        Raises:
            TransientError: the request failed, and another try may succeed.
            DownloadError: the request failed for good.
            InputError: the server has no such file.
        """
        with self._request(method, remote, headers or {}) as response:
            urls = [step.url for step in (*response.history, response)]
            unencrypted = [url for url in urls if not url.startswith("https:")]
            if remote.url.startswith("https:") and unencrypted:
                raise DownloadError(
                    f"can't download {remote.name}: {remote.host} leads to an address that is not "
                    f"encrypted ({urlsplit(unencrypted[0]).hostname}); check the base URL"
                )
            status = response.status_code
            ranged = "Range" in (headers or {})
            if status != HTTPStatus.OK and not (
                ranged
                and status
                in {HTTPStatus.PARTIAL_CONTENT, HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE}
            ):
                raise _build_error(remote, response)
            content_type = response.headers.get("Content-Type", "")
            if content_type.startswith("text/html"):
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
        self, method: str, remote: RemoteFile, headers: Mapping[str, str]
    ) -> requests.Response:
        timeout = (self.policy.connect_timeout, self.policy.read_timeout)
        try:
            return self._session.request(
                method, remote.url, headers=dict(headers), stream=True, timeout=timeout
            )
        except requests.exceptions.SSLError as error:
            raise UnreachableError(
                f"can't download {remote.name}: no secure connection to {remote.host} "
                f"({_describe_cause(error)}); check the clock, or name your network's certificates "
                "in REQUESTS_CA_BUNDLE"
            ) from error
        except requests.exceptions.ProxyError as error:
            raise TransientError(
                f"the proxy can't be reached ({_describe_cause(error)})",
                "check HTTPS_PROXY and HTTP_PROXY",
                error_type=UnreachableError,
            ) from error
        except requests.exceptions.ReadTimeout as error:
            raise TransientError(
                f"{remote.host} did not answer within {self.policy.read_timeout:g} s",
                "try again later",
            ) from error
        except requests.exceptions.ConnectionError as error:
            raise TransientError(
                f"{remote.host} can't be reached ({_describe_cause(error)})",
                "check the network connection and the base URL",
                error_type=UnreachableError,
            ) from error
        except (requests.exceptions.RequestException, HTTPError) as error:
            raise DownloadError(
                f"can't download {remote.name}: {remote.url} leads nowhere "
                f"({_describe_cause(error)}); check the base URL"
            ) from error


def iter_body(response: requests.Response) -> Iterator[bytes]:
    """Yield the undecoded body in chunks, each as soon as it arrives.

    Raises:
        TransientError: the connection broke, or was silent for longer than the read timeout.
    """
    body: Any = response.raw
    while True:
        try:
            # `iter_content` would hold bytes back until they fill a whole chunk.
            chunk: bytes = body.read1(CHUNK_SIZE, decode_content=False)
        except (HTTPError, OSError) as error:
            raise TransientError(f"the connection broke off ({_describe_cause(error)})") from error
        if not chunk:
            return
        yield chunk


def _build_error(remote: RemoteFile, response: requests.Response) -> Exception:
    """Build the error for a response with an unexpected status."""
    status = response.status_code
    status_line = f"{status} {response.reason}".strip()
    if status in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}:
        return InputError(
            f"no class {remote.label!r}: there is no {remote.url}; names are listed at "
            f"{CATEGORIES_URL}, and a base URL is what comes before /full or /sketchrnn"
        )
    if status in _TRANSIENT_STATUSES or (status >= 500 and status != HTTPStatus.NOT_IMPLEMENTED):
        return TransientError(
            f"{remote.host} answers {status_line}", "try again later", _parse_retry_after(response)
        )
    if status == HTTPStatus.FORBIDDEN:
        return DownloadError(
            f"can't download {remote.name}: {remote.host} refuses it ({status_line}); check the "
            "class name and the base URL, and whether the network filters what is downloaded"
        )
    return DownloadError(
        f"can't download {remote.name}: {remote.host} answers {status_line}; check the base URL"
    )


def _parse_retry_after(response: requests.Response) -> float | None:
    """Return the seconds of `Retry-After`, a number or an HTTP date; None if it is neither."""
    value = response.headers.get("Retry-After")
    if value is None:
        return None
    try:
        return float(Retry().parse_retry_after(value))
    except (InvalidHeader, ValueError, OverflowError):
        return None


def _describe_cause(error: BaseException) -> str:
    """Return the message of the innermost cause, usually an error of the operating system."""
    while (inner := error.__cause__ or error.__context__) is not None:
        error = inner
    text = (error.strerror if isinstance(error, OSError) else None) or str(error)
    return (text or type(error).__name__).strip().splitlines()[0]
