"""Batches, part by part; whole runs are in tests/cli/test_batch.py."""

from __future__ import annotations

import json
import shutil
import sys
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from strokeanim.batch.jobs import Outcome
from strokeanim.batch.manifest import Entry, random_pairs, read_manifest, resolve_relative
from strokeanim.batch.naming import check_inside, format_template
from strokeanim.batch.shared_decoder import run_batched
from strokeanim.engine import load_model
from strokeanim.errors import InputError, MissingDependencyError, OutputError
from strokeanim.geometry import Picture
from strokeanim.io.samples import all_samples, samples_of
from strokeanim.io.saving import save
from strokeanim.pipeline import animate

pytest.importorskip("fsspec", reason="strokeanim[batch] is not installed")

from strokeanim.batch.dispatcher import run
from strokeanim.batch.journal import Journal
from strokeanim.batch.planning import plan
from strokeanim.batch.store import FsspecStore, LocalStore, open_store

# --- manifests ---


def written(folder: Path, name: str, text: str) -> str:
    (folder / name).write_text(text, encoding="utf-8")
    return str(folder / name)


CSV = 'source,out,steps\na.ndjson#1,"{label}, {key}.svg",3\n\nb.svg c.svg,,\n'
JSON = """{"source": ["a.ndjson#1"], "out": "{label}.svg", "steps": 3}

{"source": "b.svg", "options": {"crf": 20}, "loop": null}
"""
TOML = """# jobs
[[job]]
source = "a.ndjson#1"
steps = 3

[[job]]
source = ["b.svg", "c.svg"]
"""


@pytest.mark.parametrize("name", ["a.csv", "a"])
def test_csv(tmp_path, name):
    assert read_manifest(written(tmp_path, name, CSV)) == [
        Entry(2, {"source": "a.ndjson#1", "out": "{label}, {key}.svg", "steps": "3"}),
        Entry(4, {"source": "b.svg c.svg"}),
    ]


def test_a_cell_of_several_lines_counts_them(tmp_path):
    text = 'source,name\na,"one\ntwo"\nb,c\n'
    assert [one.line for one in read_manifest(written(tmp_path, "a.csv", text))] == [2, 4]


@pytest.mark.parametrize("name", ["a.jsonl", "a.ndjson", "a"])
def test_json_lines(tmp_path, name):
    assert read_manifest(written(tmp_path, name, JSON)) == [
        Entry(1, {"source": ["a.ndjson#1"], "out": "{label}.svg", "steps": 3}),
        Entry(3, {"source": "b.svg", "options": {"crf": 20}}),
    ]


@pytest.mark.parametrize("name", ["a.toml", "a"])
def test_toml(tmp_path, name):
    assert read_manifest(written(tmp_path, name, TOML)) == [
        Entry(2, {"source": "a.ndjson#1", "steps": 3}),
        Entry(6, {"source": ["b.svg", "c.svg"]}),
    ]


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("a.csv", "source,out\na,b,c\n", "a.csv:2: 3 cells and 2 columns"),
        ("a.csv", "source,out,source\na,b,c\n", "a.csv:1: the column 'source' is there twice"),
        ("a.csv", 'source\n"a\n', "a.csv:2: no valid CSV"),
        ("a.csv", "source\n", "holds no jobs"),
        ("a.csv", "", "is empty|holds no jobs"),
        ("a.jsonl", '{"source": "a"}\n{"source": \n', "a.jsonl:2: no valid JSON"),
        ("a.jsonl", '["a"]\n', "a.jsonl:1: each line must be an object"),
        ("a.toml", "[[job]]\nsource = \n", "a.toml is not TOML: .*line 2"),
        ("a.toml", "[job]\nsource = 'a'\n", r"jobs are tables \[\[job\]\]"),
        ("a.toml", "[[jobs]]\nsource = 'a'\n", "unknown key 'jobs'"),
    ],
)
def test_no_manifest(tmp_path, name, text, told):
    with pytest.raises(InputError, match=told):
        read_manifest(written(tmp_path, name, text))


