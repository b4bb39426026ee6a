"""Downloads against a real server on this machine, whose every answer a test can script."""

from __future__ import annotations

import base64
import email.utils
import gzip
import hashlib
import io
import json
import os
import re
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests
import typer
from typer.testing import CliRunner

from strokeanim.datasets.fetching.attribution import credit
from strokeanim.datasets.fetching.client import Client, RemoteFile
from strokeanim.datasets.quickdraw import (
    BASE_URL,
    Downloaded,
    DownloadError,
    RetryPolicy,
    download,
)
from strokeanim.errors import DestinationError, InputError, OutputError
from strokeanim.io import locks
from strokeanim.io.locks import locked
from strokeanim.io.ndjson import read_ndjson

LINES = [
    json.dumps({"word": "mouth", "key_id": str(k), "drawing": [[[0, k % 256], [0, 255]]]}).encode()
    + b"\n"
    for k in range(6000)
]
BODY = b"".join(LINES)
OTHER = BODY[::-1]
MD5 = hashlib.md5(BODY).hexdigest()
MD5_64 = base64.b64encode(bytes.fromhex(MD5)).decode()
PATH = "/full/simplified/mouth.ndjson"


class Handler(BaseHTTPRequestHandler):
    """Answers as Google Cloud Storage would, unless the next step of the script says otherwise."""

    protocol_version = "HTTP/1.1"
    server: Server

    def do_HEAD(self):
        self.log("HEAD")
        (self.server.head or Handler.plain)(self)

    def do_GET(self):
        self.log("GET")
        step = self.server.script.pop(0) if self.server.script else self.server.always
        (step or Handler.plain)(self)

    def log(self, method):
        assert self.headers["Accept-Encoding"] == "identity"
        self.server.log.append((method, self.path, self.headers["Range"]))

    def plain(
        self,
        body=None,
        etag=None,
        md5=None,
        ranges=True,
        length=None,
        send=None,
        **more,
    ):
        """The file, or the piece asked for; each argument is a way to get it wrong."""
        body = self.server.files.get(self.path) if body is None else body
        if body is None:
            return self.status(404)
        true = hashlib.md5(body).digest()
        etag = f'"{true.hex()}"' if etag is None else etag
        asked = re.fullmatch(r"bytes=(\d+)-", self.headers["Range"] or "")
        first = 0
        if asked and ranges and self.headers["If-Range"] in (None, etag):
            first = int(asked[1])
            if first >= len(body):
                return self.status(416)
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {first}-{len(body) - 1}/{len(body)}")
        else:
            self.send_response(200)
        self.send_header("Content-Length", str(len(body) - first if length is None else length))
        if etag:
            self.send_header("ETag", etag)
        if md5 is not False:
            digest = base64.b64encode(md5 or true).decode()
            self.send_header("x-goog-hash", "crc32c=AAAAAA==")
            self.send_header("x-goog-hash", f"md5={digest}")
        for name, value in more.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body[first:] if send is None else body[first : first + send])
        if send is not None or length is not None:
            self.close_connection = True
        return None

    def status(self, code, **headers):
        self.send_response(code)
        for name, value in {"Content-Length": "0", **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def log_message(self, *arguments):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.files: dict[str, bytes] = {PATH: BODY}
        self.script: list[Callable[[Handler], Any]] = []
        self.always: Callable[[Handler], Any] | None = None
        self.head: Callable[[Handler], Any] | None = None
        self.log: list[tuple[str, str, str | None]] = []
        self.free = threading.Event()  # lets hanging answers end
        self.url = f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request, client_address):
        pass  # clients that hang up are what this is about

    @property
    def ranges(self) -> list[str | None]:
        return [asked for method, _, asked in self.log if method == "GET"]


def answer(**how) -> Callable[[Handler], Any]:
    return lambda handler: handler.plain(**how)


