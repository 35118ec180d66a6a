"""What a job lays over a model: adapters, control nets with their pictures, a reference picture."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from PIL import Image as Pillow

from studio.core.pictures import Control, ImageJob, Mode
from studio.worker.hashing import Stamp, WeightsHash
from studio.worker.image.loading import ImageModel, Tick
from studio.worker.image.plan import opaque, pixels_in
from studio.worker.image.png import Pixels


@dataclass(frozen=True)
class Outfit:
    """Hashes of the adapters and of the extras, the networks that came along, and what pipelines are called with."""

    adapters: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()
    networks: tuple[torch.nn.Module, ...] = ()
    controls: tuple[tuple[Control, Pixels], ...] = ()
    reference: Pixels | None = None

    @property
    def control(self) -> bool:
        """Whether the pipeline must be one with control nets."""
        return bool(self.controls)

    def call_options(
        self, model: ImageModel, mode: Mode, guide: Callable[[Pixels], Pixels]
    ) -> dict[str, Any]:
        """What a pipeline is called with for the control pictures and the reference picture.

        `guide` makes of a control picture what belongs to that which is drawn, in its size.
        """
        options: dict[str, Any] = {}
        if self.reference is not None:
            options["ip_adapter_image"] = Pillow.fromarray(self.reference)
        if self.controls:
            from studio.worker.image.extras import control_arguments

            pictures = [Pillow.fromarray(guide(pixels)) for _, pixels in self.controls]
            options |= control_arguments(model, mode, [control for control, _ in self.controls], pictures)
        return options


def outfit_for(
    model: ImageModel, job: ImageJob, files: Mapping[str, bytes], known: dict[Stamp, str], tick: Tick
) -> Outfit:
    """Lay a job's adapters, control nets and reference over a model; take off what it does not want.

    `known` remembers hashes of files. Raises StudioError when something does not fit the model's family, StoppedError
    through `tick`. (What serves extras takes time to import: most jobs have none.)
    """
    adapters: tuple[str, ...] = ()
    if job.adapters or model.adapters:
        from studio.worker.image.adapters import lay_over

        adapters = lay_over(model, job.adapters)
    if not (job.controls or job.reference or model.loaded_controls or model.reference):
        return Outfit(adapters)
    from studio.worker.image.extras import control_nets, loaded_for, use_reference

    control_nets(model, job.controls, tick)
    use_reference(model, job.reference, tick)
    worn = [*loaded_for(model, job.controls), *([model.reference] if model.reference else [])]
    networks = [*(loaded.net for loaded in model.loaded_controls.values())]
    networks += [model.reference.encoder] if model.reference else []
    return Outfit(
        adapters=adapters,
        extras=tuple(WeightsHash([Path(file) for file, *_ in one.stamps], known).result() for one in worn),
        networks=tuple(networks),
        controls=tuple((control, opaque(pixels_in(files, control.picture))) for control in job.controls),
        reference=opaque(pixels_in(files, job.reference.picture)) if job.reference else None,
    )
