"""Plugins that are really installed: sound ones, broken ones, and ones that misbehave."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from tests.plugins.packages import install, package, renderer, run

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("installed")]

PROBE = """
import sys
from strokeanim.cli.main import main
code = main(sys.argv[1:])
print("LOADED", *sorted(sys.modules))
sys.exit(code)
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """Seventeen sound plugins and three broken ones, one from each of three kinds of neglect."""
    folder = tmp_path_factory.mktemp("packages")
    packages = [
        package(folder, f"dummy-{n:02}", f"dummy{n}", renderer(f"dummy{n}")) for n in range(17)
    ]
    packages += [
        package(folder, "no-import", "sad", renderer("sad", start="import not_to_be_found\n")),
        package(folder, "no-dependency", "sadder", renderer("sadder"), ["not-on-any-index>=3"]),
        package(folder, "no-spec", "saddest", "class Renderer:\n    spec = None\n"),
    ]
    installed = folder / "site"
    install(installed, packages)
    return installed


@pytest.fixture(scope="module")
def rogues(tmp_path_factory):
    """Plugins that install well and break the contract when they are used."""
    folder = tmp_path_factory.mktemp("rogues")
    packages = [
        package(folder, "claim-one", "claimed", renderer("claimed")),
        package(folder, "claim-two", "claimed", renderer("claimed")),
        package(folder, "shadow", "gif", renderer("gif")),
        package(folder, "from-tomorrow", "next", renderer("next", more=" api_version=(2, 0),")),
        package(folder, "from-next-month", "soon", renderer("soon", more=" api_version=(1, 9),")),
        package(folder, "raising", "raising", renderer("raising", "assert self.count < 50, 'no'")),
        package(folder, "leaking", "leaking",
                renderer("leaking", "open(f'leak-{self.count}.txt', 'w').write('x')")),
        package(folder, "moving", "moving", renderer("moving", "import os; os.mkdir('mine')")),
        package(folder, "exiting", "exiting", renderer("exiting", "raise SystemExit(0)")),
        package(folder, "muttering", "muttering", renderer(
            "muttering", "import sys, ctypes; sys.__stdout__.write('dunder');"
            " ctypes.CDLL(None).puts(b'native')")),
        package(folder, "caching", "caching", renderer(
            "caching", "import tempfile; tempfile.TemporaryFile().write(b'x')")),
        package(folder, "talking", "talking", renderer(
            "talking", "print('hello from python'); import os; os.system('echo hello from sh')",
            start="print('hello from import')\n")),
        package(folder, "first-choice", "one", renderer("one", more=" priority=5,").replace(
            '".one"', '".shared"')),
        package(folder, "second-choice", "two", renderer("two").replace('".two"', '".shared"')),
        package(folder, "interrupting", "interrupting", renderer(
            "interrupting", "raise KeyboardInterrupt if self.count == 3 else None"
            ).replace("raise KeyboardInterrupt if self.count == 3 else None",
                      "if self.count == 3: raise KeyboardInterrupt")),
    ]  # fmt: skip
    installed = folder / "site"
    install(installed, packages)
    return installed


def drawn(site, folder, *arguments, frames=78, **environment):
    """Render a flip-book of that many frames with a plugin."""
    source = folder / "many.ndjson"
    lines = (f'{{"word": "nose", "drawing": [[[0, {n}], [0, 9]]]}}\n' for n in range(frames))
    source.write_text("".join(lines))
    before = set(folder.iterdir())
    done = run(site, "render", source, *arguments, cwd=folder, **environment)
    return done, {path.name for path in set(folder.iterdir()) - before}