def status(code: int, **headers) -> Callable[[Handler], Any]:
    return lambda handler: handler.status(code, **headers)


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch):
    for name in ("http_proxy", "https_proxy", "all_proxy", "STROKEANIM_QUICKDRAW_URL"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    monkeypatch.setenv("no_proxy", "127.0.0.1,localhost")


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as served:
        thread = threading.Thread(target=served.serve_forever, args=(0.01,))
        thread.start()
        yield served
        served.free.set()
        served.shutdown()
        thread.join()


@pytest.fixture
def slept() -> list[float]:
    return []


@pytest.fixture
def get(server, tmp_path, slept):
    """Download from the server into `tmp_path`, without waiting between the tries."""
    policy = RetryPolicy(
        max_tries=4, connect_timeout=2, read_timeout=0.3, max_pause=60, sleep=slept.append
    )

    def call(*classes: str, **options) -> list[Downloaded]:
        options = {"dest": tmp_path, "base_url": server.url, "patience": policy} | options
        return download(classes or ["mouth"], **options)

    return call


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


COMPLETE = {"mouth.ndjson", "ATTRIBUTION.txt"}


def test_a_file_comes_whole_and_verified(server, get, tmp_path):
    told, done = [], []
    found = get(progress=lambda *step: told.append(step), done=done.append)
    file = tmp_path / "mouth.ndjson"
    assert found == [Downloaded(file, "mouth", len(BODY), "downloaded", "md5")] == done
    assert file.read_bytes() == BODY
    assert len(read_ndjson(file)) == len(LINES)
    assert names(tmp_path) == COMPLETE
    assert server.log == [("GET", PATH, None)]
    assert told[0] == ("mouth.ndjson", 0, len(BODY))
    assert told[-1] == ("mouth.ndjson", len(BODY), len(BODY))
    assert [step[1] for step in told] == sorted(step[1] for step in told)


@pytest.mark.parametrize(
    ("form", "path", "name"),
    [
        ("simplified", "/full/simplified/ice%20cream.ndjson", "ice cream.ndjson"),
        ("raw", "/full/raw/ice%20cream.ndjson", "ice cream-raw.ndjson"),
        ("bin", "/full/binary/ice%20cream.bin", "ice cream.bin"),
        ("npz", "/sketchrnn/ice%20cream.npz", "ice cream.npz"),
    ],
)
def test_formats_are_where_the_bucket_has_them(server, get, tmp_path, form, path, name):
    server.files[path] = b"\0" * 10
    (found,) = get("ice cream", format=form, base_url=f"{server.url}/")
    assert server.log == [("GET", path, None)]
    assert found.file == tmp_path / name
    assert found.file.stat().st_size == 10


def test_the_base_url_may_come_from_the_environment(server, get, monkeypatch):
    monkeypatch.setenv("STROKEANIM_QUICKDRAW_URL", server.url)
    assert get(base_url=None)[0].status == "downloaded"
    monkeypatch.setenv("STROKEANIM_QUICKDRAW_URL", "nowhere")
    with pytest.raises(InputError, match="STROKEANIM_QUICKDRAW_URL 'nowhere'"):
        get(base_url=None)
    assert BASE_URL.startswith("https://")


def test_what_is_there_is_left_alone_unless_it_differs_or_is_forced(server, get, tmp_path):
    get()
    file = tmp_path / "mouth.ndjson"
    before = file.stat().st_mtime_ns
    server.log.clear()
    assert get()[0].status == "already there"
    assert file.stat().st_mtime_ns == before
    assert server.log == [("HEAD", PATH, None)]
    assert get(force=True)[0].status == "downloaded"
    for wrong in (BODY[:-1], OTHER):
        file.write_bytes(wrong)
        assert get()[0] == Downloaded(file, "mouth", len(BODY), "downloaded", "md5")
        assert file.read_bytes() == BODY


def test_without_a_checksum_the_size_has_to_do(server, get, tmp_path):
    (tmp_path / "mouth.ndjson").write_bytes(OTHER)
    server.head = answer(md5=False, etag='"1"')
    assert (get()[0].status, get()[0].verified) == ("already there", "size")
    server.head = status(405)
    server.always = answer(md5=False, etag="")
    assert (get()[0].status, get()[0].verified) == ("downloaded", "size")


@pytest.mark.parametrize(
    ("headers", "verified"),
    [
        ({"x_goog_hash": f"crc32c=AAAAAA==,md5={MD5_64}", "etag": '"1-2"'}, "md5"),
        ({"x_goog_hash": "md5=nonsense"}, "md5"),  # then the ETag
        ({"x_goog_hash": "crc32c=AAAAAA==", "etag": '"1-2"'}, "size"),
        ({"etag": f'W/"{MD5}"'}, "size"),
        ({"x_goog_stored_content_encoding": "gzip", "etag": f'"{"0" * 32}"'}, "size"),
    ],
)
def test_where_the_checksum_is_found(server, get, headers, verified):
    server.always = answer(md5=False, **headers)
    assert get()[0].verified == verified


def test_a_connection_that_breaks_again_and_again(server, get, tmp_path, slept):
    server.script = [answer(send=30_000) for _ in range(7)]
    (found,) = get()
    assert found == Downloaded(tmp_path / "mouth.ndjson", "mouth", len(BODY), "downloaded", "md5")
    assert found.file.read_bytes() == BODY
    assert server.ranges == [None, *(f"bytes={30_000 * k}-" for k in range(1, 8))]
    assert slept == [1.0] * 7
    assert names(tmp_path) == COMPLETE


def test_a_later_run_goes_on_where_one_gave_up(server, get, tmp_path, slept):
    server.script = [answer(send=50_000)]
    server.always = answer(send=0)
    with pytest.raises(DownloadError, match=r"mouth.ndjson: the connection broke off.*\(4 tries\)"):
        get()
    assert slept == [1.0, 2.0, 4.0]
    assert names(tmp_path) == {"mouth.ndjson.part", "mouth.ndjson.part.json"}
    assert (tmp_path / "mouth.ndjson.part").read_bytes() == BODY[:50_000]
    server.always = None
    server.log.clear()
    (found,) = get()
    assert (found.status, found.verified) == ("resumed", "md5")
    assert found.file.read_bytes() == BODY
    assert server.ranges == ["bytes=50000-"]
    assert names(tmp_path) == COMPLETE


def leave_part(folder: Path, base: str, held: bytes, **notes) -> None:
    """What a killed download leaves."""
    said = {"url": base + PATH, "size": len(BODY), "etag": f'"{MD5}"'}
    (folder / "mouth.ndjson.part").write_bytes(held)
    (folder / "mouth.ndjson.part.json").write_text(json.dumps({**said, "md5": "", **notes}))


@pytest.mark.parametrize(
    ("held", "notes", "asked"),
    [
        (BODY[:100], {}, "bytes=100-"),
        (BODY, {}, f"bytes={len(BODY) - 1}-"),  # killed just before it got its name
        (BODY + b"more", {}, None),
        (BODY[:100], {"etag": ""}, None),
        (BODY[:100], {"url": "http://elsewhere/mouth.ndjson"}, None),
        (BODY[:100], {"size": "many"}, None),
        (BODY[:100], {"new": "field"}, None),
        (b"", {}, None),
    ],
    ids=["begun", "all", "more", "no-etag", "elsewhere", "no-size", "unknown", "empty"],
)
def test_a_part_is_only_taken_up_if_its_notes_fit(server, get, tmp_path, held, notes, asked):
    leave_part(tmp_path, server.url, held, **notes)
    (found,) = get()
    assert found.status == ("resumed" if asked else "downloaded")
    assert found.file.read_bytes() == BODY
    assert server.ranges == [asked]
    assert names(tmp_path) == COMPLETE


def test_damaged_notes_are_no_obstacle(server, get, tmp_path):
    leave_part(tmp_path, server.url, BODY[:100])
    (tmp_path / "mouth.ndjson.part.json").write_bytes(b"\xff{")
    assert get()[0].status == "downloaded"


def test_a_new_version_on_the_server_is_fetched_from_the_start(server, get, tmp_path):
    server.script = [answer(send=50_000), answer(body=OTHER)]
    server.always = answer(body=OTHER)
    (found,) = get()
    assert found.file.read_bytes() == OTHER
    assert server.ranges == [None, "bytes=50000-"]


def test_a_piece_of_another_version_is_not_put_behind_the_first(server, get, tmp_path):
    """A server that knows Range but not If-Range."""

    def careless(handler):
        del handler.headers["If-Range"]
        handler.plain(body=OTHER)

    server.script = [answer(send=50_000), careless]
    server.always = answer(body=OTHER)
    assert get()[0].file.read_bytes() == OTHER
    assert server.ranges == [None, "bytes=50000-", None]


@pytest.mark.parametrize(
    "told",
    ["bytes 0-{end}/{size}", "bytes 50001-{end}/{size}", "bytes 50000-{end}/9999999", "", "x"],
)
def test_a_wrong_content_range_is_noticed(server, get, tmp_path, told):
    def wrong(handler):
        handler.send_response(206)
        handler.send_header("Content-Range", told.format(end=len(BODY) - 1, size=len(BODY)))
        handler.send_header("Content-Length", str(len(BODY) - 50_000))
        handler.end_headers()
        handler.wfile.write(BODY[50_000:])

    server.script = [answer(send=50_000), wrong]
    (found,) = get()
    assert found.file.read_bytes() == BODY
    assert server.ranges == [None, "bytes=50000-", None]


def test_a_server_that_ignores_range_is_fetched_from_the_start(server, get, tmp_path):
    server.script = [answer(send=50_000), answer(ranges=False)]
    (found,) = get()
    assert (found.status, found.file.read_bytes()) == ("downloaded", BODY)
    leave_part(tmp_path, server.url, BODY[:100])
    assert get(force=True)[0].status == "downloaded"


def test_a_server_that_ignores_range_and_always_breaks_off_does_not_keep_us(server, get):
    server.always = answer(ranges=False, send=50_000)
    with pytest.raises(DownloadError, match="broke off"):
        get()
    assert len(server.ranges) == 4


def test_a_piece_that_cannot_be_had_any_more(server, get, tmp_path):
    leave_part(tmp_path, server.url, BODY[:100])
    server.script = [status(416)]
    assert get()[0].status == "downloaded"
    assert server.ranges == ["bytes=100-", None]


def test_a_length_too_large_ends_in_a_clear_error(server, get, tmp_path):
    server.always = answer(length=len(BODY) + 5)
    with pytest.raises(DownloadError, match=r"mouth.ndjson: .*tries"):
        get()
    assert "mouth.ndjson" not in names(tmp_path)


def test_a_length_too_small_is_caught_by_the_checksum(server, get, tmp_path):
    server.always = answer(length=len(BODY) - 5, md5=hashlib.md5(BODY).digest())
    with pytest.raises(DownloadError, match="checksum is wrong, twice"):
        get()
    assert names(tmp_path) == set()


def test_more_than_announced_is_refused(server, get, tmp_path):
    """The rest may only be as long as what is missing."""

    def more(handler):
        handler.send_response(206)
        handler.send_header("Content-Range", f"bytes 50000-{len(BODY) - 1}/{len(BODY)}")
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        for _ in range(1000):
            handler.wfile.write(f"{len(BODY):x}\r\n".encode() + BODY + b"\r\n")
            sent.append(len(BODY))

    sent: list[int] = []
    server.script = [answer(send=50_000), more]
    assert get()[0].file.read_bytes() == BODY
    assert server.ranges == [None, "bytes=50000-", None]
    assert len(sent) < 100


def test_a_wrong_checksum_is_tried_once_more(server, get, tmp_path):
    server.script = [answer(md5=b"x" * 16)]
    assert get()[0].file.read_bytes() == BODY
    assert server.ranges == [None, None]


def test_a_wrong_piece_is_caught_by_the_checksum(server, get, tmp_path):
    leave_part(tmp_path, server.url, b"x" * 100, md5=hashlib.md5(BODY).hexdigest())
    (found,) = get()
    assert (found.status, found.verified) == ("downloaded", "md5")
    assert found.file.read_bytes() == BODY


def test_a_checksum_that_is_always_wrong_leaves_what_was_there(server, get, tmp_path):
    (tmp_path / "mouth.ndjson").write_text("old")
    server.always = answer(md5=b"x" * 16)
    with pytest.raises(DownloadError, match="checksum is wrong, twice; try again later"):
        get()
    assert len(server.ranges) == 2
    assert names(tmp_path) == {"mouth.ndjson"}
    assert (tmp_path / "mouth.ndjson").read_text() == "old"


@pytest.mark.parametrize("code", [408, 429, 500, 502, 503, 504])
def test_errors_that_pass_are_waited_for(server, get, slept, code):
    server.script = [status(code)] * 3
    assert get()[0].status == "downloaded"
    assert slept == [1.0, 2.0, 4.0]


@pytest.mark.parametrize("code", [429, 500, 503])
def test_errors_that_stay_are_told(server, get, slept, code):
    server.always = status(code)
    with pytest.raises(DownloadError, match=rf"127.0.0.1 answers {code} .*\(4 tries\); try again"):
        get()
    assert slept == [1.0, 2.0, 4.0]


def test_retry_after_is_obeyed_within_reason(server, get, slept):
    soon = email.utils.formatdate(time.time() + 20, usegmt=True)
    server.script = [status(429, Retry_After=told) for told in ("7", soon, "86400")]
    get()
    assert slept[0] == 7
    assert slept[1] == pytest.approx(20, abs=5)
    assert slept[2] == 60
    server.script = [status(503, Retry_After="tomorrow")]
    get(force=True)
    assert slept[3] == 1


@pytest.mark.parametrize(
    ("code", "kind", "told"),
    [
        (404, InputError, "no class 'mouth': .*categories.txt"),
        (403, DownloadError, "refuses it .403 Forbidden.*base URL"),
        (401, DownloadError, "answers 401"),
        (204, DownloadError, "answers 204"),
        (501, DownloadError, "answers 501"),
    ],
)
def test_refusals_are_final(server, get, tmp_path, slept, code, kind, told):
    server.always = status(code)
    with pytest.raises(kind, match=told) as caught:
        get()
    assert isinstance(caught.value, InputError) == (kind is InputError)
    assert "\n" not in str(caught.value)
    assert len(server.log) == 1
    assert not slept
    assert names(tmp_path) == set()


def test_redirects_are_followed_but_not_for_ever(server, get):
    server.files["/moved"] = BODY
    server.script = [status(302, Location="/moved")]
    assert get()[0].status == "downloaded"
    server.always = status(302, Location=PATH)
    with pytest.raises(DownloadError, match="leads nowhere"):
        get(force=True)


def test_a_body_that_hangs_is_given_up_and_taken_up(server, get):
    def hang(handler):
        handler.plain(send=40_000)
        handler.server.free.wait(5)

    server.script = [hang]
    started = time.monotonic()
    assert get()[0].file.read_bytes() == BODY
    assert time.monotonic() - started < 3
    assert server.ranges == [None, "bytes=40000-"]


def test_an_answer_that_never_comes(server, get):
    server.always = lambda handler: handler.server.free.wait(5)
    with pytest.raises(DownloadError, match=r"did not answer within 0.3 s"):
        get()


def test_gzip_that_nobody_asked_for_is_refused(server, get, tmp_path):
    server.always = answer(body=gzip.compress(BODY), Content_Encoding="gzip")
    with pytest.raises(DownloadError, match="gzip-encoded although asked not to"):
        get()
    assert names(tmp_path) == set()


def test_a_web_page_is_no_drawing(server, get, tmp_path):
    server.always = answer(body=b"<html>Log in", Content_Type="text/html; charset=utf-8")
    with pytest.raises(DownloadError, match="answers with a web page"):
        get()
    assert names(tmp_path) == set()


def endless(handler):
    handler.send_response(200)
    handler.end_headers()
    handler.close_connection = True
    for _ in range(1000):
        handler.wfile.write(BODY)


def test_an_endless_body_is_refused_but_its_first_drawings_can_be_had(server, get, tmp_path):
    server.always = endless
    with pytest.raises(DownloadError, match="does not say how large it is"):
        get()
    assert names(tmp_path) == set()
    assert get(limit=7000)[0].file.read_bytes() == BODY + b"".join(LINES[:1000])


def test_no_server_and_no_such_host(get, tmp_path, slept):
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        closed = f"http://127.0.0.1:{held.getsockname()[1]}"
        with pytest.raises(DownloadError, match=r"reached \(Connection refused\) .*network"):
            get("mouth", "nose", base_url=closed)
        with pytest.raises(DownloadError, match="; 1 more not tried"):
            get("mouth", "nose", base_url=closed)
    with pytest.raises(DownloadError, match=r"nowhere.invalid can't be reached"):
        get(base_url="http://nowhere.invalid")
    assert names(tmp_path) == set()


def test_no_secure_connection(server, get):
    with pytest.raises(DownloadError, match=r"no secure connection to .*REQUESTS_CA_BUNDLE"):
        get(base_url=server.url.replace("http", "https"))


@pytest.mark.parametrize(
    "url",
    ["", "storage.googleapis.com", "ftp://a/b", "file:///etc", "http://", "http://a b", "http://[",
     "http://a:port", "http://a?b=c", "http://a#b", "http://a\n", "http://me:secret@a"],
)  # fmt: skip
def test_a_bad_base_url(get, url):
    with pytest.raises(InputError, match="base URL"):
        get(base_url=url)


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        "../x",
        "a/b",
        "a\\b",
        "..",
        ".hidden",
        "a\0b",
        "a\nb",
        "x" * 101,
        "ü" * 51,
        "C:",
        " a",
    ],
)
def test_names_that_are_none(server, get, tmp_path, name):
    with pytest.raises(InputError, match=r"categories.txt"):
        get("mouth", name)
    assert server.log == []
    assert names(tmp_path) == set()


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"format": "npz", "limit": 5}, "npz files can't be read in part"),
        ({"format": "svg"}, "no format 'svg'; choose one of simplified, npz, bin, raw"),
        ({"limit": 0}, "at least 1"),
    ],
)
def test_options_that_make_no_sense(server, get, options, told):
    with pytest.raises(InputError, match=told):
        get(**options)
    with pytest.raises(InputError, match="no class given"):
        download([])
    assert server.log == []