def test_sources_are_beside_the_manifest():
    assert resolve_relative("jobs/a.csv", "b.svg#layer") == "jobs/b.svg#layer"
    assert resolve_relative("a.csv", "b.svg") == "b.svg"
    assert resolve_relative("s3://bucket/jobs/a.csv", "b.svg") == "s3://bucket/jobs/b.svg"
    for elsewhere in ("/b.svg", "sample:eye/1", "s3://c/b.svg", "-"):
        assert resolve_relative("jobs/a.csv", elsewhere) == elsewhere


def test_random_pairs_are_different_and_of_one_class(tmp_path):
    drawings = all_samples()
    save(drawings, tmp_path / "a.ndjson")
    source = str(tmp_path / "a.ndjson")
    entries = random_pairs(source, 30, seed=3)
    pairs = [tuple(int(one.rpartition("#")[2]) for one in e.values["source"]) for e in entries]
    assert len(pairs) == 4 * 30
    assert len({frozenset(pair) for pair in pairs}) == len(pairs)
    assert all(a != b and drawings[a].label == drawings[b].label for a, b in pairs)
    assert entries == random_pairs(source, 30, seed=3)
    assert entries != random_pairs(source, 30, seed=4)
    every = random_pairs(source, 10_000)
    assert len(every) == 4 * 24 * 23 // 2  # all there are


def test_every_pair_is_as_likely(tmp_path):
    save(samples_of("ear")[:4], tmp_path / "a.ndjson")
    counts: dict[frozenset[str], int] = {}
    for seed in range(600):
        (entry,) = random_pairs(str(tmp_path / "a.ndjson"), 1, seed)
        pair = frozenset(one.rpartition("#")[2] for one in entry.values["source"])
        counts[pair] = counts.get(pair, 0) + 1
    assert len(counts) == 6
    assert all(70 < count < 130 for count in counts.values())


# --- names ---


@pytest.mark.parametrize(
    ("template", "name"),
    [
        ("{label}/{key}.svg", "eye/a-b.svg"),
        ("{line:04d}-{key}.gif", "0007-a-b.gif"),
        ("{{{label}}}.svg", "{eye}.svg"),
        ("plain-%04d.png", "plain-%04d.png"),
    ],
)
def test_templates(template, name):
    assert format_template(template, {"label": "eye", "key": "a/b", "line": 7}) == name


@pytest.mark.parametrize(
    ("template", "told"),
    [
        ("{lable}.svg", "did you mean {label}"),
        ("{empty}.svg", "is empty; use {line}"),
        ("{dots}.svg", "is empty"),
        ("{label.svg", "is no template"),
        ("{label!r:>x}.svg", "is no template|field"),
    ],
)
def test_bad_templates(template, told):
    with pytest.raises(InputError, match=told):
        format_template(template, {"label": "eye", "empty": "", "dots": ".."})


@pytest.mark.parametrize(
    "name", ["../a.svg", "a/../../b.svg", "/etc/a.svg", "c:/a.svg", "a\\b.svg", ".", ""]
)
def test_names_that_lead_outside(tmp_path, name):
    with pytest.raises(InputError, match=r"leads out|no file name"):
        check_inside(name, tmp_path)


def test_a_link_that_leads_outside(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "link").symlink_to(tmp_path)
    assert check_inside("a/b.svg", tmp_path / "out") == "a/b.svg"
    with pytest.raises(InputError, match="through a link"):
        check_inside("link/b.svg", tmp_path / "out")
    with pytest.raises(InputError, match="its journal"):
        check_inside(".strokeanim/b.svg", tmp_path / "out")


# --- plans ---


def planned(folder: Path, *values: dict, **more):
    entries = [Entry(line, value) for line, value in enumerate(values, start=2)]
    return plan(entries, str(folder / "out"), load_model, name="a.csv", **more)


