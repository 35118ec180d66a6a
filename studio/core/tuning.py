"""How a model is to be fine-tuned: one frozen value, checked at birth, kept as a TOML file beside the run.

The same declarations check the dialog's values, are what the command line parses into and what the runner reads. A
zero or an empty word means "as fits": media.dataset.defaults fills it in from the folder's size and the model.
"""

from typing import Annotated, Final, Literal, get_args

import msgspec
from msgspec import Meta, ValidationError

from studio.core.checked import Checked
from studio.core.errors import StudioError

Art = Literal["text", "image", "music"]
Method = Literal[
    "lora",
    "dora",
    "adalora",
    "ia3",
    "prefix",
    "prompt",
    "bitfit",
    "last_layers",
    "full",
    "textual_inversion",
]
Optimizer = Literal["adamw", "adamw_fused", "adamw_8bit", "adafactor", "sgd"]
Schedule = Literal["cosine", "linear", "constant", "polynomial", "inverse_sqrt", "cosine_with_restarts"]
Precision = Literal["auto", "fp32", "bf16", "fp16"]
BaseBits = Literal[0, 4, 8]

ARTS: Final[tuple[Art, ...]] = get_args(Art)
METHODS: Final[tuple[Method, ...]] = get_args(Method)
WHOLE: Final[frozenset[Method]] = frozenset(
    ("bitfit", "last_layers", "full")
)  # what comes of them is a model
SOFT: Final[frozenset[Method]] = frozenset(("prefix", "prompt"))  # tokens before the text: cannot be merged
VERSION: Final = 1

Share = Annotated[float, Meta(ge=0.0, le=1.0)]
Count = Annotated[int, Meta(ge=0, le=1_000_000)]


class AdapterSettings(Checked, frozen=True, kw_only=True):
    """The shape of what is trained. `rank` 0: as fits, `alpha` 0: the rank; `targets` empty: what peft or diffusers
    names for it.

    `layers` counts the last layers of "last_layers"; `virtual_tokens` those of "prefix", "prompt" and
    "textual_inversion"; `trigger` is the word that textual inversion learns.
    """

    rank: Annotated[int, Meta(ge=0, le=1024)] = 0
    alpha: Annotated[float, Meta(ge=0.0, le=4096.0)] = 0.0
    dropout: Annotated[float, Meta(ge=0.0, lt=1.0)] = 0.0
    targets: tuple[str, ...] = ()
    layers: Annotated[int, Meta(ge=1, le=1000)] = 2
    virtual_tokens: Annotated[int, Meta(ge=1, le=1024)] = 16
    text_encoder: bool = False
    trigger: Annotated[str, Meta(max_length=80)] = ""


class OptimizerSettings(Checked, frozen=True, kw_only=True):
    """How the weights move. `rate` 0: the method's own. `warmup` is a share of the steps, `clip` 0 turns it off.

    `batch` is the effective batch (sequences or pictures a step), `micro_batch` what is computed at once; 0: as fits.
    `base_bits` 4 or 8 keeps the base quantised (CUDA only).
    """

    optimizer: Optimizer = "adamw"
    rate: Annotated[float, Meta(ge=0.0, le=10.0)] = 0.0
    schedule: Schedule = "cosine"
    warmup: Share = 0.05
    weight_decay: Annotated[float, Meta(ge=0.0, le=1.0)] = 0.0
    clip: Annotated[float, Meta(ge=0.0, le=1000.0)] = 1.0
    batch: Annotated[int, Meta(ge=0, le=65_536)] = 0
    micro_batch: Annotated[int, Meta(ge=0, le=65_536)] = 0
    checkpointing: bool = False
    precision: Precision = "auto"
    base_bits: BaseBits = 0


class DataSettings(Checked, frozen=True, kw_only=True):
    """What of the folder is trained on. Documents (files) fall on one side each, by their content alone.

    `replay` is the share of the training that is like what the base model learnt from, against forgetting.
    `drop_duplicates` leaves out exact and near duplicates; `skip` names files (relative) that are left out.
    `since` is the folder of an earlier run on the same files: what it held out stays held out, what it learnt from is
    learnt from again beside what came since.
    """

    validation: Share = 0.1
    test: Share = 0.1
    replay: Share = 0.0
    drop_duplicates: bool = True
    skip: tuple[str, ...] = ()
    since: str = ""
    seed: Annotated[int, Meta(ge=0, le=2**63 - 1)] = 0


class TextSettings(Checked, frozen=True, kw_only=True):
    """Of writing: `window` is the tokens of a training row (0: the model's context, at most 1,024).

    `fill` is the share of pieces whose middle is asked for last, for models that write between two texts.
    """

    window: Annotated[int, Meta(ge=0, le=131_072)] = 0
    packing: bool = True
    word_dropout: Annotated[float, Meta(ge=0.0, lt=1.0)] = 0.0
    fill: Share = 0.1