def test_the_folder_is_made_and_a_file_is_no_folder(server, get, tmp_path):
    (found,) = get(dest=tmp_path / "a" / "b")
    assert found.file == tmp_path / "a" / "b" / "mouth.ndjson"
    for wrong in (found.file, found.file / "below", "a\0b", "/proc/here"):
        with pytest.raises(DestinationError):
            get(dest=wrong)
    (tmp_path / "mouth.ndjson").mkdir()
    with pytest.raises(DestinationError, match="it is a folder"):
        get()


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written(server, get, tmp_path):
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(DestinationError, match="choose a folder you may write to"):
            get()
    finally:
        tmp_path.chmod(0o700)


def test_a_full_disk_is_told_and_the_rest_not_tried(server, get, tmp_path):
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        with pytest.raises(OutputError, match=r"disk is full; make room.*; 1 more not tried"):
            get("mouth", "nose")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert get()[0].status == "resumed"


def test_one_class_that_fails_does_not_keep_the_others(server, get, tmp_path):
    server.files["/full/simplified/nose.ndjson"] = BODY
    done = []
    with pytest.raises(InputError, match="no class 'mout'"):
        get("mouth", "mout", "nose", "mouth", done=done.append)
    assert [one.label for one in done] == ["mouth", "nose"]
    with pytest.raises(InputError, match=r"(?s)no class 'a'.*\n.*no class 'b'"):
        get("a", "b")
    server.script = [status(403)]
    with pytest.raises(DownloadError) as caught:
        get("a", "b")
    assert not isinstance(caught.value, InputError)
    assert len(str(caught.value).splitlines()) == 2


