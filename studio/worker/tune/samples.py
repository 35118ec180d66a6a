"""Samples of a run: what the model makes of the same prompts with the same seeds, before it learnt and while it does.

They are made by the code that makes takes, from the model as it stands in the trainer's memory.
"""

import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import torch
from msgspec import Struct
from msgspec.structs import replace

from studio.catalog.card import ModelCard
from studio.catalog.inspect import inspect_model
from studio.core.errors import StudioError
from studio.core.events import Event, TakeEnd
from studio.core.files import write_whole
from studio.core.jobs import TextJob
from studio.core.pieces import PieceJob
from studio.core.seeds import take_seeds
from studio.core.tune_events import Sampled
from studio.core.tuning import SOFT
from studio.media.dataset.found import Document, Side, Survey
from studio.media.music.carried import named
from studio.media.music.document_takes import with_take
from studio.media.music.midi import read_midi
from studio.media.music.midi_write import excerpt, write_midi
from studio.media.music.score import Score
from studio.worker.causal.generic import GenericModel
from studio.worker.causal.kept import KeptPrompts
from studio.worker.tune.peft_folders import quiet
from studio.worker.tune.run import OnSample, Run, no_sample

SAMPLES: Final = 3  # where the person names no prompts
TOKENS: Final = 160
BARS_BEFORE: Final = 4
BARS: Final = 8
NOTES: Final = 600  # of eight bars at most
_OPENING_CHARS: Final = 80
_JOB: Final = "sample"


class Prompt(Struct, frozen=True, kw_only=True):
    """What a sample begins with: words, or the bars before it; `words` say it in either case."""

    words: str
    seed: int
    score: Score | None = None


class Made(Struct, frozen=True, kw_only=True):
    """A sample: its file's bytes and ending, its text where it is one, its notes alone where it is a piece."""

    data: bytes
    ending: str
    text: str = ""
    score: Score | None = None


Make = Callable[[Any, Prompt], Made]


def sampler_for(run: Run) -> OnSample:
    """What makes the samples of a run; call it when `run.settings` and `run.survey` are complete."""
    settings = run.settings
    if settings.run.sample_every < 0 or (settings.method in SOFT and settings.art == "music"):
        return no_sample
    card = inspect_model(settings.base)
    make = maker(card)
    prompts = prompts_for(run, SAMPLES, ("validation", "train"))
    if settings.method == "textual_inversion" and not settings.run.samples:
        prompts = [replace(one, words=f"{settings.adapter.trigger} {one.words}".strip()) for one in prompts]

    def on_sample(step: int, model: Any) -> None:
        for index, prompt in enumerate(prompts):
            run.check()
            try:
                made = make(model, prompt)
            except StudioError as error:
                run.note(f"A sample could not be made: {error.what}", error.do, "sample", step)
                return
            file = run.folder.samples / f"step-{step:06d}-{index}{made.ending}"
            file.parent.mkdir(exist_ok=True)
            write_whole(file, made.data)
            name = file.relative_to(run.folder.path).as_posix()
            run.tell(Sampled(step=step, index=index, prompt=prompt.words, file=name, seed=prompt.seed))

    return on_sample


# -- prompts ---------------------------------------------------------------------------------------


def prompts_for(run: Run, most: int, sides: Sequence[Side]) -> list[Prompt]:
    """The person's prompts, else openings of documents of the first of these sides that has some."""
    settings = run.settings
    seeds = take_seeds(settings.seed, max(most, len(settings.run.samples)))
    if settings.run.samples and settings.art != "music":
        return [
            Prompt(words=words, seed=seed) for words, seed in zip(settings.run.samples, seeds, strict=False)
        ]
    documents = next((here for side in sides if (here := run.survey.on(side))), ())
    opened: list[Prompt] = []
    for document in documents:
        if len(opened) == most:
            break
        if (prompt := _opening(run, document, seeds[len(opened)])) is not None:
            opened.append(prompt)
    return opened


def _opening(run: Run, document: Document, seed: int) -> Prompt | None:
    match run.settings.art:
        case "image":
            return Prompt(words=document.caption, seed=seed)
        case "music":
            score = opening_bars(run.survey, document)
            return Prompt(words=document.file, seed=seed, score=score) if score is not None else None
        case _:
            words = opening_words(run.folder.data, document)
            return Prompt(words=words, seed=seed) if words else None


def opening_words(data: Path, document: Document, chars: int = _OPENING_CHARS) -> str:
    """The first whole words of a text."""
    from studio.media.dataset.prepare import texts

    row = next((row for row in texts(data, document.side) if row.sha256 == document.sha256), None)
    text = row.text.strip() if row is not None else ""
    return text if len(text) <= chars else text[:chars].rsplit(maxsplit=1)[0]