def test_a_plan_is_what_was_asked_for(tmp_path):
    (job,) = planned(
        tmp_path,
        {"source": "sample:eye/0 sample:eye/1", "steps": "3", "loop": "cycle", "size": 64,
         "out": ["{label}/{line}.gif", "{stem}.svg"], "options": "profile=web", "tween-fps": 12},
        defaults={"fps": "8", "steps": "7"},
    )  # fmt: skip
    assert (job.line, job.label, job.outputs) == (2, "eye", ("eye/2.gif", "sample-eye.svg"))
    assert (job.request.steps, job.request.fps, job.request.tween_fps) == (3, 8, 12)
    assert job.request.loop == "cycle"
    assert job.options == {"profile": "web", "size": "64"}
    assert [get().label for get in job.drawings] == ["eye", "eye"]


def test_one_source_goes_to_the_drawing_that_animate_goes_to(tmp_path):
    save(all_samples(), tmp_path / "a.ndjson")
    (job,) = planned(tmp_path, {"source": f"{tmp_path}/a.ndjson#3", "seed": 5, "out": "a.svg"})
    from strokeanim.pipeline import resolve_sources

    wanted = resolve_sources([f"{tmp_path}/a.ndjson#3"], 5, load_model)
    assert [get() for get in job.drawings] == wanted


def test_every_mistake_is_told_with_its_line(tmp_path):
    (tmp_path / "out").mkdir()
    pair = "sample:eye/0 sample:eye/1"
    with pytest.raises(InputError) as caught:
        planned(
            tmp_path,
            {"source": pair, "out": "a.svg"},
            {"source": "no.ndjson", "out": "b.svg"},
            {"source": "sample:eye/999", "out": "b.svg"},
            {"sorce": pair},
            {"source": pair, "steps": "three"},
            {"source": pair, "out": "./a.svg"},
            {"source": pair, "out": "a.svg/b.svg"},
            {"source": pair, "out": "../b.svg"},
            {"source": pair, "out": "b.nope"},
            {"source": pair, "out": "b.png"},
            {"source": pair, "out": "b.svg", "options": "profil=web"},
            {"source": pair, "out": "b.svg", "size": "64", "options": "size=32"},
            {"source": pair, "out": "b.svg", "coherence": {"bend": -1}},
            {"source": 7, "out": "b.svg"},
            {"out": "b.svg"},
            {"source": 'a "b', "out": "b.svg"},
            {"source": pair, "out": "b.svg", "fps": -1},
            {"source": pair, "out": "b.mp4", "background": "none"},
            {"source": "sample:eye/0 sample:ear/0", "out": "b.svg"},
            {"source": pair, "out": "b.svg", "independent": True, "coherence": "bend=1"},
            {"source": pair, "out": "c.svg ./c.svg"},
            {"source": pair, "out": "A.SVG"},
        )
    lines = str(caught.value).splitlines()
    told = [
        "no file no.ndjson", "24 drawings", "did you mean 'source'", "whole number", "of line 2",
        "of line 2", "leads out", "no installed renderer writes .nope", "b-%04d.png|%04d",
        "did you mean 'profile'", "say it twice", "from 0", "text or a list", "missing or empty",
        "no closing quotation", "fps", "no transparency", "different classes",
        "leave out coherence", "twice in this job", "of line 2",
    ]  # fmt: skip
    assert len(lines) == len(told)
    for number, (line, part) in enumerate(zip(lines, told, strict=True), start=3):
        assert line.startswith(f"a.csv:{number}: ")
        assert any(one in line for one in part.split("|")), line
    assert list((tmp_path / "out").iterdir()) == []


def test_a_series_has_all_names_of_its_kind(tmp_path):
    pair = "sample:eye/0 sample:eye/1"
    fine = ("1-%04d.png", "2-%04d.png", "b-%d.svg", "c-0.svg", "d/%d.gif", "e/1.gif", "f1-2.svg")
    planned(tmp_path, *({"source": pair, "out": name} for name in fine))
    for names in (("a-%04d.svg", "a-7.svg"), ("a-7.svg", "a-%d.svg"), ("a-%d.svg", "A-%03d.svg")):
        with pytest.raises(InputError, match="of line 2 too"):
            planned(tmp_path, *({"source": pair, "out": name} for name in names))