# --- the first drawings ---


def test_the_first_lines_and_no_more(server, get, tmp_path):
    sent = []

    def slowly(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(BODY)))
        handler.end_headers()
        for start in range(0, len(BODY), 4096):
            handler.wfile.write(BODY[start : start + 4096])
            sent.append(start)
            time.sleep(0.005)

    server.always = slowly
    (found,) = get(limit=20)
    assert found.file == tmp_path / "mouth-first-20.ndjson"
    assert found.file.read_bytes() == b"".join(LINES[:20])
    assert (found.status, found.verified) == ("downloaded", "none")
    assert len(sent) < len(BODY) / 4096 / 2
    assert names(tmp_path) == {"mouth-first-20.ndjson", "ATTRIBUTION.txt"}
    server.log.clear()
    assert get(limit=20)[0].status == "already there"
    assert server.log == []
    found.file.write_bytes(BODY[:100])
    assert get(limit=20)[0].status == "downloaded"
    assert get(limit=20, force=True)[0].status == "downloaded"
    assert "first drawings" in (tmp_path / "ATTRIBUTION.txt").read_text()


def record(key: int, strokes: list[int]) -> bytes:
    head = struct.pack("<Q2sbIH", key, b"DE", 1, 1_488_000_000, len(strokes))
    return head + b"".join(struct.pack("<H", n) + bytes(2 * n) for n in strokes)


