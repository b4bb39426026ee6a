"""Provide a browser, and mark slow tests, which only `make test` runs."""

from __future__ import annotations

import shutil

import pytest
from hypothesis import HealthCheck, settings

# How fast inputs are generated depends on what else the machine does.
settings.register_profile("strokeanim", suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("strokeanim")

SLOW = {
    "test_memory_is_constant",  # ten thousand frames through each renderer
    "test_the_same_seed_gives_the_same_bytes_and_another_does_not",
    "test_json_is_the_same_for_the_same_seed",
    "test_they_move_less_and_more_evenly_and_nothing_pops",
    "test_many_drawings_do_not_wear_away",
    "test_streaming_takes_constant_memory",
    "test_memory_is_that_of_a_window",
    "test_loading_takes_little_more_than_the_arrays",
    "test_the_ink_of_real_drawings_is_kept_both_ways",
    "test_demo",
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.originalname in SLOW if isinstance(item, pytest.Function) else item.name in SLOW:
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def browser():
    """Yield the system's Chromium, headless; one per session, as Playwright requires."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    executable = shutil.which("chromium") or shutil.which("google-chrome")
    if executable is None:
        pytest.skip("there is no Chromium here; tools/ensure-web installs it on Debian")
    with playwright.sync_playwright() as driver:
        launched = driver.chromium.launch(
            executable_path=executable,
            args=["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
                  "--disable-background-networking", "--disable-component-update",
                  "--disable-sync", "--force-color-profile=srgb"],
        )  # fmt: skip
        yield launched
        launched.close()