def test_many_mistakes_are_not_all_told(tmp_path):
    with pytest.raises(InputError, match="and 5 more"):
        planned(tmp_path, *({"source": "no.svg"} for _ in range(30)))


def test_equal_jobs_have_equal_digests_and_others_others(tmp_path):
    save(all_samples(), tmp_path / "a.ndjson")
    pair = [f"{tmp_path}/a.ndjson#0", f"{tmp_path}/a.ndjson#1"]
    base = {"source": pair, "out": "a.svg", "allow_class_change": True}
    (job,) = planned(tmp_path, base)
    assert planned(tmp_path, base)[0].digest == job.digest
    others = [
        {"steps": 3}, {"seed": 1}, {"out": "b.svg"}, {"size": 64}, {"source": pair[::-1]},
        {"coherence": "bend=1"}, {"renderer": "svg-animated"},
    ]  # fmt: skip
    digests = {planned(tmp_path, base | other)[0].digest for other in others}
    assert len(digests - {job.digest}) == len(others)
    drawings = list(all_samples())
    save([drawings[0], *drawings[1:][::-1]], tmp_path / "a.ndjson")
    assert planned(tmp_path, base)[0].digest != job.digest
    save([*drawings, drawings[0]], tmp_path / "a.ndjson")
    assert planned(tmp_path, base)[0].digest == job.digest  # what else is in a file is all the same


# --- drawing together ---


def test_in_company_all_is_as_it_is_alone():
    model = load_model()
    pairs = [
        (samples_of(label)[k], samples_of(label)[k + 1])
        for label in ("eye", "nose")
        for k in (0, 4)
    ]
    batches: list[int] = []

    class Counting:
        def __getattr__(self, name):
            return getattr(model, name)

        def decode(self, z, *more):
            batches.append(len(z))
            return model.decode(z, *more)

    def task(pair, coherent):
        return lambda shared: animate(*pair, steps=3, coherent=coherent, model=shared)

    for coherent in (True, False):
        batches.clear()
        made = run_batched(Counting(), [task(pair, coherent) for pair in pairs])
        assert len(batches) == 1
        alone = [animate(*pair, steps=3, coherent=coherent, model=model) for pair in pairs]
        assert [one.result() for one in made] == alone


def test_an_error_in_company_is_of_one_only():
    model = load_model()
    eye = samples_of("eye")

    def wrong(shared):
        return shared.decode(np.full((2, shared.latent), np.nan, np.float32))

    def early(shared):
        raise ValueError("before it decodes")

    def right(shared):
        return animate(eye[0], eye[1], steps=1, coherent=False, model=shared)

    a, b, c = run_batched(model, [wrong, early, right])
    with pytest.raises(InputError, match="NaN"):
        a.result()
    with pytest.raises(ValueError, match="before"):
        b.result()
    assert c.result() == animate(eye[0], eye[1], steps=1, coherent=False, model=model)


def test_a_task_that_decodes_many_times_waits_for_nobody():
    model = load_model()
    z = model.encode(samples_of("ear")[:2])
    often = lambda shared: [shared.decode(z[:1]) for _ in range(3)][-1]  # noqa: E731
    once = lambda shared: shared.decode(z[1:])  # noqa: E731
    before = threading.active_count()
    a, b = run_batched(model, [often, once])
    assert [*a.result(), *b.result()] == model.decode(z)
    assert threading.active_count() == before