RECORDS = [record(k, [k % 5, 300, 0][: k % 4]) for k in range(50)]


@pytest.mark.parametrize("count", [1, 7, 50, 80])
def test_the_first_records(server, get, tmp_path, count):
    server.files["/full/binary/mouth.bin"] = b"".join(RECORDS)
    (found,) = get(format="bin", limit=count)
    assert found.file.read_bytes() == b"".join(RECORDS[:count])
    again = get(format="bin", limit=count)[0].status
    assert again == ("already there" if count <= 50 else "downloaded")


def test_the_first_drawings_start_over_when_the_connection_breaks(server, get, slept):
    server.script = [answer(send=1000), status(503), answer(send=10)]
    assert get(limit=100)[0].file.read_bytes() == b"".join(LINES[:100])
    assert slept == [1, 2, 4]
    server.always = answer(send=1000)
    with pytest.raises(DownloadError, match=r"mouth-first-200.ndjson: the connection broke off"):
        get(limit=200)


@pytest.mark.parametrize(
    ("form", "body"),
    [
        ("simplified", b"not json\n"),
        ("simplified", LINES[0] + b"[]\n"),
        ("bin", RECORDS[3] + RECORDS[3][:-1]),
        ("bin", RECORDS[3] + b"1"),
    ],
)
def test_what_is_no_drawing_is_no_first_drawing(server, get, tmp_path, form, body):
    server.always = answer(body=body)
    with pytest.raises(DownloadError, match=r"drawing . is damaged"):
        get(format=form, limit=5)
    assert names(tmp_path) == set()


