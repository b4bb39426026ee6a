"""Each command does what its help says, on the bundled samples and the bundled model."""

from __future__ import annotations

import json
from fractions import Fraction

import av
import numpy as np
import pytest
from PIL import Image

from strokeanim.io.ndjson import read_ndjson
from strokeanim.latent.interpolation import PATHS

COMMANDS = [
    ["demo"],
    ["animate"],
    ["render"],
    ["convert"],
    ["vectorise"],
    ["identify"],
    ["generate"],
    ["latents"],
    ["train"],
    ["data", "download"],
    ["data", "synth"],
    ["data", "info"],
    ["model", "info"],
    ["model", "export"],
    ["plugins", "list"],
]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_help_shows_an_example(run, command):
    code, out, _ = run(*command, "--help")
    assert code == 0
    assert f"Example: strokeanim {' '.join(command)}" in " ".join(out.split())


def test_version(run):
    from strokeanim import __version__

    assert run("--version") == (0, f"strokeanim {__version__}\n", "")


def test_animate_writes_every_format(run, tmp_path):
    outs = [tmp_path / f"m.{suffix}" for suffix in ("svg", "gif", "mp4", "ndjson")]
    flags = [part for out in outs for part in ("--out", out)]
    code, out, _ = run("animate", "sample:mouth/0", "sample:mouth/1", *flags, "--json")
    assert code == 0
    told = json.loads(out)
    assert told["files"] == [str(path) for path in outs]
    assert [frame["t"] for frame in told["frames"]] == pytest.approx(
        [k / 11 for k in range(12)], abs=1e-6
    )
    with Image.open(outs[1]) as gif:
        assert gif.n_frames == 12
        for place in range(12):
            gif.seek(place)
            assert gif.info["duration"] == 200
    with av.open(str(outs[2])) as video:
        frames = list(video.decode(video=0))
        assert len(frames) == 12
        assert video.streams.video[0].average_rate == Fraction(5)
    lines = [json.loads(line) for line in outs[3].read_text().splitlines()]
    assert [line["frame"] for line in lines] == list(range(12))
    assert {line["label"] for line in lines} == {"mouth"}
    assert outs[0].read_text().count('inkscape:groupmode="layer"') == 12


def test_animate_goes_through_any_number_of_drawings_and_round(run, tmp_path):
    three = [f"sample:mouth/{k}" for k in (3, 5, 7)]
    told = {}
    for loop, count in ((None, 9), ("pingpong", 16), ("cycle", 12)):
        flags = ["--loop", loop] if loop else []
        out = tmp_path / f"{loop}.ndjson"
        code, text, _ = run("animate", *three, "--steps", 3, *flags, "--out", out, "--json")
        assert code == 0
        told[loop] = json.loads(text)
        assert len(told[loop]["drawings"]) == 3
        frames = read_ndjson(out)
        assert len(frames) == len(told[loop]["frames"]) == count
        assert len({len(frame.strokes) for frame in frames}) == 1
        assert told[loop]["duration"] == pytest.approx(count / 5)
    assert {round(frame["t"]) for frame in told["cycle"]["frames"]} == {0, 1, 2, 3}


def test_animate_shows_the_same_motion_at_another_rate(run, tmp_path):
    out = tmp_path / "a.mp4"
    flags = ["--tween-fps", 25, "--easing", "ease-in-out", "--fps", 5, "--out", out, "--json"]
    code, text, _ = run("animate", "sample:ear/3", "sample:ear/5", "--steps", 3, *flags)
    assert code == 0
    told = json.loads(text)
    assert told["duration"] == 1
    assert len(told["frames"]) == 25
    with av.open(str(out)) as video:
        assert len(list(video.decode(video=0))) == 25
        assert video.streams.video[0].average_rate == Fraction(25)


def test_animate_pins_and_chooses_and_decodes_alone(run, tmp_path):
    pair = ["sample:eye/3", "sample:eye/5", "--steps", 3]
    written = {}
    for name, flags in (
        ("usual", []),
        ("pinned", ["--pin"]),
        ("chosen", ["-C", "candidates=2", "-C", "temperature=0.9", "-C", "bend=0"]),
        ("alone", ["--independent"]),
    ):
        assert run("animate", *pair, *flags, "--out", tmp_path / f"{name}.ndjson")[0] == 0
        written[name] = (tmp_path / f"{name}.ndjson").read_bytes()
    assert len(set(written.values())) == 4


