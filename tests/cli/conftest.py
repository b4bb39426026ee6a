"""What the command-line tests share."""

from __future__ import annotations

from pathlib import Path

import pytest

from strokeanim.cli.main import main


@pytest.fixture
def run(capsys):
    """Run a command line in this process; gives exit code, stdout and stderr."""

    def call(*arguments: object) -> tuple[int, str, str]:
        code = main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return call


@pytest.fixture
def fails(run, tmp_path, monkeypatch):
    """Run a command line that must fail in `tmp_path`: one clear error, nothing written."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: object, code: int = 2) -> str:
        before = snapshot(tmp_path)
        got, out, error = run(*arguments)
        assert got == code, error
        assert out == ""
        assert "Traceback" not in error
        assert "bug" not in error
        assert len(error.strip().splitlines()) <= 2
        assert snapshot(tmp_path) == before
        return error

    return call


def snapshot(folder: Path) -> dict[str, bytes | None]:
    """Every path below a folder, with the contents of files."""
    return {str(path): path.read_bytes() if path.is_file() else None for path in folder.rglob("*")}