# --- credit ---


def test_the_credit_lists_each_file_once_and_keeps_what_was_there(server, get, tmp_path):
    server.files["/full/simplified/nose.ndjson"] = BODY
    get()
    file = tmp_path / "ATTRIBUTION.txt"
    first = file.read_text()
    assert "Creative Commons Attribution 4.0" in first
    assert "https://creativecommons.org/licenses/by/4.0/" in first
    assert "https://github.com/googlecreativelab/quickdraw-dataset" in first
    before = file.stat().st_mtime_ns
    get()
    assert file.stat().st_mtime_ns == before
    get("nose", "mouth")
    assert file.read_text() == first + "- nose.ndjson\n"


@pytest.mark.parametrize("theirs", [b"", b"Mine.\n", b"M\xfcne", b"a\r\nb\r\n"])
def test_the_credit_of_others_stays(tmp_path, theirs):
    file = tmp_path / "ATTRIBUTION.txt"
    file.write_bytes(theirs)
    credit(tmp_path, "a.ndjson")
    credit(tmp_path, "b.ndjson")
    found = file.read_bytes()
    assert found.startswith(theirs)
    assert found.endswith(b"Files:\n- a.ndjson\n- b.ndjson\n")
    assert found.count(b"Quick, Draw! Dataset") == 1


