"""The examples that make animations: what is in their files is what they say."""

from __future__ import annotations

import wave
from xml.etree import ElementTree

import av
import numpy as np
import pytest
from PIL import Image, ImageSequence

import strokeanim as sa
from tests.examples.scripts import load, pictures, steps

SVG = "{http://www.w3.org/2000/svg}"
LABEL = "{http://www.inkscape.org/namespaces/inkscape}label"


@pytest.mark.slow
def test_the_eye_blinks_and_is_open_again(tmp_path):
    blinking = load("blinking_eye")
    blinking.main(out=tmp_path / "blink")
    with Image.open(tmp_path / "blink.gif") as gif:
        shown = [np.asarray(f.convert("L"), float) for f in ImageSequence.Iterator(gif)]
        lasts = [f.info["duration"] for f in ImageSequence.Iterator(gif)]
    assert sum(lasts) == 3080
    assert max(lasts) == lasts[0] > 1000  # it is open most of the time
    assert (shown[0] == shown[-1]).all()
    heights = [np.ptp(np.flatnonzero((picture < 128).any(axis=1))) for picture in shown]
    assert min(heights) < 0.6 * heights[0]

    moving = ElementTree.parse(tmp_path / "blink.svg").getroot()
    tracks = [a for a in moving.iter(f"{SVG}animate") if a.get("attributeName") == "d"]
    assert tracks
    for track in tracks:
        values = track.get("values").split(";")
        assert track.get("dur") == "3.08s"
        assert values[0] == values[1] == values[-1]  # what stands still does not creep


def test_a_closed_eye_has_lids_on_one_line_and_lashes_below():
    eye = sa.load("sample:eye/4")[0]
    shut = load("blinking_eye").closing(eye)
    assert len(shut.strokes) == len(eye.strokes)
    assert shut.box.height < 0.5 * eye.box.height
    assert shut.box.y > eye.box.y + 0.4 * eye.box.height


@pytest.mark.slow
def test_a_closed_eye_of_ones_own(tmp_path):
    sa.save(sa.load("sample:eye/16")[0], tmp_path / "shut.svg")
    out = tmp_path / "own"
    load("blinking_eye").main(eye="sample:eye/9", shut=str(tmp_path / "shut.svg"), out=out)
    assert (tmp_path / "own.gif").exists()
    assert (tmp_path / "own.svg").exists()


def open_wide(frames):
    """How many rows of each picture have ink."""
    rows = (frames < 128).any(axis=2)
    return np.array([np.ptp(np.flatnonzero(row)) for row in rows])


@pytest.mark.slow
def test_the_mouth_says_mama(tmp_path):
    talking = load("talking_mouth")
    talking.main(visemes="M:0.2 AA:0.2 M:0.2 AA:0.2 -:0.2", out=tmp_path / "mama.mp4")
    frames = pictures(tmp_path / "mama.mp4")
    assert len(frames) == 25
    wide = open_wide(frames)
    assert wide[[2, 12, 23]].max() < 0.5 * wide[[7, 17]].min()
    talking.main(visemes="M:0.2 AA:0.2 M:0.2 AA:0.2 -:0.2", out=tmp_path / "again.mp4")
    assert (tmp_path / "again.mp4").read_bytes() == (tmp_path / "mama.mp4").read_bytes()


@pytest.mark.slow
def test_the_mouth_follows_speech_and_has_it_in_the_file(tmp_path):
    rate, beats = 22050, np.arange(22050 * 2) / 22050
    envelope = np.clip(np.sin(2 * np.pi * 2 * beats), 0, 1)
    sound = envelope * np.sin(2 * np.pi * 180 * beats) * 20000
    with wave.open(str(tmp_path / "speech.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(sound.astype("<i2").tobytes())
    out = tmp_path / "speech.mp4"
    load("talking_mouth").main(audio=tmp_path / "speech.wav", out=out)
    frames = pictures(out)
    assert len(frames) == 50
    loud = envelope.reshape(50, -1).mean(axis=1)
    assert np.corrcoef(open_wide(frames), loud)[0, 1] > 0.9
    with av.open(str(out)) as file:
        (voice,) = file.streams.audio
        assert voice.codec_context.name == "aac"
        assert abs(float(voice.duration * voice.time_base) - 2) < 0.05
        heard = np.concatenate([f.to_ndarray()[0] for f in file.decode(audio=0)])
        assert np.sqrt((heard**2).mean()) > 0.1
        assert float(file.streams.video[0].duration * file.streams.video[0].time_base) == 2
    assert [file.name for file in tmp_path.glob("*.mp4")] == ["speech.mp4"]


@pytest.mark.slow
def test_the_face_is_whole_and_comes_back(tmp_path):
    load("face").main(people=2, out=tmp_path / "face")
    frames = pictures(tmp_path / "face.mp4")
    assert len(frames) == 22
    change = steps(frames)
    assert change[-1] <= change.max()
    assert (change > 0).all()

    root = ElementTree.parse(tmp_path / "face.svg").getroot()
    layers = [group for group in root.findall(f".//{SVG}g") if group.findall(f"{SVG}path")]
    assert len(layers) == 22
    names = [[path.get(LABEL) for path in layer.findall(f"{SVG}path")] for layer in layers]
    assert all(len(set(some)) == len(some) for some in names)
    assert all(some == names[0] for some in names)
    # Both eyes and both ears are as in a mirror, about the middle of the face.
    ink = frames[0] < 128
    columns = np.flatnonzero(ink.any(axis=0))
    middle = (columns[0] + columns[-1]) // 2
    left, right = ink[:, :middle].sum(), ink[:, middle + 1 :].sum()
    assert abs(left - right) < 0.1 * left


@pytest.mark.parametrize("place", range(24))
def test_heads_are_where_ears_open(place):
    drawn = load("face").open_to_the_left(sa.load("sample:ear")[place])
    assert load("face").open_to_the_left(drawn) == drawn
