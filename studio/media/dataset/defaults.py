"""Fills in what a fine-tuning's settings leave open, from the folder's size, the model's and the computer's.

Rules of thumb; each holds until the person says otherwise, and every value ends up in the run's settings.

passes     Writing and music are seen three times, pictures ten times: fine-tuning on few documents begins to learn
           them by heart soon after. Small folders are seen more often (up to PASSES_MOST), or no weight would move:
           at least STEPS_WISHED steps, 2,000 views of pictures (some 20 pictures a hundred times, as guides to
           picture LoRAs have it). Soft prompts and IA3 train a thousandth of the numbers and get twice the steps.
           Validation ends a run early where that was too much (run.patience).
time       No default run takes longer than MINUTES_MOST by estimate (run.minutes where given), unless it would be
           shorter than STEPS_LEAST. A step costs 6 operations a token and parameter (forward 2, backward 4); for
           pictures 0.7 a parameter and latent pixel (SD 1.5 at 512 px: 0.8 T forward, three times that in all). A
           processor core does 25 G of them a second, an accelerator 20 T.
batch      A sixteenth of a pass, 1 to 8 rows, a power of two: LoRA bears large batches less well than full training
           (Schulman and others, LoRA Without Regret, 2025), and small folders need the steps.
rank       By what there is to learn: a model holds up to two bits a parameter (Allen-Zhu and Li, arXiv 2404.05405)
           and text has about one bit a letter; what an adapter could hold beyond that only helps it to learn by
           heart.
rate       core.tune_rates, by method and size; a hundredfold for plain SGD, which does not scale its steps by their
           size.
window     The model's context, at most 1,024 tokens of text or 2,048 of music: memory grows with it at least in
           proportion, and documents are longer than that anyway.
looking up Some 15 validations a run, 10 checkpoints (none further apart than five minutes), 5 rounds of samples.
"""

from math import ceil
from pathlib import Path
from typing import Final, NamedTuple, Protocol

import msgspec

from studio.core.tune_rates import rate_of
from studio.core.tuning import SOFT, AdapterSettings, Art, OptimizerSettings, RunSettings, TuneSettings
from studio.media.dataset.found import Side, Survey
from studio.media.dataset.prepare import nothing_to_learn

CHARS_A_TOKEN: Final = 3.8  # English books: 3.6 with a vocabulary of 4,096, 4.2 with 128,000
TOKENS_A_NOTE: Final = 3.0  # the sketch model: position, pitch, velocity, duration, some of them shared
_UNSPACED_CHARS: Final = 12  # characters a word: Chinese or Japanese, about a token a sign
_TEXT_WINDOW: Final = 1_024
_MUSIC_WINDOW: Final = 2_048
_PICTURE_SIZE: Final = 512
_LATENT_PX: Final = 8
PASSES: Final[dict[Art, float]] = {"text": 3.0, "music": 3.0, "image": 10.0}
PASSES_MOST: Final[dict[Art, float]] = {"text": 20.0, "music": 20.0, "image": 100.0}
VIEWS_WISHED: Final = 2_000
STEPS_WISHED: Final = 100
STEPS_LEAST: Final = 50
MINUTES_MOST: Final = 30.0
_SLOW: Final = SOFT | {"ia3"}
_BATCH_MOST: Final = 8
_ROWS_A_BATCH: Final = 16
_OPERATIONS_A_TOKEN: Final = 6.0
_OPERATIONS_A_LATENT_PIXEL: Final = 0.7
_CORE_SPEED: Final = 25e9
_ACCELERATOR_SPEED: Final = 20e12
_MICRO_TOKENS: Final = (2_048, 16_384)  # processor, accelerator
_MICRO_PIXELS: Final = (2**20, 2**22)
_SGD_FACTOR: Final = 100.0
_CHECKPOINT_S: Final = 300.0
_RANKS: Final = ((100_000, 8), (3_000_000, 16), (30_000_000, 32))  # tokens up to, rank
_PICTURE_RANKS: Final = ((30, 8), (1_000, 16))
_RANK_MOST: Final = {"image": 32, "text": 64, "music": 32}


class Model(Protocol):
    """What of a base model's card (catalog.card.ModelCard) counts here."""

    @property
    def parameters(self) -> int:
        """How many numbers it has."""
        ...

    @property
    def context_tokens(self) -> int:
        """How long a text or piece it can take; 0: not known."""
        ...

    @property
    def size(self) -> tuple[int, int]:
        """A picture model's own width and height; zeros: not known."""
        ...


class _Scale(NamedTuple):
    """What a run works on: rows (windows of tokens, or pictures) in a pass, and how big a row is."""

    rows: float
    row_units: int  # tokens of a window, or pixels of a picture
    operations: float  # of a row


def tokens_of(survey: Survey, side: Side) -> int:
    """About how many tokens of text or music a side has; of pictures their number."""
    documents = survey.on(side)
    if survey.art == "image":
        return len(documents)
    units = sum(document.units for document in documents)
    if survey.art == "music":
        return round(units * TOKENS_A_NOTE) + sum(document.bars for document in documents)
    words = sum(document.words for document in documents)
    return units if units > _UNSPACED_CHARS * words else round(units / CHARS_A_TOKEN)


