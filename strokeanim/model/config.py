"""Read the settings of model, data and training from TOML, and check them before anything runs."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, fields, replace
from math import inf
from pathlib import Path
from typing import Any, TypeVar

from strokeanim.errors import InputError

Config = TypeVar("Config")


@dataclass(frozen=True)
class ModelConfig:
    """The architecture of the network.

    Attributes:
        classes: QuickDraw words, in the order of the class head's outputs.
        latent: dimensions of z.
        side: height and width of the encoder's picture in px; a multiple of 16.
        steps: largest number of stroke-5 rows.
        filters: filters of the encoder's four convolutions, each of stride 2.
        units: units of the decoder's LSTM.
        mixtures: bivariate Gaussians per step.
        layer_norm: normalise the LSTM's recurrent input and cell (Ba et al., arXiv 1607.06450).
        pixels: whether the model has an image decoder (training only).
        encoder: `cnn`, whose input is a picture, or `bilstm`, whose input is the strokes
            (sketch-rnn's; it can't encode pictures).
        gate_bias: whether z enters the decoder's gates at every step, not only the initial state.
        class_prior: whether the prior of a latent has a learned mean of its class, instead of 0,
            and the class head classifies by the distances to these means.
        class_spread: variance around the means that this head assumes: 16 puts classes four times
            as far apart as their distinction needs, beyond the differences within a class.
    """

    classes: tuple[str, ...] = ("mouth", "nose", "eye", "ear")
    latent: int = 512
    side: int = 64
    steps: int = 96
    filters: tuple[int, ...] = (16, 48, 96, 128)
    units: int = 384
    mixtures: int = 20
    layer_norm: bool = True
    pixels: bool = True
    encoder: str = "cnn"
    gate_bias: bool = True
    class_prior: bool = False
    class_spread: float = 16.0

    def __post_init__(self) -> None:
        known = self.encoder in ("cnn", "bilstm")
        _check(known, "model.encoder", self.encoder, "choose cnn or bilstm")
        named = len(self.classes) > 0 and all(isinstance(c, str) and c for c in self.classes)
        _check(named, "model.classes", self.classes, "name at least one class")
        _check(
            len(set(self.classes)) == len(self.classes), "model.classes", self.classes, "repeats"
        )
        fine = len(self.filters) == 4 and all(type(f) is int and f > 0 for f in self.filters)
        _check(fine, "model.filters", self.filters, "give four whole numbers above 0")
        _check(self.side % 16 == 0 and self.side > 0, "model.side", self.side, "a multiple of 16")
        for name in ("latent", "units", "mixtures"):
            _check(getattr(self, name) >= 1, f"model.{name}", getattr(self, name), "at least 1")
        spread = self.class_spread
        _check(0 < spread < inf, "model.class_spread", spread, "above 0")
        _check(self.steps >= 8, "model.steps", self.steps, "at least 8")


@dataclass(frozen=True)
class DataConfig:
    """The drawings that a model is trained on.

    Attributes:
        synthetic: number of synthetic drawings.
        real: files of real drawings, of which the `train` split of each class is used.
        shards: folders of `strokeanim data shard`, of which a window is in memory at a time. Their
            drawings count as real if the model has their class, and else as other.
        real_share: share of each batch from real drawings, if any, in equal parts from `real` and
            `shards` if both have some; the rest that is not other is synthetic.
        other: files of drawings of any other classes. The model learns to draw them too, without a
            label, and so from more ways of drawing.
        other_share: share of each batch from those, divided like `real_share`.
        augment: strength of the augmentation; 0 for mirroring only.
        pen_noise: pen drift in teacher forcing, as a share of the longer side.
        canonical: whether strokes are put in canonical form.
    """

    synthetic: int = 20_000
    real: tuple[str, ...] = ()
    shards: tuple[str, ...] = ()
    real_share: float = 0.4
    other: tuple[str, ...] = ()
    other_share: float = 0.2
    augment: float = 1.0
    pen_noise: float = 0.012
    canonical: bool = True

    def __post_init__(self) -> None:
        for name in ("real_share", "other_share"):
            share = getattr(self, name)
            _check(0 <= share <= 1, f"data.{name}", share, "between 0 and 1")
        both = bool(self.real) * self.real_share + bool(self.other) * self.other_share
        _check(both <= 1, "data.real_share + data.other_share", both, "1 at most")
        _check(self.synthetic >= 0, "data.synthetic", self.synthetic, "0 or more")
        for name in ("augment", "pen_noise"):
            _check(0 <= getattr(self, name) < inf, f"data.{name}", getattr(self, name), "0 or more")
        for name in ("real", "shards", "other"):
            paths = all(isinstance(path, str) for path in getattr(self, name))
            _check(paths, f"data.{name}", getattr(self, name), "name files")


@dataclass(frozen=True)
class TrainConfig:
    """The options of training.

    Attributes:
        steps: optimizer steps in all.
        batch: drawings per step.
        rate: peak learning rate of Adam; falls along a cosine to `rate_end`.
        clip: largest global gradient norm.
        kl_weight: β of the KL term, relative to the negative log-likelihood of whole drawings.
        kl_warmup: steps over which β rises from 0.
        free_bits: nats per latent dimension that are free (Kingma et al., arXiv 1606.04934).
        pixel_weight: weight of the image decoder's loss.
        class_weight: weight of the class head's loss.
        log_every: steps between lines of the log.
        save_every: steps between checkpoints.
        valid_every: steps between validations on held-out drawings; see `model.train.train`.
        patience: validations without a better score after which training stops; 0 for never.
        precision: type of the network's computations, `float32` or `bfloat16`, which is faster on
            processors with instructions for it; weights and losses are always float32.
        jit: whether TensorFlow's step is compiled with XLA, which does not pay on a CPU. JAX's
            always is.
        devices: devices that share each batch; 0 for all of the fastest kind. Results do not
            depend on it.
    """

    steps: int = 6000
    batch: int = 128
    rate: float = 1e-3
    rate_end: float = 1e-5
    clip: float = 1.0
    kl_weight: float = 0.02
    kl_warmup: int = 500
    free_bits: float = 0.0
    pixel_weight: float = 0.5
    class_weight: float = 0.2
    log_every: int = 20
    save_every: int = 200
    valid_every: int = 500
    patience: int = 0
    seed: int = 0
    precision: str = "float32"
    jit: bool = False
    devices: int = 1

    def __post_init__(self) -> None:
        for name in ("steps", "batch", "log_every", "save_every", "valid_every"):
            _check(getattr(self, name) >= 1, f"train.{name}", getattr(self, name), "at least 1")
        for name in ("rate", "clip"):
            _check(0 < getattr(self, name) < inf, f"train.{name}", getattr(self, name), "above 0")
        weights = ("kl_weight", "free_bits", "pixel_weight", "class_weight")
        for name in (*weights, "kl_warmup", "patience", "seed"):
            _check(
                0 <= getattr(self, name) < inf, f"train.{name}", getattr(self, name), "0 or more"
            )
        _check(self.devices >= 0, "train.devices", self.devices, "0 for all there are, or more")
        shared = self.batch % max(self.devices, 1) == 0
        rule = f"a multiple of train.devices, which is {self.devices}"
        _check(shared, "train.batch", self.batch, rule)
        known = self.precision in ("float32", "bfloat16")
        _check(known, "train.precision", self.precision, "choose float32 or bfloat16")
        lower = 0 <= self.rate_end <= self.rate
        _check(lower, "train.rate_end", self.rate_end, "between 0 and train.rate")


@dataclass(frozen=True)
class RunConfig:
    """The config of a training run: the three tables of a config file."""

    model: ModelConfig = field(default_factory=ModelConfig)
    data: DataConfig = field(default_factory=DataConfig)
    train: TrainConfig = field(default_factory=TrainConfig)

    def __post_init__(self) -> None:
        trained = self.data.canonical or self.model.encoder == "cnn"
        rule = 'an encoder that reads strokes reads canonical ones; use encoder = "cnn"'
        _check(trained, "data.canonical", self.data.canonical, rule)

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def read_config(
    path: str | Path, data: Iterable[str | Path] = (), other: Iterable[str | Path] = ()
) -> RunConfig:
    """Read a TOML file; tables and keys left out keep their defaults.

    Relative paths in the file are resolved against its folder. `data` adds files of real drawings,
    `other` files of drawings of other classes.

    Raises:
        InputError: the file is missing or not TOML, a key is unknown, or a value has the wrong
            type or is out of range.
    """
    path = Path(path)
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path} is not TOML: {error}") from error
    try:
        config = config_from(table)
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    real = (*(path.parent / name for name in config.data.real), *map(Path, data))
    others = (*(path.parent / name for name in config.data.other), *map(Path, other))
    shards = _resolve_paths(path.parent / name for name in config.data.shards)
    resolved = replace(
        config.data, real=_resolve_paths(real), other=_resolve_paths(others), shards=shards
    )
    return replace(config, data=resolved)


def _resolve_paths(files: Iterable[Path]) -> tuple[str, ...]:
    return tuple(str(file.resolve()) for file in files)


def config_from(table: dict[str, Any]) -> RunConfig:
    """Build a checked `RunConfig` from nested dicts."""
    kinds = {"model": ModelConfig, "data": DataConfig, "train": TrainConfig}
    unknown = set(table) - set(kinds)
    if unknown:
        raise InputError(f"unknown table [{min(unknown)}]; there are [model], [data] and [train]")
    for name, values in table.items():
        _check(isinstance(values, dict), name, values, f"must be a table, [{name}]")
    return RunConfig(
        **{name: build(kind, table.get(name, {}), name) for name, kind in kinds.items()}
    )


def build(kind: type[Config], values: dict[str, Any], where: str) -> Config:
    """Build a config dataclass from a dict; check each value against the type of its default."""
    known = {item.name: item for item in fields(kind)}  # type: ignore[arg-type]
    for name, value in values.items():
        if name not in known:
            raise InputError(f"unknown key {where}.{name}; there are {', '.join(known)}")
        default = known[name].default
        wanted: tuple[type, ...] = (int, float) if isinstance(default, float) else (type(default),)
        if isinstance(default, tuple):
            wanted = (tuple, list)
        if not isinstance(value, wanted) or (isinstance(value, bool) and bool not in wanted):
            raise InputError(f"{where}.{name} = {value!r} must be {wanted[-1].__name__}")
    return kind(**{k: tuple(v) if isinstance(v, list) else v for k, v in values.items()})


def _check(fine: bool, name: str, value: object, rule: str) -> None:
    if not fine:
        raise InputError(f"{name} = {value!r}: {rule}")
