"""`python -m tests.fuzz SECONDS [TARGET…]`: every reader against mutated files, with atheris.

Each target runs in a process of its own for its share of the time. A fault leaves the bytes that
caused it in `fuzz/`, and the exit code is 1.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from tests.fuzz.targets import TARGETS, seeds

FOLDER = Path("fuzz")


def main(arguments: list[str]) -> int:
    seconds, names = int(arguments[0]), arguments[1:] or list(TARGETS)
    share = max(1, seconds // len(names))
    failed = []
    for name in names:
        corpus, faults = FOLDER / "corpus" / name, FOLDER / "faults" / name
        corpus.mkdir(parents=True, exist_ok=True)
        faults.mkdir(parents=True, exist_ok=True)
        for place, data in enumerate(seeds()[name]):
            (corpus / f"seed-{place}").write_bytes(data)
        start = time.monotonic()
        code = subprocess.run(
            [
                sys.executable, "-m", "tests.fuzz.one", name, str(corpus),
                f"-max_total_time={share}", f"-artifact_prefix={faults}/", "-max_len=16384",
                "-timeout=20", "-rss_limit_mb=4096", "-print_final_stats=1", "-verbosity=0",
            ],
            check=False,
        ).returncode  # fmt: skip
        print(f"{name}: {'fault' if code else 'no fault'} in {time.monotonic() - start:.0f} s")
        if code:
            failed.append(name)
    print(f"faults in {', '.join(failed)}: see {FOLDER}/faults" if failed else "no faults")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