class ImageSettings(Checked, frozen=True, kw_only=True):
    """Of pictures: `size` is the side of a square with as many pixels as a training picture (0: the model's).

    `buckets` keeps each picture's shape, else it is cut square. `min_snr` is gamma (arXiv 2303.09556), 0 off;
    `ema` the decay of the mean of the weights, 0 off. `prior_folder` holds pictures of the class for prior
    preservation (arXiv 2208.12242), told by `prior_caption`. `caption` stands in for pictures that have none;
    `captions` is a file of the person's own captions (media.dataset.captions), which go before the folder's.
    """

    size: Annotated[int, Meta(ge=0, le=4096)] = 0
    buckets: bool = True
    flip: bool = False
    crop: bool = False
    colour: Share = 0.0
    min_snr: Annotated[float, Meta(ge=0.0, le=100.0)] = 0.0
    ema: Annotated[float, Meta(ge=0.0, lt=1.0)] = 0.0
    caption: Annotated[str, Meta(max_length=2000)] = ""
    captions: str = ""
    caption_dropout: Share = 0.1
    trigger: Annotated[str, Meta(max_length=80)] = ""
    cache: bool = True
    prior_folder: str = ""
    prior_caption: Annotated[str, Meta(max_length=2000)] = ""
    prior_weight: Annotated[float, Meta(ge=0.0, le=10.0)] = 1.0


class MusicSettings(Checked, frozen=True, kw_only=True):
    """Of music: the share of infilling in the task mix, and how far pieces are moved: semitones, share of tempo."""

    window: Annotated[int, Meta(ge=0, le=131_072)] = 0
    infill: Share = 0.75
    transpose: Annotated[int, Meta(ge=0, le=12)] = 5
    tempo: Share = 0.1


class RunSettings(Checked, frozen=True, kw_only=True):
    """What a run does besides training. Steps between things; 0: as fits, -1: never.

    `patience` is how many validations without a better one end the run (0: it never ends early). `samples` are
    prompts for samples; empty: some are taken from the validation side. `minutes` 0: no limit.
    """

    validate_every: Annotated[int, Meta(ge=-1, le=1_000_000)] = 0
    checkpoint_every: Annotated[int, Meta(ge=-1, le=1_000_000)] = 0
    checkpoints: Annotated[int, Meta(ge=1, le=100)] = 2
    sample_every: Annotated[int, Meta(ge=-1, le=1_000_000)] = 0
    samples: Annotated[tuple[str, ...], Meta(max_length=8)] = ()
    patience: Annotated[int, Meta(ge=0, le=1000)] = 3
    minutes: Annotated[float, Meta(ge=0.0, le=100_000.0)] = 0.0
    tensorboard: bool = True
    wandb: bool = False


class SearchSettings(Checked, frozen=True, kw_only=True):
    """A search for good settings: `trials` runs (0: none, the settings hold as they are), at most `minutes` in all.

    What is tried: learning rates from a tenth to ten times the one given, ranks, half and twice the steps.
    """

    trials: Annotated[int, Meta(ge=0, le=1000)] = 0
    minutes: Annotated[float, Meta(ge=0.0, le=100_000.0)] = 0.0


class TuneSettings(Checked, frozen=True, kw_only=True):
    """One fine-tuning: what is to learn from what, how, how long, and where the result goes.

    `base` is a model's folder, `from_adapter` one of its adapters to go on from. `steps` counts optimizer steps and
    wins over `epochs`; both 0: as fits. `out` is the folder of the result ("": beside the run).
    """

    version: Annotated[int, Meta(ge=1, le=VERSION)] = VERSION
    art: Art
    base: str
    folder: str
    name: Annotated[str, Meta(max_length=100)] = ""
    method: Method = "lora"
    from_adapter: str = ""
    steps: Count = 0
    epochs: Annotated[float, Meta(ge=0.0, le=10_000.0)] = 0.0
    out: str = ""
    licence: Annotated[str, Meta(max_length=400)] = ""
    seed: Annotated[int, Meta(ge=0, le=2**63 - 1)] = 0
    adapter: AdapterSettings = AdapterSettings()
    optimizer: OptimizerSettings = OptimizerSettings()
    data: DataSettings = DataSettings()
    text: TextSettings = TextSettings()
    image: ImageSettings = ImageSettings()
    music: MusicSettings = MusicSettings()
    run: RunSettings = RunSettings()
    search: SearchSettings = SearchSettings()

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.method == "textual_inversion" and self.art != "image":
            raise ValidationError("method: textual inversion teaches a picture model a word")
        if self.data.validation + self.data.test > 0.9:
            raise ValidationError("data.validation: with data.test it leaves nothing to train on")


def read_settings(text: str, name: str = "the file") -> TuneSettings:
    """Settings of a TOML file's text. Raises StudioError that names the field that is wrong."""
    try:
        return msgspec.toml.decode(text, type=TuneSettings)
    except msgspec.ValidationError as error:
        what = f"{name} is not a fine-tuning this version can do: {error}."
    except msgspec.DecodeError as error:
        what = f"{name} is not TOML: {error}."
    raise StudioError(what, kept="Nothing was changed.", do="Correct it, or save a new one.", code="config")


def write_settings(settings: TuneSettings) -> str:
    """The TOML text of settings; reading it gives them back."""
    return msgspec.toml.encode(settings).decode()
