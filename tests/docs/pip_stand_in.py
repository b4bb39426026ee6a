"""`pip install` for pages: no network, and what is in the checkout is not built, only looked at."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path


def main(checkout: Path, command: str, *arguments: str) -> int:
    if command != "install":
        sys.exit(f"pip {command}: a page only installs")
    how, found = ["--no-build-isolation", "--no-deps"], list(arguments)
    for place, argument in enumerate(arguments):
        path, extra = re.fullmatch(r"(.*?)(\[.*\])?", argument).groups()
        if path == "." or path.startswith("./plugins/"):
            found[place] = f"{checkout / path}{extra or ''}"
            how = ["--no-build-isolation", "--dry-run"]
    line = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    return subprocess.run([*line, "--no-index", *how, *found], check=False).returncode


if __name__ == "__main__":
    sys.exit(main(Path(os.environ["CHECKOUT"]), *sys.argv[1:]))
