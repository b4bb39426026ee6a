"""Renderers are found, told apart and checked without importing more than was asked for."""

import subprocess
import sys
import zipfile
from pathlib import Path
from textwrap import dedent

import pytest

from strokeanim.errors import InputError, PluginError
from strokeanim.render.plugins import discovery, inspection, registry

RENDERER = """
    from strokeanim.render.protocol import RendererSpec

    class Loud:
        spec = RendererSpec(
            name="loud", extensions=(".loud",), media_type="text/plain", kind="sequence",
            api_version=(1, 7),
        )
        def open(self, sink, context, options):
            raise NotImplementedError
"""


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Install a distribution the way pip leaves it: a dist-info folder and a module."""

    def install(distribution, entry, source, version="2.1"):
        module = entry.split("=")[1].split(":")[0].strip()
        source = source.replace('name="loud"', f'name="{entry.split("=")[0].strip()}"')
        info = tmp_path / f"{distribution.replace('-', '_')}-{version}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n"
        )
        (info / "entry_points.txt").write_text(f"[strokeanim.renderers]\n{entry}\n")
        (tmp_path / f"{module}.py").write_text(dedent(source))
        monkeypatch.syspath_prepend(tmp_path)
        monkeypatch.delitem(sys.modules, module, raising=False)

    return install


def test_the_built_ins_come_through_the_entry_points():
    builtin = {one.name for one in discovery.available() if one.distribution == "strokeanim"}
    assert {"gif", "mp4", "ndjson", "png", "svg"} <= builtin


@pytest.mark.parametrize("name", ["gif", "mp4", "ndjson", "png", "svg"])
def test_a_built_in_is_found_by_name_full_name_and_extension(name):
    for renderer in (
        registry.get(name),
        registry.get(f"strokeanim:{name}"),
        registry.for_path(f"a.B/{name}.{name.upper()}"),
    ):
        assert renderer.spec.name == name
        assert renderer.spec.extensions[0] == f".{name}"


def test_listing_imports_no_renderer():
    code = (
        "import sys; from strokeanim.render.plugins import discovery; discovery.available();"
        "print({'av', 'cairocffi', 'svgwrite', 'PIL.GifImagePlugin'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_a_plugin_is_found_by_its_extension_whatever_its_name(install):
    install("loud-pack", "shout = loud_by_extension:Loud", RENDERER)
    assert registry.for_path("x.loud").spec.name == "shout"
    assert registry.get("Loud_Pack:shout").spec.name == "shout"


def test_an_unknown_name_gets_the_nearest_and_the_list():
    with pytest.raises(InputError, match=r"no renderer 'giff'; did you mean 'gif'.*mp4.*svg"):
        registry.get("giff")
    with pytest.raises(InputError, match="no renderer 'other:gif'"):
        registry.get("other:gif")


def test_an_unknown_extension_gets_the_list():
    with pytest.raises(InputError, match=r"no installed renderer writes \.bmp files.*\.gif.*\.svg"):
        registry.for_path("x.bmp")
    with pytest.raises(InputError, match="has no extension"):
        registry.for_path("picture")


def test_an_extension_of_our_own_packages_gets_the_package(monkeypatch):
    monkeypatch.setattr(registry, "available", list)
    with pytest.raises(
        InputError, match=r"no installed .* \.gcode files; strokeanim-plotter does: pip install"
    ):
        registry.for_path("x.gcode")


def test_the_packages_in_plugins_write_what_is_said():
    for suffix, package in registry.PACKAGES.items():
        home = Path(__file__).parents[2] / "plugins" / package
        sources = [path.read_text("utf-8") for path in home.rglob("*.py")]
        assert any(f'"{suffix}"' in source for source in sources)


def test_a_clash_names_both_distributions_and_how_to_choose(install):
    install("loud-one", "loud = loud_one:Loud", RENDERER)
    install("loud-two", "loud = loud_two:Loud", RENDERER)
    for wanted in (lambda: registry.get("loud"), lambda: registry.for_path("x.loud")):
        with pytest.raises(InputError, match=r"loud-one:loud \(2\.1\) and loud-two:loud \(2\.1\)"):
            wanted()
    assert registry.get("loud-two:loud").spec.name == "loud"


def test_a_built_in_keeps_its_name_and_says_who_else_claims_it(install, caplog, monkeypatch):
    install("other-gif", "gif = other_gif:Loud", RENDERER)
    assert registry.get("gif").spec.name == "gif"
    assert registry.for_path("x.gif").spec.name == "gif"
    assert caplog.text.count("other-gif:gif (2.1) claims that name too") == 2
    caplog.clear()
    assert registry.get("strokeanim:gif").spec.name == "gif"
    assert registry.get("other-gif:gif").spec.extensions == (".loud",)
    assert "claims" not in caplog.text
    monkeypatch.setenv("STROKEANIM_STRICT", "1")
    with pytest.raises(PluginError, match="claims that name too"):
        registry.get("gif")


def test_the_origin_of_a_renderer_is_its_distribution(install):
    install("loud-pack", "shout = loud_origin:Loud", RENDERER)
    assert registry.find("x", "shout").origin == "renderer 'shout' of loud-pack 2.1"
    assert registry.find("x.loud").origin == "renderer 'shout' of loud-pack 2.1"
    assert registry.find("x.gif").origin.startswith("renderer 'gif' of strokeanim ")


def test_a_shared_extension_is_a_clash_too(install):
    install("loud-one", "one = loud_one:Loud", RENDERER)
    install("loud-two", "two = loud_two:Loud", RENDERER)
    with pytest.raises(InputError, match=r"extension \.loud is claimed by loud-one:one"):
        registry.for_path("x.loud")


@pytest.mark.parametrize(
    "source", ["import no_such_module", "raise SystemExit(3)", "1 / 0", "x = 1"]
)
def test_a_plugin_that_cannot_be_imported_is_named_with_the_fix(install, source):
    install("broken-pack", "sad = broken_pack:Sad", source)
    assert any(one.full_name == "broken-pack:sad" for one in discovery.available())
    with pytest.raises(PluginError, match=r"'sad' of broken-pack 2\.1.*uninstall broken-pack"):
        registry.get("sad")


def test_a_broken_plugin_is_in_nobody_elses_way(install):
    install("broken-pack", "sad = broken_too:Sad", "import no_such_module")
    install("loud-pack", "shout = loud_beside_broken:Loud", RENDERER)
    assert registry.for_path("x.loud").spec.name == "shout"
    # … but where nothing else fits, it may be what the user was looking for.
    with pytest.raises(InputError, match=r"no installed renderer writes \.other.*broken-pack"):
        registry.for_path("x.other")
    with pytest.raises(PluginError, match="broken-pack"):
        registry.for_path("x.sad")


def test_another_major_version_is_refused(install):
    install("new-pack", "new = new_pack:Loud", RENDERER.replace("(1, 7)", "(2, 0)"))
    with pytest.raises(PluginError, match=r"for renderer API 2\.0, this strokeanim has 1\.0"):
        registry.get("new")


def test_what_is_no_renderer_is_refused(install):
    install("odd-pack", "odd = odd_pack:Odd", "class Odd: pass")
    with pytest.raises(PluginError, match="is no renderer"):
        registry.get("odd")


GUARDED = "try:\n    import nothing_there\nexcept ImportError:\n    pass\n"


def seen(distribution):
    every = discovery.available()
    (one,) = [one for one in every if one.distribution == distribution]
    return inspection.problem(one, every)


@pytest.mark.parametrize(
    ("source", "entry", "reason"),
    [
        (RENDERER, "Loud", None),
        (GUARDED + dedent(RENDERER), "Loud", None),
        ("from os.path import *", "Loud", None),
        ("def __getattr__(name): ...", "Loud", None),
        ("from strokeanim.render.formats.gif import GifRenderer as Loud", "Loud", None),
        ("class Loud(list): pass", "Loud", None),
        ("import nothing_there.at_all", "Loud", "it imports 'nothing_there', which is not"),
        ("from nothing_there import x as Loud", "Loud", "it imports 'nothing_there'"),
        ("raise RuntimeError('no')", "Loud", "importing it raises RuntimeError('no')"),
        ("def broken(:", "Loud", "SyntaxError"),
        ("x = 1", "Loud", "there is no 'Loud' in module"),
        ("class Loud: pass", "Loud", "Loud lacks 'open'"),
        ("class Loud:\n  spec = 3\n  def open(self): ...", "Loud", "Loud.spec is no RendererSpec"),
        (RENDERER.replace("(1, 7)", "(3, 1)"), "Loud", "it is for renderer API 3.1"),
        ("x = 1", "not an identifier", "is not of the form module:Class"),
    ],
)  # fmt: skip
def test_what_can_be_seen_without_importing(install, request, source, entry, reason):
    module = f"seen_{abs(hash(request.node.name))}"
    install("seen-pack", f"seen = {module}:{entry}", source)
    found = seen("seen-pack")
    assert reason in found.reason if reason else found is None, found
    assert not found or (found.status == "broken" and found.fix)
    assert module not in sys.modules


def test_a_module_that_is_not_there_is_seen(install, tmp_path):
    install("seen-pack", "seen = gone_pack:Loud", "x = 1")
    (tmp_path / "gone_pack.py").unlink()
    assert seen("seen-pack").reason == "there is no module 'gone_pack'"


def test_a_module_in_a_package_is_found_without_importing_the_package(install, tmp_path):
    install("seen-pack", "seen = inner_pack.deep.er:Loud", "raise SystemExit")
    (tmp_path / "inner_pack" / "deep").mkdir(parents=True)
    (tmp_path / "inner_pack" / "__init__.py").write_text("raise SystemExit")
    (tmp_path / "inner_pack" / "deep" / "er.py").write_text(dedent(RENDERER))
    assert seen("seen-pack") is None
    assert "inner_pack" not in sys.modules


SOUND = {
    "another call has an api_version": (
        "from strokeanim.render.protocol import RendererSpec\n"
        "class Loud:\n  client = dict(api_version=(2, 0))\n  spec = 1 + 1\n  def open(self): ...",
    ),
    "the spec is made in __init__": (
        "class Loud:\n  spec = None\n  def __init__(self): ...\n  def open(self): ...",
    ),
    "the spec comes later": ("class Loud:\n  def open(self): ...\nLoud.spec = object()",),
    "made by globals": ("globals()['Loud'] = object",),
    "the path is changed first": (
        "import sys\nsys.path.insert(0, 'vendor')\nimport vendored_there\nclass Loud(list): ...",
    ),
    "only for type checkers": (
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n  import nothing_there\n"
        "class Loud(list): ...",
    ),
    "relative imports": ("from . import other\nclass Loud(list): ...",),
    "not in UTF-8": ("# coding: latin-1\nclass Loud(list): ...  # \xe9",),
}


@pytest.mark.parametrize("case", SOUND)
def test_no_false_alarm(install, tmp_path, case):
    module = f"sound_{list(SOUND).index(case)}"
    install("seen-pack", f"seen = {module}:Loud", SOUND[case][0])
    if case == "not in UTF-8":
        (tmp_path / f"{module}.py").write_bytes(SOUND[case][0].encode("latin-1"))
    assert seen("seen-pack") is None


def test_a_package_that_finds_its_modules_itself_gets_no_alarm(install, tmp_path):
    install("seen-pack", "seen = own_way.elsewhere:Loud", "x = 1")
    (tmp_path / "own_way").mkdir()
    (tmp_path / "own_way" / "__init__.py").write_text("__path__.append('other')")
    assert seen("seen-pack") is None


def test_a_module_in_a_zip_is_read(install, tmp_path, monkeypatch):
    install("seen-pack", "seen = zipped_pack:Loud", "x = 1")
    (tmp_path / "zipped_pack.py").unlink()
    with zipfile.ZipFile(tmp_path / "site.zip", "w") as archive:
        archive.writestr("zipped_pack.py", "class Loud: ...")
    monkeypatch.syspath_prepend(tmp_path / "site.zip")
    assert "Loud lacks 'open'" in seen("seen-pack").reason


@pytest.mark.parametrize(
    "damage", ["no metadata", "no such line", "nothing at all", "no metadata, for the backport"]
)
def test_a_damaged_distribution_is_in_nobodys_way(install, tmp_path, damage):
    if "backport" in damage:
        pytest.importorskip("importlib_metadata")  # looks for distributions from now on
    install("hurt-pack", "gif = hurt_pack:Loud", RENDERER)
    (info,) = tmp_path.glob("hurt_pack*.dist-info")
    if damage.startswith("no metadata"):
        (info / "METADATA").unlink()
    elif damage == "no such line":
        (info / "entry_points.txt").write_text("[strokeanim.renderers]\nfoo\n")
    else:
        (info / "METADATA").unlink()
        (info / "entry_points.txt").write_text("[strokeanim.renderers]\nfoo\n")
    assert registry.get("gif").spec.name == "gif"
    assert registry.for_path("x.m4v").spec.name == "mp4"
    every = discovery.available()
    (one,) = [one for one in every if one.distribution in ("hurt-pack", "unknown")]
    assert inspection.problem(one, every).status in ("broken", "shadowed")


def test_a_name_that_differs_from_the_entry_point_is_refused(install):
    install("two-names", "alpha = two_names:Loud", RENDERER.replace('name="loud"', 'name="beta"'))
    with pytest.raises(PluginError, match="calls itself 'beta' in its spec; both names must be"):
        registry.get("alpha")


def test_a_spec_that_raises_is_in_nobodys_way(install):
    source = "class Loud:\n  spec = property(lambda self: 1 / 0)\n  def open(self): ..."
    install("raising-spec", "loud = raising_spec:Loud", source)
    assert registry.for_path("x.m4v").spec.name == "mp4"
    with pytest.raises(PluginError, match="ZeroDivisionError"):
        registry.get("loud")


def test_an_extension_of_a_built_in_stays_with_it(install):
    install("m4v-pack", "m4v = m4v_pack:Loud", RENDERER.replace(".loud", ".m4v"))
    assert registry.for_path("x.m4v").spec.name == "mp4"


def test_the_extensions_of_built_ins_are_known_beforehand():
    builtin = {one.name: one.load().spec for one in discovery.available() if one.is_builtin}
    for spec in builtin.values():
        for extension in spec.extensions:
            owner = registry.BUILTIN_EXTENSIONS.get(extension, extension[1:])
            assert extension in builtin[owner].extensions
            assert registry.for_path(f"x{extension}").spec.name == owner


def test_a_broken_namesake_leaves_the_extension_to_others(install, monkeypatch):
    install("broken-pack", "loud = broken_namesake:Sad", "import no_such_module")
    install("loud-pack", "shout = loud_other:Loud", RENDERER)
    assert registry.for_path("x.loud").spec.name == "shout"
    monkeypatch.setenv("STROKEANIM_STRICT", "1")
    with pytest.raises(PluginError, match="broken-pack"):
        registry.for_path("x.loud")


def test_the_allow_list_settles_a_clash(install, monkeypatch):
    install("loud-one", "loud = loud_allowed:Loud", RENDERER)
    install("loud-two", "loud = loud_not_allowed:Loud", RENDERER)
    monkeypatch.setenv("STROKEANIM_PLUGINS", "loud-one")
    assert registry.find("x", "loud").origin == "renderer 'loud' of loud-one 2.1"


def test_a_later_minor_version_warns_only_where_it_is_chosen(install, caplog):
    install("loud-pack", "loud = loud_minor:Loud", RENDERER)
    registry.for_path("x.m4v")
    assert "API 1.7" not in caplog.text
    registry.for_path("x.loud")
    assert "renderer 'loud' of loud-pack 2.1 was written for renderer API 1.7" in caplog.text


def test_built_ins_are_not_looked_at():
    every = discovery.available()
    assert {inspection.problem(one, every) for one in every if one.is_builtin} == {None}
