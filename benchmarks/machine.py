"""Describe the machine that the figures were measured on, without its name and without paths."""

from __future__ import annotations

import os
import platform
import re
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGES = (
    "strokeanim", "numpy", "scipy", "onnxruntime", "orjson", "svgwrite", "cairosvg", "cairocffi",
    "pillow", "av", "keras", "tensorflow", "matplotlib", "imageio", "imageio-ffmpeg", "drawsvg",
)  # fmt: skip
LIBRARIES = {
    "cairo": lambda: import_module("cairocffi").cairo_version_string(),
    "ffmpeg": lambda: import_module("imageio_ffmpeg").get_ffmpeg_version(),
}


def facts() -> dict[str, str]:
    """Return facts by name; a missing package is "none"."""
    found = {
        "processor": processor(),
        "cores": str(cores()),
        "memory": memory(),
        "system": f"{system()}, {platform.machine()}",
        "python": f"{platform.python_implementation()} {platform.python_version()}",
    }
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "none"
    for name, ask in LIBRARIES.items():
        try:
            found[name] = ask()
        except Exception:  # a missing or broken library may raise anything
            found[name] = "none"
    return found


def processor() -> str:
    """Return the model of the processor."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        text = ""
    named = re.search(r"^model name\s*:\s*(.+)$", text, re.MULTILINE)
    return named[1].strip() if named else platform.processor() or "unknown"


def cores() -> int:
    """Return the number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def memory() -> str:
    """Return the size of the physical memory."""
    try:
        return f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.1f} GiB"
    except (AttributeError, ValueError, OSError):  # Windows
        return "unknown"


def system() -> str:
    """Return the distribution on Linux, elsewhere the system and its release."""
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except (OSError, KeyError):
        return f"{platform.system()} {platform.release()}"


def load() -> float | None:
    """Return the load average of the last minute; None if the system has none."""
    return round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None