def test_listing_imports_nothing_and_reports_all_that_is_broken(site, tmp_path):
    done = run(site, "plugins", "list", "--json", cwd=tmp_path, program=["-c", PROBE])
    text, loaded = done.stdout.rsplit("LOADED", 1)
    rows = {row["name"]: row for row in json.loads(text)}
    assert {f"dummy{n}" for n in range(17)} | {"sad", "sadder", "saddest", "gif"} <= set(rows)
    assert not [name for name in loaded.split() if name.startswith(("dummy", "no_", "numpy"))]
    broken = {name: row for name, row in rows.items() if row["status"] != "ok"}
    assert broken.keys() == {"sad", "sadder", "saddest"}
    assert broken["sad"]["distribution"] == "no-import"
    assert "imports 'not_to_be_found', which is not installed" in broken["sad"]["reason"]
    assert "install the package that provides 'not_to_be_found'" in broken["sad"]["fix"]
    assert "needs not-on-any-index>=3, which is not installed" in broken["sadder"]["reason"]
    assert broken["sadder"]["fix"] == 'pip install "not-on-any-index>=3"'
    assert "lacks 'open'" in broken["saddest"]["reason"]
    assert broken["saddest"]["fix"] == "update, reinstall or uninstall no-spec"


def test_the_list_in_words_has_the_broken_ones_on_stderr(site, tmp_path):
    done = run(site, "plugins", "list", cwd=tmp_path)
    assert done.returncode == 0
    assert len([line for line in done.stdout.splitlines() if line.startswith("dummy")]) == 17
    for status, name, distribution in (
        ("broken", "sad", "no-import"), ("incomplete", "sadder", "no-dependency"),
        ("broken", "saddest", "no-spec"),
    ):  # fmt: skip
        assert f"{status}: renderer {name!r} of {distribution} 2.1: it" in done.stderr
    strict = run(site, "plugins", "list", cwd=tmp_path, STROKEANIM_STRICT="1")
    assert strict.returncode == 1
    assert "broken: no-import:sad, no-dependency:sadder, no-spec:saddest" in strict.stderr


def test_help_and_rendering_don_t_import_plugins(site, tmp_path):
    for command in (["--help"], ["render", "sample:eye/0", "--out", "a.gif"]):
        done = run(site, *command, cwd=tmp_path, program=["-c", PROBE])
        assert done.returncode == 0, done.stderr
        assert not done.stderr.replace("1 frame: a.gif", "").strip()
        loaded = done.stdout.rsplit("LOADED", 1)[1].split()
        assert not [name for name in loaded if name.startswith(("dummy", "no_"))]


def test_a_sound_plugin_is_checked_and_used_from_shell_and_python(site, tmp_path):
    done, made = drawn(site, tmp_path, "--out", "a.dummy3", frames=3)
    assert (done.returncode, made) == (0, {"a.dummy3"})
    assert (tmp_path / "a.dummy3").read_bytes() == b"frame\n" * 3
    code = "import strokeanim as sa; sa.animate(*sa.load('sample:eye')[:2]).save('b.dummy4')"
    assert run(site, cwd=tmp_path, program=["-c", code]).returncode == 0
    assert (tmp_path / "b.dummy4").read_bytes() == b"frame\n" * 12
    info = json.loads(run(site, "plugins", "info", "dummy3", "--json", cwd=tmp_path).stdout)
    assert (info["distribution"], info["extensions"]) == ("dummy-03", [".dummy3"])


def test_check_says_what_a_sound_looking_plugin_gets_wrong(site, tmp_path):
    done = run(site, "plugins", "check", "dummy3", "--json", cwd=tmp_path)
    assert done.returncode == 1
    found = json.loads(done.stdout)
    failed = {one["check"] for one in found["checks"] if one["status"] == "failed"}
    assert any(check.startswith("Strokes have the colour of the context") for check in failed)
    assert found["passed"] > 10
    assert list(tmp_path.iterdir()) == []


def test_a_broken_plugin_that_is_asked_for_says_what_list_says(site, tmp_path):
    for name in ("sad", "saddest"):
        done, made = drawn(site, tmp_path, "--out", f"a.{name}")
        assert (done.returncode, made) == (1, set())
        assert f"renderer {name!r} of no-" in done.stderr
        assert "uninstall no-" in done.stderr