def complete(
    settings: TuneSettings,
    survey: Survey,
    card: Model,
    *,
    cores: int | None = None,
    accelerated: bool = False,
) -> TuneSettings:
    """The settings with nothing left to fill in; what is given stays. `cores` None: two.

    A run that goes on must use the settings it began with: this reckons with the computer it is called on.
    Raises StudioError "no_data" when there is nothing to learn from.
    """
    if not survey.on("train"):
        raise nothing_to_learn(survey)
    settings = _windows(settings, card)
    scale = _scale(settings, survey, card)
    optimizer = _optimizer(settings, scale, card, accelerated)
    row_s = scale.operations / (_ACCELERATOR_SPEED if accelerated else _CORE_SPEED * max(1, cores or 2))
    pass_steps = max(1.0, scale.rows / optimizer.batch)
    steps = settings.steps or _steps(settings, scale, pass_steps, row_s * optimizer.batch)
    whole: TuneSettings = settings.changed(
        name=settings.name or (Path(survey.folder).name or settings.art)[:100],
        steps=steps,
        epochs=settings.epochs or min(10_000.0, max(0.001, round(steps / pass_steps, 3))),
        adapter=_adapter(settings, tokens_of(survey, "train")),
        optimizer=optimizer,
        run=_run(settings.run, steps, row_s * optimizer.batch, bool(survey.on("validation"))),
    )
    return whole


def _windows(settings: TuneSettings, card: Model) -> TuneSettings:
    """With the size of a row."""
    context = card.context_tokens
    text = min(context or _TEXT_WINDOW, _TEXT_WINDOW)
    music = min(context or _MUSIC_WINDOW, _MUSIC_WINDOW)
    size = min(4096, max(card.size)) or _PICTURE_SIZE
    return settings.changed(  # type: ignore[no-any-return]
        text=settings.text.changed(window=settings.text.window or text),
        music=settings.music.changed(window=settings.music.window or music),
        image=settings.image.changed(size=settings.image.size or size),
    )


def _scale(settings: TuneSettings, survey: Survey, card: Model) -> _Scale:
    parameters = max(1, card.parameters)
    if settings.art == "image":
        pixels = settings.image.size**2
        operations = _OPERATIONS_A_LATENT_PIXEL * parameters * pixels / _LATENT_PX**2
        return _Scale(len(survey.on("train")), pixels, operations)
    window = settings.text.window if settings.art == "text" else settings.music.window
    rows = max(1.0, tokens_of(survey, "train") / window)
    if settings.art == "text" and not settings.text.packing:
        rows = max(rows, len(survey.on("train")))
    return _Scale(rows, window, _OPERATIONS_A_TOKEN * parameters * window)


def _optimizer(settings: TuneSettings, scale: _Scale, card: Model, accelerated: bool) -> OptimizerSettings:
    given = settings.optimizer
    batch = given.batch or _power_of_two(min(_BATCH_MOST, scale.rows / _ROWS_A_BATCH))
    if given.micro_batch and not given.batch:
        batch = ceil(batch / given.micro_batch) * given.micro_batch
    among = _MICRO_PIXELS if settings.art == "image" else _MICRO_TOKENS
    fits = max(1, among[accelerated] // scale.row_units)
    micro = given.micro_batch or max(
        size for size in range(1, batch + 1) if batch % size == 0 and size <= fits
    )
    rate = given.rate
    if not rate:
        rate = rate_of(settings.method, card.parameters)
        rate = min(10.0, rate * _SGD_FACTOR) if given.optimizer == "sgd" else rate
    return given.changed(batch=batch, micro_batch=micro, rate=rate)  # type: ignore[no-any-return]


def _steps(settings: TuneSettings, scale: _Scale, pass_steps: float, step_s: float) -> int:
    """Optimizer steps: by passes, more for a small folder, fewer where that takes too long."""
    if settings.epochs:
        return min(1_000_000, max(1, ceil(settings.epochs * pass_steps)))
    wished = PASSES[settings.art] * pass_steps
    least = VIEWS_WISHED * pass_steps / scale.rows if settings.art == "image" else STEPS_WISHED
    wished = max(wished, min(least, PASSES_MOST[settings.art] * pass_steps))
    if settings.method in _SLOW:
        wished *= 2
    seconds = (settings.run.minutes or MINUTES_MOST) * 60
    return min(1_000_000, max(STEPS_LEAST, ceil(min(wished, seconds / step_s))))


def _adapter(settings: TuneSettings, tokens: int) -> AdapterSettings:
    given = settings.adapter
    ranks = _PICTURE_RANKS if settings.art == "image" else _RANKS
    fits = next((rank for most, rank in ranks if tokens <= most), _RANK_MOST[settings.art])
    rank = given.rank or fits
    return given.changed(rank=rank, alpha=given.alpha or float(rank))  # type: ignore[no-any-return]


def _run(given: RunSettings, steps: int, step_s: float, validated: bool) -> RunSettings:
    apart = max(1, min(ceil(steps / 10), int(_CHECKPOINT_S / step_s)))
    return msgspec.structs.replace(
        given,
        validate_every=given.validate_every or (ceil(steps / 15) if validated else -1),
        checkpoint_every=given.checkpoint_every or apart,
        sample_every=given.sample_every or ceil(steps / 5),
    )


def _power_of_two(most: float) -> int:
    """The largest one that is not greater; at least 1."""
    return 1 << max(0, int(most).bit_length() - 1)