def test_animate_is_deterministic_for_a_seed(run, tmp_path):
    def frames(seed, name):
        assert run("animate", "sample:eye/2", "--seed", seed, "--out", tmp_path / name)[0] == 0
        return (tmp_path / name).read_bytes()

    assert frames(5, "a.ndjson") == frames(5, "b.ndjson")
    assert frames(5, "c.ndjson") != frames(6, "d.ndjson")


def test_animate_alone_goes_to_another_of_its_class(run, tmp_path):
    file = tmp_path / "faces.ndjson"
    run("data", "synth", "-n", 12, "--seed", 3, "--out", file)
    code, out, _ = run("animate", f"{file}#0", "--out", tmp_path / "a.svg", "--json")
    ends = json.loads(out)["drawings"]
    assert code == 0
    assert [end["label"] for end in ends] == ["mouth", "mouth"]
    assert ends[0]["key"] != ends[1]["key"]
    assert {end["key"] for end in ends} <= {drawing.key for drawing in read_ndjson(file)}


def test_animate_takes_pictures(run, tmp_path):
    for place in (0, 1):
        run(
            "render",
            f"sample:ear/{place}",
            "--out",
            tmp_path / f"{place}.png",
            "-O",
            "background=white",
        )
    code, out, _ = run(
        "animate", tmp_path / "0.png", tmp_path / "1.png", "--out", tmp_path / "a.gif", "--json"
    )
    assert code == 0
    assert json.loads(out)["label"] == "ear"


@pytest.mark.parametrize("path", PATHS)
def test_every_path_can_be_taken(run, tmp_path, path):
    code, _, _ = run(
        "animate", "sample:nose/0", "sample:nose/1", "--path", path, "--steps", 3,
        "--out", tmp_path / "a.ndjson",
    )  # fmt: skip
    assert code == 0
    assert len(read_ndjson(tmp_path / "a.ndjson")) == 5


def test_class_change_when_allowed(run, tmp_path):
    pair = ("sample:nose/0", "sample:eye/1")
    code, out, _ = run(
        "animate", *pair, "--allow-class-change", "--json", "--out", tmp_path / "a.gif"
    )
    assert code == 0
    labels = [frame["label"] for frame in json.loads(out)["frames"]]
    assert labels == ["nose"] * 6 + ["eye"] * 6


def test_render_draws_what_is_there(run, tmp_path):
    assert run("render", "sample:nose", "--out", tmp_path / "n.ndjson")[0] == 0
    from strokeanim.io.samples import samples_of

    ours = [drawing.strokes for drawing in read_ndjson(tmp_path / "n.ndjson")]
    for got, expected in zip(ours, samples_of("nose"), strict=True):
        assert all(map(np.array_equal, got, expected.strokes))
    assert run("render", "sample:nose/2", "--out", tmp_path / "n.png", "-O", "size=100")[0] == 0
    with Image.open(tmp_path / "n.png") as image:
        assert max(image.size) == 100


def test_identify_prints_or_tells(run):
    code, out, _ = run("identify", "sample:eye/0", "sample:ear/0")
    assert code == 0
    assert [line.split()[0] for line in out.splitlines()] == ["eye", "ear"]
    rows = json.loads(run("identify", "sample:eye", "--json")[1])
    assert len(rows) == 24
    assert sum(row["probabilities"][row["label"]] == row["probability"] for row in rows) == 24


def test_generate(run, tmp_path):
    out = tmp_path / "eyes.ndjson"
    assert run("generate", "--class", "eye", "-n", 5, "--seed", 2, "--out", out)[0] == 0
    drawings = read_ndjson(out)
    assert [d.label for d in drawings] == ["eye"] * 5
    assert len({d.strokes[0].tobytes() for d in drawings}) == 5


def test_data_synth_and_info(run, tmp_path):
    file = tmp_path / "f.ndjson.gz"
    assert run("data", "synth", "-n", 10, "--class", "ear", "--out", file)[0] == 0
    told = json.loads(run("data", "info", file, "--json")[1])
    assert told["classes"]["ear"]["drawings"] == 10
    assert "ear" in run("data", "info", file)[1]
    told = json.loads(run("data", "info", file, "--split", "--json")[1])
    assert sum(told["split"]["test"].values()) <= sum(told["split"]["train"].values())
    assert "near-duplicates" in run("data", "info", file, "--split", "--other")[1]