def test_the_allow_list(site, tmp_path):
    done = run(site, "plugins", "list", "--json", cwd=tmp_path, STROKEANIM_PLUGINS="")
    status = {row["name"]: row["status"] for row in json.loads(done.stdout)}
    assert status.pop("gif") == "ok"
    assert {status[name] for name in status if "dummy" in name} == {"not allowed"}
    for allowed, code in (("", 1), ("Dummy_03", 0), ("other, dummy-03:dummy3", 0), ("dummy3", 1)):
        done, made = drawn(
            site, tmp_path, "--renderer", "dummy3", "--out", f"{code}{allowed}.x", frames=2,
            STROKEANIM_PLUGINS=allowed,
        )  # fmt: skip
        assert (done.returncode, len(made)) == (code, 1 - code), done.stderr
        if code:
            assert "add dummy-03 to it" in done.stderr
    done, _ = drawn(site, tmp_path, "--out", "a.dummy4", STROKEANIM_PLUGINS="dummy-03")
    assert done.returncode == 2
    assert "no installed renderer writes .dummy4 files" in done.stderr


def test_two_distributions_with_one_name(rogues, tmp_path):
    done, made = drawn(rogues, tmp_path, "--out", "a.claimed")
    assert (done.returncode, made) == (2, set())
    assert "claimed by claim-one:claimed (2.1) and claim-two:claimed (2.1)" in done.stderr
    assert "--renderer claim-one:claimed" in done.stderr
    done, made = drawn(rogues, tmp_path, "--renderer", "claim-two:claimed", "--out", "a.claimed")
    assert (done.returncode, made) == (0, {"a.claimed"})
    rows = json.loads(run(rogues, "plugins", "list", "--json", cwd=tmp_path).stdout)
    assert [row["status"] for row in rows if row["name"] == "claimed"] == ["clash", "clash"]


def test_a_plugin_with_the_name_of_a_built_in(rogues, tmp_path):
    done, made = drawn(rogues, tmp_path, "--out", "a.gif")
    assert (done.returncode, made) == (0, {"a.gif"})
    assert (tmp_path / "a.gif").read_bytes().startswith(b"GIF89a")
    assert "shadow:gif (2.1) claims that name too; choose with renderer=" in done.stderr
    done, _ = drawn(rogues, tmp_path, "--renderer", "strokeanim:gif", "--out", "b.gif")
    assert "claims" not in done.stderr
    done, _ = drawn(rogues, tmp_path, "--renderer", "shadow:gif", "--out", "c.gif")
    assert (tmp_path / "c.gif").read_bytes().startswith(b"frame\n")
    done, made = drawn(rogues, tmp_path, "--out", "d.gif", STROKEANIM_STRICT="1")
    assert (done.returncode, made) == (1, set())


def test_other_versions_of_the_contract(rogues, tmp_path):
    done, made = drawn(rogues, tmp_path, "--out", "a.next")
    assert (done.returncode, made) == (1, set())
    assert "renderer 'next' of from-tomorrow 2.1 is for renderer API 2.0" in done.stderr
    assert "install a version of from-tomorrow for 1.0" in done.stderr
    done, made = drawn(rogues, tmp_path, "--out", "a.soon")
    assert (done.returncode, made) == (0, {"a.soon"})
    assert "written for renderer API 1.9" in done.stderr
    rows = json.loads(run(rogues, "plugins", "list", "--json", cwd=tmp_path).stdout)
    (tomorrow,) = [row for row in rows if row["name"] == "next"]
    assert (tomorrow["status"], tomorrow["fix"]) == (
        "broken", "install a version of from-tomorrow for 1.0",
    )  # fmt: skip


def test_one_that_raises_at_frame_50(rogues, tmp_path):
    (tmp_path / "a.raising").write_text("old")
    done, made = drawn(rogues, tmp_path, "--out", "a.raising")
    assert (done.returncode, made) == (1, set())
    assert "'raising' of raising 2.1 failed at frame 50 of 78 (AssertionError: no" in done.stderr
    assert ", raising.py:" in done.stderr
    assert "Traceback" not in done.stderr
    assert (tmp_path / "a.raising").read_text() == "old"
    debug = run(rogues, "render", "many.ndjson", "--out", "a.raising", "--debug", cwd=tmp_path)
    assert "raising.py" in debug.stderr