def test_a_drawing_does_not_depend_on_those_it_is_decoded_with():
    """Bit for bit: else a batch that goes on would leave other files than one that does not."""
    model = load_model()
    z = np.repeat(model.encode(all_samples()[::8]), 3, axis=0)
    heat = np.tile(np.array([0.0, 0.15, 1.0], np.float32), len(z) // 3)

    def chance():
        return [np.random.default_rng([5, k]) for k in range(len(z))]

    whole = model.decode(z, heat, chance())
    for size in (1, 2, 5, 16):
        parts = [
            one
            for k in range(0, len(z), size)
            for one in model.decode(z[k : k + size], heat[k : k + size], chance()[k : k + size])
        ]
        assert parts == whole


# --- stores and journals ---


@pytest.fixture(params=["folder", "memory", "slow"])
def store(request, tmp_path):
    if request.param == "folder":
        return LocalStore(tmp_path / "out")
    import fsspec

    fsspec.filesystem("memory").store.clear()
    found = open_store("memory://out/deep")
    assert isinstance(found, FsspecStore)
    if request.param == "slow":  # one that needs another name first
        found._protocols = {"sftp"}
    return found


def test_a_store_takes_files_whole(store):
    assert store.sizes() == {}
    with store.scratch() as folder:
        (folder / "a.svg").write_bytes(b"12345")
        assert store.take(folder / "a.svg", "eye/a.svg") == 5
    store.write("b.txt", b"1")
    store.write("b.txt", b"12")
    assert store.sizes() == {"eye/a.svg": 5, "b.txt": 2}
    assert store.read("b.txt") == b"12"
    store.remove("b.txt")
    store.remove("b.txt")
    store.clear_scratch()
    assert store.sizes() == {"eye/a.svg": 5}


def test_what_can_not_be_written_is_told(tmp_path):
    (tmp_path / "out").write_text("")
    with pytest.raises(OutputError, match="out"):
        LocalStore(tmp_path / "out").write("a.svg", b"1")
    store = open_store("memory://out")
    with pytest.raises(OutputError, match="memory://out/no"):
        store.read("no")


def test_a_journal_knows_what_is_done(store, tmp_path):
    pair = "sample:eye/0 sample:eye/1"
    jobs = planned(tmp_path, *({"source": pair, "out": f"{k}.svg"} for k in range(4)))
    for name in ("0.svg", "1.svg", "2.svg"):
        store.write(name, b"12")
    journal = Journal(store, "faces")
    assert not any(map(journal.is_done, jobs))
    journal.add(jobs[0], Outcome({"0.svg": 2}))
    journal.flush()
    journal.add(jobs[1], Outcome({"1.svg": 7}))  # it has changed since
    journal.add(jobs[3], Outcome(error="no"))
    journal.close()
    assert len([name for name in store.sizes() if "journal" in name]) == 1
    again = Journal(store, "faces")
    assert [again.is_done(job) for job in jobs] == [True, False, False, False]
    assert not Journal(store, "another model").is_done(jobs[0])
    other = replace(jobs[0], digest="another job that writes the same file")
    again.add(other, Outcome({"0.svg": 2}))
    again.close()
    assert not Journal(store, "faces").is_done(jobs[0])


def test_a_damaged_journal_costs_no_more_than_what_it_knew(store, tmp_path):
    store.write(".strokeanim/journal/1.jsonl", b'{"job": "a", "files": {"a": 1}}\n{"jo\n[]\n\xff\n')
    journal = Journal(store, "faces")
    journal.close()
    assert len([name for name in store.sizes() if "journal" in name]) == 1


def test_into_memory(tmp_path):
    """In this process, where a store in memory is one place."""
    import fsspec

    pytest.importorskip("distributed")
    fsspec.filesystem("memory").store.clear()
    entries = [Entry(1, {"source": "sample:eye/0 sample:eye/1", "steps": 1, "out": "a/b.ndjson"})]
    jobs = plan(entries, "memory://made", load_model)
    events: list[str] = []
    summary = run(jobs, "memory://made", workers=0, report=lambda e: events.append(e.kind))
    assert summary.total("done") == 1
    assert events == ["plan", "cluster", "done", "end"]
    data = fsspec.filesystem("memory").cat_file("/made/a/b.ndjson")
    assert len(data.splitlines()) == 3
    assert json.loads(data.splitlines()[0])["word"] == "eye"
    assert run(jobs, "memory://made", workers=0).total("up_to_date") == 1
    assert run(jobs, "memory://made", workers=0, force=True).total("done") == 1
    with pytest.raises(InputError, match="workers=0"):
        run(jobs, "memory://made", workers=1)


def test_workers_that_can_not_take_part(tmp_path, monkeypatch):
    pytest.importorskip("distributed")
    from strokeanim.batch import dispatcher, worker

    class Older(worker.RenderWorker):
        def __init__(self, *arguments):
            super().__init__(*arguments)
            self.version = "0.0.1"

    entries = [Entry(1, {"source": "sample:eye/0 sample:eye/1", "out": "a.svg"})]
    jobs = plan(entries, str(tmp_path), load_model)
    with monkeypatch.context() as patch:
        patch.setattr(worker, "RenderWorker", Older)
        with pytest.raises(InputError, match=r"begun by 0\.0\.1; install the same"):
            run(jobs, tmp_path, workers=0)
    shutil.rmtree(tmp_path / dispatcher.PRIVATE_FOLDER)
    monkeypatch.setattr(LocalStore, "write", lambda *_: None)
    with pytest.raises(InputError, match="does not see"):
        run(jobs, tmp_path, workers=0)


def test_another_model_draws_all_again(tmp_path):
    pytest.importorskip("distributed")
    import strokeanim.engine

    folder = tmp_path / "model"
    shutil.copytree(strokeanim.engine.model_folder(), folder)
    entries = [Entry(1, {"source": "sample:eye/0 sample:eye/1", "out": "a.svg", "steps": 1})]
    jobs = plan(entries, str(tmp_path / "o"), load_model)
    assert run(jobs, tmp_path / "o", workers=0).total("done") == 1
    assert run(jobs, tmp_path / "o", workers=0, model=folder).total("up_to_date") == 1
    facts = json.loads((folder / "model.json").read_text())
    (folder / "model.json").write_text(json.dumps(facts | {"name": "another"}))
    assert run(jobs, tmp_path / "o", workers=0, model=folder).total("done") == 1
    (folder / "step.onnx").unlink()
    with pytest.raises(InputError, match=r"step\.onnx"):
        run(jobs, tmp_path / "o", workers=0, model=folder)


def test_without_dask_nothing_is_written(tmp_path, monkeypatch):
    entries = [Entry(1, {"source": "sample:eye/0 sample:eye/1", "out": "a.svg"})]
    jobs = plan(entries, str(tmp_path / "o"), load_model)
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(MissingDependencyError, match=r"pip install 'strokeanim\[batch\]'"):
        run(jobs, tmp_path / "o")
    assert not (tmp_path / "o").exists()


def test_two_at_once_in_one_folder(tmp_path):
    pytest.importorskip("distributed")
    from strokeanim.io.locks import locked

    entries = [Entry(1, {"source": "sample:eye/0 sample:eye/1", "out": "a.svg"})]
    jobs = plan(entries, str(tmp_path), load_model)
    LocalStore(tmp_path).write(".strokeanim/README.txt", b"")
    with (
        locked(tmp_path / ".strokeanim" / "batch"),
        pytest.raises(InputError, match="another batch writes"),
    ):
        run(jobs, tmp_path, workers=0)
    shutil.rmtree(tmp_path / ".strokeanim")


def test_a_picture_that_has_gone_meanwhile_is_one_failure(tmp_path):
    pytest.importorskip("distributed")
    from PIL import Image

    ink = np.full((40, 40), 255, np.uint8)
    ink[10:30, 10:12] = ink[10:30, 28:30] = ink[10:12, 10:30] = 0
    Image.fromarray(ink).save(tmp_path / "a.png")
    entries = [
        Entry(1, {"source": [f"{tmp_path}/a.png", "sample:eye/1"], "out": "a.svg", "steps": 1}),
        Entry(2, {"source": "sample:eye/0 sample:eye/1", "out": "b.svg", "steps": 1}),
    ]
    defaults = {"allow_class_change": True}
    jobs = plan(entries, str(tmp_path / "o"), load_model, defaults=defaults)
    assert isinstance(jobs[0].drawings[0](), Picture)
    (tmp_path / "a.png").unlink()
    summary = run(jobs, tmp_path / "o", workers=0)
    assert summary.total("done") == 1
    assert summary.failed[0][0] == 1
    assert "no file" in summary.failed[0][1]