def opening_bars(survey: Survey, document: Document) -> Score | None:
    """The first bars of a piece that has more; None where there is not enough, or no note."""
    from studio.media.dataset.prepare import check

    score = read_midi(check(survey, document).read_bytes(), document.file).score
    starts = score.bars().starts
    if len(starts) <= BARS_BEFORE + 1:
        return None
    opened = excerpt(score, 0, starts[BARS_BEFORE])
    return opened if opened.note_count else None


# -- making ----------------------------------------------------------------------------------------


def maker(card: ModelCard) -> Make:
    """What makes samples of models with this card's base."""
    match card.kind:
        case "image":
            return _Pictures(card)
        case "music":
            return _Pieces(card)
        case _:
            return _Texts(card)


class _Texts:
    """Continues an opening."""

    def __init__(self, card: ModelCard) -> None:
        from studio.worker.text.tokens import load_tokens

        self._card, self._tokens = card, load_tokens(Path(card.path))

    def __call__(self, model: Any, prompt: Prompt) -> Made:
        text = self._soft(model, prompt) if _is_soft(model) else self._text(model, prompt)
        return Made(data=f"{prompt.words}{text}\n".encode(), ending=".txt", text=text)

    def _text(self, model: Any, prompt: Prompt) -> str:
        from studio.worker.text.maker import TextRunner

        wrapped = GenericModel(model, self._card, str(_device(model)))
        runner = TextRunner(wrapped, self._tokens, str, KeptPrompts(wrapped), torch.get_num_threads())
        job = TextJob(
            id=_JOB, prompt=prompt.words, model=self._card.path, seed=prompt.seed, takes=1, tokens=TOKENS
        )
        ended = _Ended()
        runner.run(job, ended, lambda: False)
        return ended.take().text

    def _soft(self, model: Any, prompt: Prompt) -> str:
        """peft puts the virtual tokens before a prompt only in its own `generate`."""
        ids = self._tokens.encode(prompt.words).ids
        start = [self._tokens.start] if self._tokens.start is not None else []
        row = torch.tensor([start + ids], device=_device(model))
        torch.manual_seed(prompt.seed)
        with torch.inference_mode(), quiet():
            out = model.generate(
                input_ids=row,
                attention_mask=torch.ones_like(row),
                max_new_tokens=TOKENS,
                do_sample=True,
                top_p=0.95,
                pad_token_id=0,
            )
        made = out[0, row.shape[1] :].tolist()
        end = next((at for at, token in enumerate(made) if token in self._tokens.ends), len(made))
        return self._tokens.decode(made[:end])


class _Pieces:
    """Continues the first bars of a piece."""

    def __init__(self, card: ModelCard) -> None:
        self._card = card

    def __call__(self, model: Any, prompt: Prompt) -> Made:
        from studio.worker.music.runner import MusicRunner

        assert prompt.score is not None
        wrapped = GenericModel(model, self._card, str(_device(model)))
        runner = MusicRunner(wrapped, str, KeptPrompts(wrapped), torch.get_num_threads(), drums=True)
        name, data = named(prompt.score)
        job = PieceJob(
            id=_JOB,
            task="continue",
            score=name,
            first_bar=BARS_BEFORE,
            last_bar=BARS_BEFORE + BARS - 1,
            tracks=tuple(track.id for track in prompt.score.tracks if not track.locked),
            model=self._card.path,
            seed=prompt.seed,
            takes=1,
            notes=NOTES,
        )
        ended = _Ended()
        runner.run(job, {name: data}, ended, lambda: False)
        whole = with_take(prompt.score, job, _JOB, ended.take().text)
        start = prompt.score.bars(BARS_BEFORE + 1).starts[BARS_BEFORE]
        return Made(data=write_midi(whole).data, ending=".mid", score=excerpt(whole, start, whole.end))


class _Pictures:
    """Draws a caption; `model` is a worker.image.loading.ImageModel."""

    def __init__(self, card: ModelCard) -> None:
        self._card = card

    def __call__(self, model: Any, prompt: Prompt) -> Made:
        pipe = model.pipe("text")
        pipe.set_progress_bar_config(disable=True)
        with torch.inference_mode():
            drawn = pipe(
                prompt.words,
                num_inference_steps=self._card.steps or 20,
                guidance_scale=self._card.guidance or 5.0,
                width=self._card.size[0] or None,
                height=self._card.size[1] or None,
                generator=torch.Generator().manual_seed(prompt.seed),
            )
        file = io.BytesIO()
        drawn.images[0].save(file, "PNG")
        return Made(data=file.getvalue(), ending=".png")


class _Ended:
    """Keeps the take that a maker ends with."""

    def __init__(self) -> None:
        self._take: TakeEnd | None = None

    def __call__(self, event: Event) -> None:
        if isinstance(event, TakeEnd):
            self._take = event

    def take(self) -> TakeEnd:
        """The take."""
        assert self._take is not None
        return self._take


def _device(model: Any) -> torch.device:
    device: torch.device = next(model.parameters()).device
    return device


def _is_soft(model: Any) -> bool:
    return bool(getattr(getattr(model, "active_peft_config", None), "is_prompt_learning", False))
