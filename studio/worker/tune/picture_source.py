"""What a picture model learns from, as it sees it: latents and read captions, kept on disk where they stay the same."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

import torch
from torch import Tensor

from studio.core.errors import StudioError
from studio.core.tuning import ImageSettings
from studio.worker.hashing import stamp
from studio.worker.image.latents import encoded
from studio.worker.image.loading import ImageModel
from studio.worker.image.memory import give_back, ran_out
from studio.worker.tune.latents_cache import TensorCache, key_of, too_little_left
from studio.worker.tune.picture_data import Example, pixels, shot_of
from studio.worker.tune.picture_families import Told, read_captions

Tick = Callable[[float, str], None]  # 0..1, what goes on; raises StoppedError when the run was cancelled
Way = tuple[Example, int]  # a picture and the way it is shown
_PIXELS_AT_ONCE: Final = 8 * 512 * 512
_CAPTIONS_AT_ONCE: Final = 16


def salt_of(model: ImageModel) -> str:
    """Differs where the files of a model's encoders do."""
    folder = Path(model.card.path)
    files = [folder] if folder.is_file() else sorted(folder.glob("*/*.safetensors"))
    return key_of(*(stamp(file) for file in files), str(model.dtype))


class Source:
    """Latents and read captions of one model. `reads_live`: its text encoders learn, so nothing they say is kept."""

    def __init__(self, model: ImageModel, settings: ImageSettings, cache: Path, *, reads_live: bool) -> None:
        """`cache` is the folder of what is kept; used where `settings.cache` says so. Raises StudioError."""
        self.model, self.settings, self.reads_live = model, settings, reads_live
        self._salt = salt_of(model)
        self._latents = TensorCache(cache, "latents") if settings.cache else None
        self._told = TensorCache(cache, "captions") if settings.cache and not reads_live else None
        self._known: dict[str, Told] = {}  # captions read in this life, where no folder keeps them
        self._at_once = _PIXELS_AT_ONCE

    # Before training

    def prepare(self, ways: Iterable[Way], captions: Iterable[str], tick: Tick) -> None:
        """Have all of these ready, so that no step waits for an encoder. A full disk only makes the steps slower.

        Raises StudioError for a picture that is not what it was, StoppedError through `tick`.
        """
        try:
            if self._latents is not None:
                self._keep_latents(self._latents, list(ways), tick)
            if self._told is not None:
                self._keep_told(self._told, list(captions), tick)
        except StudioError as error:
            if not too_little_left(error):
                raise
            self._latents = self._told = None

    @property
    def keeps(self) -> bool:
        """Whether latents are kept: the VAE is not needed for a step then."""
        return self._latents is not None

    def _keep_latents(self, cache: TensorCache, ways: list[Way], tick: Tick) -> None:
        wanted = {self._key(*way): way for way in ways}
        missing = [wanted[key] for key in cache.missing(wanted)]
        done = 0
        for group in _grouped(missing, self._rows):
            for (example, variant), latents in zip(group, self._encode(group), strict=True):
                cache.put(self._key(example, variant), {"latents": latents})
            done += len(group)
            tick(done / len(missing), "The pictures are encoded.")
        cache.flush()

    def _keep_told(self, cache: TensorCache, captions: list[str], tick: Tick) -> None:
        wanted = {self._caption_key(caption): caption for caption in captions}
        missing = [wanted[key] for key in cache.missing(wanted)]
        for at in range(0, len(missing), _CAPTIONS_AT_ONCE):
            some = missing[at : at + _CAPTIONS_AT_ONCE]
            for caption, told in zip(some, self._read(some), strict=True):
                cache.put(self._caption_key(caption), told)
            tick(min(1.0, (at + len(some)) / len(missing)), "The captions are read.")
        cache.flush()

    # At a step

    def latents(self, ways: Sequence[Way]) -> Tensor:
        """What the network sees of pictures of one shape: float32 (B, C, h, w)."""
        cache = self._latents
        if cache is None:
            return torch.cat([self._encode(group) for group in _grouped(list(ways), self._rows)]).float()
        missing = [way for way in ways if self._key(*way) not in cache]
        for way, latents in zip(missing, self._encode(missing), strict=True) if missing else ():
            cache.put(self._key(*way), {"latents": latents})
        return torch.stack([cache.get(self._key(*way))["latents"] for way in ways]).float()

    def told(self, captions: Sequence[str]) -> list[Told]:
        """What the network is told; with gradients where the encoders learn and gradients are on."""
        if self.reads_live:
            return read_captions(self.model, captions)
        found: list[Told] = []
        for caption in captions:
            key = self._caption_key(caption)
            if self._told is not None and key in self._told:
                found.append(self._told.get(key))
            else:
                if key not in self._known:
                    self._known[key] = self._read([caption])[0]
                found.append(self._known[key])
        return found

    # The encoders

    def _key(self, example: Example, variant: int) -> str:
        shot = shot_of(example, variant, self.settings)
        return key_of(self._salt, example.sha256, example.bucket, shot)

    def _caption_key(self, caption: str) -> str:
        return key_of(self._salt, caption)

    def _rows(self, way: Way) -> int:
        wide, high = way[0].bucket
        return max(1, self._at_once // (wide * high))

    def _encode(self, ways: Sequence[Way]) -> Tensor:
        """Latents (N, C, h, w) of pictures of one shape; half as many at once where memory does not suffice."""
        vae = self.model.vae
        shown = torch.stack([pixels(example, shot_of(example, way, self.settings)) for example, way in ways])
        try:
            with torch.no_grad():
                return encoded(vae, shown.to(vae.device, vae.dtype)).cpu()
        except (RuntimeError, MemoryError) as error:
            if not ran_out(error) or len(ways) == 1:
                raise
        give_back(self.model.device)  # outside of the handler, which holds the tensors of the failure
        self._at_once = max(1, self._at_once // 2)
        half = len(ways) // 2
        return torch.cat([self._encode(ways[:half]), self._encode(ways[half:])])

    def _read(self, captions: Sequence[str]) -> list[Told]:
        with torch.no_grad():
            return [_on_cpu(told) for told in read_captions(self.model, captions)]


def _on_cpu(told: Told) -> Mapping[str, Tensor]:
    return {name: tensor.detach().cpu().clone() for name, tensor in told.items()}


def _grouped(ways: Sequence[Way], most: Callable[[Way], int]) -> Iterable[list[Way]]:
    """In groups of one shape, each of at most so many, in order."""
    group: list[Way] = []
    for way in sorted(ways, key=lambda way: way[0].bucket):
        if group and (group[0][0].bucket != way[0].bucket or len(group) >= most(way)):
            yield group
            group = []
        group.append(way)
    if group:
        yield group