@pytest.mark.parametrize(("name", "file"), [("leaking", "leak-1.txt"), ("moving", "mine")])
def test_one_that_writes_beside_its_sink(rogues, tmp_path, name, file):
    done, made = drawn(rogues, tmp_path, "--out", f"a.{name}")
    assert (done.returncode, made) == (1, set())
    path = os.path.realpath(tmp_path / file)
    assert f"renderer {name!r} of {name} 2.1 tried to write {path}" in done.stderr
    assert "Traceback" not in done.stderr


def test_one_that_needs_a_temporary_file(rogues, tmp_path):
    done, made = drawn(rogues, tmp_path, "--out", "a.caching")
    assert (done.returncode, made) == (0, {"a.caching"}), done.stderr


def test_one_that_prints(rogues, tmp_path):
    done = run(
        rogues, "animate", "sample:eye/1", "--steps", "2", "--out", "a.talking", "--json",
        cwd=tmp_path,
    )  # fmt: skip
    assert json.loads(done.stdout)["label"] == "eye"
    for words in ("hello from import", "hello from python", "hello from sh"):
        assert words in done.stderr
    listed = run(rogues, "plugins", "list", "--load", "--json", cwd=tmp_path)
    assert {"talking", "claimed"} <= {row["name"] for row in json.loads(listed.stdout)}
    checked = run(rogues, "plugins", "check", "talking", "--json", cwd=tmp_path)
    failed = [one for one in json.loads(checked.stdout)["checks"] if one["status"] == "failed"]
    assert any("prints 'hello from import'" in one["detail"] for one in failed)
    assert any("printed 'hello from " in one["detail"] for one in failed)


def test_one_that_mutters_into_every_buffer_there_is(rogues, tmp_path):
    done = run(
        rogues, "animate", "sample:eye/1", "--steps", "2", "--out", "a.muttering", "--json",
        cwd=tmp_path, PYTHONUNBUFFERED="",
    )  # fmt: skip
    assert json.loads(done.stdout)["label"] == "eye"
    assert "dunder" in done.stderr
    assert "native" in done.stderr
    checked = run(
        rogues, "plugins", "check", "muttering", "--json", cwd=tmp_path, PYTHONUNBUFFERED=""
    )
    assert json.loads(checked.stdout)["failed"] >= 1


def test_one_that_exits(rogues, tmp_path):
    done, made = drawn(rogues, tmp_path, "--out", "a.exiting")
    assert (done.returncode, made) == (1, set())
    assert "failed at frame 1 of 78 (SystemExit: 0, exiting.py:" in done.stderr
    checked = run(rogues, "plugins", "check", "exiting", cwd=tmp_path)
    assert checked.returncode == 1
    assert "failed" in checked.stderr


def test_without_a_stdout(rogues, tmp_path):
    command = f"{sys.executable} -m strokeanim render sample:nose/0 --out n.gif >&-"
    done = subprocess.run(command, shell=True, cwd=tmp_path, check=False, capture_output=True)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "n.gif").exists()


def test_the_higher_priority_gets_the_extension(rogues, tmp_path):
    done, made = drawn(rogues, tmp_path, "--out", "a.shared")
    assert (done.returncode, made) == (0, {"a.shared"}), done.stderr


def test_an_interrupt_leaves_nothing(rogues, tmp_path):
    done, made = drawn(rogues, tmp_path, "--out", "a.interrupting")
    assert (done.returncode, made) == (130, set())


def test_a_new_plugin_installs_and_passes(tmp_path):
    site = tmp_path / "site"
    site.mkdir()
    assert run(site, "plugins", "new", "tri-color", cwd=tmp_path).returncode == 0
    home = tmp_path / "strokeanim-tri-color"
    install(site, [home])
    done = run(site, "plugins", "check", "tri-color", cwd=tmp_path)
    assert done.returncode == 0, done.stdout
    assert "0 failed" in done.stderr
    tested = run(site, "-q", "-p", "no:cacheprovider", cwd=home, program=["-m", "pytest"])
    assert tested.returncode == 0, tested.stdout
    done = run(
        site, "animate", "sample:mouth", "--out", "m.tri-color", "-O", "decimals=0", cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "m.tri-color").read_text().startswith("'mouth': 512")