# --- several at once, and sudden ends ---


def test_two_at_once_do_not_get_in_each_others_way(server, get, tmp_path):
    with locked(tmp_path / "mouth.ndjson"):
        with pytest.raises(DownloadError, match="by another process; wait"):
            get()
        assert server.log == []
    assert names(tmp_path) == set()
    server.always = lambda handler: (time.sleep(0.1), handler.plain())
    ends: list[object] = []

    def one():
        try:
            ends.append(get()[0].status)
        except DownloadError as error:
            ends.append(str(error))

    threads = [threading.Thread(target=one) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ends.count("downloaded") == 1
    assert sum("another process" in str(end) for end in ends) == 3
    assert (tmp_path / "mouth.ndjson").read_bytes() == BODY
    assert names(tmp_path) == COMPLETE


def test_a_lock_that_its_holder_removed_meanwhile_is_taken_anew(tmp_path, monkeypatch):
    path, acquire, acquired = tmp_path / ".a.lock", locks._acquire, []

    def late(descriptor, wait):
        if not acquired:
            path.unlink()
        acquired.append(descriptor)
        acquire(descriptor, wait)

    monkeypatch.setattr(locks, "_acquire", late)
    with locked(tmp_path / "a"):
        assert len(acquired) == 2
        with pytest.raises(DownloadError), locked(tmp_path / "a", DownloadError("busy")):
            pass
    assert names(tmp_path) == set()


def test_classes_at_once_are_all_credited(server, get, tmp_path):
    labels = [f"class {k}" for k in range(8)]
    server.files |= {f"/full/simplified/class%20{k}.ndjson": BODY for k in range(8)}
    threads = [threading.Thread(target=get, args=(label,)) for label in labels]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lines = (tmp_path / "ATTRIBUTION.txt").read_text().splitlines()
    assert sorted(line for line in lines if line.startswith("- ")) == [
        f"- {label}.ndjson" for label in labels
    ]


CHILD = """
import signal
import sys
import typer
from strokeanim.cli.download import download
signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored in background jobs of a shell
app = typer.Typer()
app.command()(download)
sys.exit(app(sys.argv[1:], standalone_mode=False))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGINT])
def test_a_killed_download_is_taken_up(server, get, tmp_path, sign):
    def trickle(handler):
        handler.plain(send=69_990)
        handler.server.free.wait(0.05)  # so that the last bytes come alone
        handler.wfile.write(BODY[69_990:70_000])
        handler.server.free.wait(20)

    server.script = [trickle]
    command = [sys.executable, "-c", CHILD, "mouth", "--dest", tmp_path, "--base-url", server.url]
    part = tmp_path / "mouth.ndjson.part"
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        deadline = time.monotonic() + 15
        while not (part.exists() and part.stat().st_size == 70_000):
            assert time.monotonic() < deadline
            assert child.poll() is None, child.stderr.read()
            time.sleep(0.01)
        child.send_signal(sign)
        out, told = child.communicate(timeout=10)
    assert child.returncode == (-9 if sign == signal.SIGKILL else 130)
    assert out == b""
    assert (b"run the same command again" in told) == (sign == signal.SIGINT)
    assert b"Traceback" not in told
    assert "mouth.ndjson" not in names(tmp_path)
    (found,) = get()
    assert found == Downloaded(tmp_path / "mouth.ndjson", "mouth", len(BODY), "resumed", "md5")
    assert found.file.read_bytes() == BODY
    assert server.ranges == [None, "bytes=70000-"]
    assert names(tmp_path) == COMPLETE


# --- the command ---


@pytest.fixture
def command(server, tmp_path, monkeypatch):
    from strokeanim.cli.download import download as command

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("STROKEANIM_QUICKDRAW_URL", server.url)
    app = typer.Typer(rich_markup_mode=None)
    app.command()(command)
    return lambda *words: CliRunner().invoke(app, [str(word) for word in words])


def test_the_command_says_what_it_did(server, command, tmp_path):
    result = command("mouth")
    assert result.exit_code == 0
    assert result.stdout == ""
    assert result.stderr == "mouth.ndjson: downloaded, 422.2 kB, checksum verified\n"
    result = command("mouth", "--dest", tmp_path, "--json")
    assert json.loads(result.stdout) == [
        {
            "file": str(tmp_path / "mouth.ndjson"),
            "label": "mouth",
            "bytes": len(BODY),
            "status": "already there",
            "verified": "md5",
        }
    ]
    assert "already there" in result.stderr
    assert command("mouth", "--limit", 3, "--force").stderr.endswith(
        "first drawings only, not checksummed\n"
    )


def test_the_command_lists_what_is_here_even_if_a_class_fails(server, command):
    result = command("mouth", "mout", "--json")
    assert isinstance(result.exception, InputError)
    assert [one["label"] for one in json.loads(result.stdout)] == ["mouth"]
    result = command("mout", "--json")
    assert isinstance(result.exception, InputError)
    assert result.stdout == ""


def test_the_command_refuses(server, command):
    assert command().exit_code == 2
    assert command("mouth", "--limit", 0).exit_code == 2
    assert isinstance(command("mouth", "--format", "npz", "--limit", 3).exception, InputError)
    assert isinstance(command("mouth", "--base-url", "x").exception, InputError)
    assert server.log == []


def test_the_command_helps(command):
    told = command("--help").stdout
    assert "Example: strokeanim data download mouth" in " ".join(told.split())
    assert "STROKEANIM_QUICKDRAW_URL" in told


def test_the_command_shows_bars_to_those_who_watch(server, command, monkeypatch):
    monkeypatch.setattr("strokeanim.cli._shared.interactive", lambda: True)
    server.files["/full/simplified/[b]nose.ndjson"] = BODY
    result = command("mouth")
    assert result.exit_code == 0
    assert "mouth.ndjson" in result.stderr
    assert result.stdout == ""
    assert command("mouth", "--limit", 9).exit_code == 0


def test_help_needs_no_requests():
    code = "import sys, strokeanim.cli.download; sys.exit('requests' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_way_out_of_encryption_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = requests.Response()
    answer.status_code, answer.url = 200, "http://elsewhere.example/mouth.ndjson"
    answer.raw = io.BytesIO()
    monkeypatch.setattr(requests.Session, "request", lambda *_, **__: answer)
    remote = RemoteFile("https://bucket.example/mouth.ndjson", "mouth", "mouth.ndjson")
    with (
        Client(RetryPolicy()) as client,
        pytest.raises(DownloadError, match=r"not encrypted \(elsewhere\.example\)"),
        client.stream(remote),
    ):
        pass