def test_latents_as_numbers_and_as_a_map(run, tmp_path):
    assert run("latents", "sample:mouth", "--out", tmp_path / "z.npz")[0] == 0
    with np.load(tmp_path / "z.npz", allow_pickle=False) as stored:
        assert stored["z"].shape == (24, 512)
        assert stored["z"].dtype == np.float32
        assert set(stored["label"]) == {"mouth"}
    code, out, _ = run("latents", "sample:eye", "-n", 20, "--out", tmp_path / "m.png", "--json")
    assert (code, json.loads(out)["drawings"]) == (0, 20)
    with Image.open(tmp_path / "m.png") as image:
        assert image.size == (1200, 1200)


def test_a_map_is_the_same_for_the_same_seed(run, tmp_path):
    for name in ("a.svg", "b.svg"):
        assert run("latents", "sample:eye", "-n", 8, "--out", tmp_path / name)[0] == 0
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()


def test_what_identify_names_can_be_loaded(run, tmp_path):
    file = tmp_path / "f.ndjson"
    run("data", "synth", "-n", 3, "--out", file)
    for source in (file, "sample:ear"):
        named = json.loads(run("identify", source, "--json")[1])[2]["source"]
        assert run("identify", named)[0] == 0


def test_model_info(run):
    facts = json.loads(run("model", "info", "--json")[1])
    assert facts["config"]["model"]["classes"] == ["mouth", "nose", "eye", "ear"]
    assert "CC BY 4.0" in run("model", "info")[1]


def test_plugins_list(run):
    rows = json.loads(run("plugins", "list", "--json")[1])
    assert {"gif", "mp4", "ndjson", "png", "svg"} <= {row["name"] for row in rows}
    assert "svg" in run("plugins", "list")[1]


def test_demo(run, tmp_path):
    out = tmp_path / "new" / "demo"
    code, told, _ = run("demo", "--out", out, "--json")
    assert code == 0
    names = {"demo.mp4", "demo.gif", "demo.html", "mouth.svg", "nose.svg", "eye.svg", "ear.svg"}
    assert {path.name for path in out.iterdir()} == names
    report = json.loads(told)
    assert report["frames"] == 77
    assert all(found["in_betweens"] == 70 for found in report["features"].values())
    assert all(found["recognised"] >= 56 for found in report["features"].values())
    with Image.open(out / "demo.gif") as gif:
        assert gif.n_frames == 77
    with av.open(str(out / "demo.mp4")) as video:
        assert len(list(video.decode(video=0))) == 77
        assert video.streams.video[0].average_rate == Fraction(5)


def test_debug_shows_the_traceback_and_keeps_the_exit_code(run):
    code, out, error = run("identify", "missing.png", "--debug")
    assert (code, out) == (2, "")
    assert "Traceback" in error
    assert "missing.png" in error


def test_style_options_have_names_of_their_own(run, tmp_path):
    code, _, _ = run(
        "render", "sample:nose/0", "--out", tmp_path / "a.svg", "--size", "80mm",
        "--stroke", "navy", "--width", "0.5mm", "--background", "white", "--margin", "0.2",
        "--colour-by", "stroke",
    )  # fmt: skip
    text = (tmp_path / "a.svg").read_text()
    assert code == 0
    assert '80mm"' in text
    assert 'fill="#ffffff"' in text
    assert "#0072b2" in text
    code, _, _ = run(
        "animate", "sample:eye/0", "sample:eye/1", "--steps", "2", "--out", tmp_path / "a.webp",
        "--draw-on", "1", "--size", "64",
    )  # fmt: skip
    assert code == 0
    with Image.open(tmp_path / "a.webp") as image:
        assert image.n_frames == 25 + 4


def test_a_style_that_is_said_twice_is_a_mistake(fails):
    command = ("render", "sample:nose/0", "--out", "a.svg", "--stroke", "red", "-O", "stroke=blue")
    assert "--stroke and -O stroke=… say it twice; keep one" in fails(*command)
