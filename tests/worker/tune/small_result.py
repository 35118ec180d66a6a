"""A result as a trainer leaves it: the smallest LoRA that the catalog knows, a card, a text in a folder."""

from pathlib import Path

from studio.core.tune_events import Finished, Interval
from studio.core.tune_run import RunFolder
from studio.core.tuning import TuneSettings
from studio.worker.tune.publish import seal
from tests.catalog.safetensors_file import write_file

DOWN = "unet.down_blocks.0.attentions.0.transformer_blocks.0.attn2.to_k"
FINISHED = Finished(
    step=3, steps=4, adapter="", card="README.md", stopped=True,
    test={"before": Interval(mean=2.0, low=1.9, high=2.1)}, diagnosis=("Too few steps.",),
)  # fmt: skip


def write_result(folder: Path) -> Path:
    """The result's folder."""
    shapes = {f"{DOWN}.lora_A.weight": (2, 768), f"{DOWN}.lora_B.weight": (320, 2)}
    write_file(folder / "pytorch_lora_weights.safetensors", shapes)
    (folder / "README.md").write_text("What it learnt.\n")
    (folder / "peft" / "unet").mkdir(parents=True)
    (folder / "peft" / "unet" / "adapter_config.json").write_text("{}")
    return folder


def sealed_run(runs: Path, out: Path | None = None) -> RunFolder:
    """A run that was trained and weighed and only has to be published."""
    settings = TuneSettings(art="image", base="b", folder="f", out=str(out) if out else "")
    run = RunFolder.create(runs, settings)
    seal(run, write_result(run.path / "staged"), FINISHED)
    return run


def files_of(folder: Path) -> dict[str, bytes]:
    """Every file below a folder with what it holds."""
    return {
        file.relative_to(folder).as_posix(): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }
