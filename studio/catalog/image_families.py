"""The families of image models the studio can draw with: what each is made of and what it can. A table, no torch."""

from msgspec import Struct, field

from studio.core.pictures import MODES, Mode

_UNET_SCHEDULERS = (
    "PNDMScheduler", "DDIMScheduler", "DDPMScheduler", "EulerDiscreteScheduler", "EulerAncestralDiscreteScheduler",
    "HeunDiscreteScheduler", "KDPM2DiscreteScheduler", "KDPM2AncestralDiscreteScheduler",
    "DPMSolverMultistepScheduler", "DPMSolverSinglestepScheduler", "DEISMultistepScheduler",
    "UniPCMultistepScheduler", "LCMScheduler", "TCDScheduler",
)  # fmt: skip
_FLOW_SCHEDULERS = ("FlowMatchEulerDiscreteScheduler", "FlowMatchLCMScheduler")
_SD3_SCHEDULERS = (*_FLOW_SCHEDULERS, "FlowMatchHeunDiscreteScheduler")
ABILITIES = ("negative", "weights", "clip_skip", "tiling", "control", "reference", "lora", "scheduler")
_NO_CLIP = "clip skip is for models that read the prompt with CLIP alone."
_NO_WEIGHTS = "it reads the prompt with a language model, in which single words can't be weighted steadily."
_NO_TILING = "seamless edges need a UNet; its transformer knows where each piece of the picture lies."


class Part(Struct, frozen=True):
    """A component of a pipeline: the classes it may be of; `optional` ones are left out when they are not there."""

    library: str
    classes: tuple[str, ...]
    optional: bool = False


class Family(Struct, frozen=True, kw_only=True):
    """A family of image models.

    `pipelines` and `control_pipelines`: the pipeline's class of diffusers by mode; in the modes `several_controls` more
    than one control picture can be followed. `core` names the component that
    draws ("unet" or "transformer"). Abilities it lacks stand in `cannot` with the reason. `flow`: it is a flow
    matching model and needs schedulers of that sort.
    """

    name: str
    title: str
    core: str
    parts: dict[str, Part]
    pipelines: dict[Mode, str]
    control_pipelines: dict[Mode, str] = field(default_factory=dict)
    several_controls: tuple[Mode, ...] = ()
    control_class: str = ""
    cannot: dict[str, str] = field(default_factory=dict)
    size: int
    grid_px: int
    steps: int
    guidance: float
    schedulers: tuple[str, ...]
    flow: bool = False
    layout: str

    @property
    def modes(self) -> dict[str, str]:
        """ "" for each mode it has, else why not. Enlarging draws tile by tile from a picture."""
        has = {*self.pipelines, *(("upscale",) if "image" in self.pipelines else ())}
        return {mode: "" if mode in has else f"{self.title} can't do that." for mode in MODES}

    @property
    def abilities(self) -> dict[str, str]:
        """ "" for each ability it has, else why not."""
        return {
            name: f"{self.title}: {self.cannot[name]}" if name in self.cannot else "" for name in ABILITIES
        }


def _three(stem: str) -> dict[Mode, str]:
    """The usual names of a family's three pipelines."""
    return {
        "text": f"{stem}Pipeline", "image": f"{stem}Img2ImgPipeline", "inpaint": f"{stem}InpaintPipeline",
    }  # fmt: skip


_KL = Part("diffusers", ("AutoencoderKL", "AutoencoderTiny"))
_UNET = Part("diffusers", ("UNet2DConditionModel",))
_CLIP_TEXT = Part("transformers", ("CLIPTextModel",))
_CLIP_PROJECTED = Part("transformers", ("CLIPTextModelWithProjection",))
_CLIP_EITHER = Part("transformers", ("CLIPTextModel", "CLIPTextModelWithProjection"))
_CLIP_WORDS = Part("transformers", ("CLIPTokenizer", "CLIPTokenizerFast"))
_T5_TEXT = Part("transformers", ("T5EncoderModel",))
_T5_WORDS = Part("transformers", ("T5TokenizerFast", "T5Tokenizer"))
_QWEN_WORDS = Part("transformers", ("Qwen2Tokenizer", "Qwen2TokenizerFast"))
_SCHEDULER = Part("diffusers", ())  # checked against the family's list


def _stable_diffusion(name: str, title: str, size: int, cannot: dict[str, str]) -> Family:
    """SD 1.x and 2.x: one make, two text encoders."""
    return Family(
        name=name,
        title=title,
        core="unet",
        parts={
            "vae": _KL, "text_encoder": _CLIP_TEXT, "tokenizer": _CLIP_WORDS, "unet": _UNET,
            "scheduler": _SCHEDULER,
        },
        pipelines=_three("StableDiffusion"),
        control_pipelines=_three("StableDiffusionControlNet"),
        several_controls=("text", "image", "inpaint"),
        control_class="ControlNetModel",
        cannot=cannot,
        size=size,
        grid_px=8,
        steps=25,
        guidance=7.0,
        schedulers=_UNET_SCHEDULERS,
        layout=name,
    )  # fmt: skip


FAMILIES: dict[str, Family] = {
    family.name: family
    for family in (
        _stable_diffusion("sd1", "Stable Diffusion 1", 512, {}),
        _stable_diffusion(
            "sd2", "Stable Diffusion 2", 768, {"reference": "there are no reference adapters for it."}
        ),
        Family(
            name="sdxl",
            title="Stable Diffusion XL",
            core="unet",
            parts={
                "vae": _KL, "text_encoder": _CLIP_TEXT, "text_encoder_2": _CLIP_PROJECTED, "tokenizer": _CLIP_WORDS,
                "tokenizer_2": _CLIP_WORDS, "unet": _UNET, "scheduler": _SCHEDULER,
            },
            pipelines=_three("StableDiffusionXL"),
            control_pipelines=_three("StableDiffusionXLControlNet"),
            several_controls=("text", "image", "inpaint"),
            control_class="ControlNetModel",
            size=1024,
            grid_px=8,
            steps=28,
            guidance=6.0,
            schedulers=_UNET_SCHEDULERS,
            layout="sdxl",
        ),
        Family(
            name="sd3",
            title="Stable Diffusion 3",
            core="transformer",
            parts={
                "transformer": Part("diffusers", ("SD3Transformer2DModel",)), "scheduler": _SCHEDULER, "vae": _KL,
                "text_encoder": _CLIP_PROJECTED, "tokenizer": _CLIP_WORDS, "text_encoder_2": _CLIP_PROJECTED,
                "tokenizer_2": _CLIP_WORDS, "text_encoder_3": Part("transformers", ("T5EncoderModel",), True),
                "tokenizer_3": Part("transformers", _T5_WORDS.classes, True),
            },
            pipelines=_three("StableDiffusion3"),
            control_pipelines={"text": "StableDiffusion3ControlNetPipeline"},
            several_controls=("text",),
            control_class="SD3ControlNetModel",
            cannot={
                "weights": _NO_WEIGHTS,
                "tiling": _NO_TILING,
                "reference": "reference pictures work with Stable Diffusion 1.5 and XL.",
            },
            size=1024,
            grid_px=16,
            steps=28,
            guidance=5.0,
            schedulers=_SD3_SCHEDULERS,
            flow=True,
            layout="sd3",
        ),
        Family(
            name="flux",
            title="Flux",
            core="transformer",
            parts={
                "scheduler": _SCHEDULER, "vae": _KL, "text_encoder": _CLIP_TEXT, "tokenizer": _CLIP_WORDS,
                "text_encoder_2": _T5_TEXT, "tokenizer_2": _T5_WORDS,
                "transformer": Part("diffusers", ("FluxTransformer2DModel",)),
            },
            pipelines=_three("Flux"),
            control_pipelines=_three("FluxControlNet"),
            several_controls=("text",),
            control_class="FluxControlNetModel",
            cannot={
                "negative": "it has no negative prompt; its guidance is a number it was trained with.",
                "weights": _NO_WEIGHTS,
                "clip_skip": _NO_CLIP,
                "tiling": _NO_TILING,
                "reference": "reference pictures work with Stable Diffusion 1.5 and XL.",
            },
            size=1024,
            grid_px=16,
            steps=24,
            guidance=3.5,
            schedulers=_FLOW_SCHEDULERS,
            flow=True,
            layout="flux",
        ),
        Family(
            name="qwen_image",
            title="Qwen-Image",
            core="transformer",
            parts={
                "scheduler": _SCHEDULER, "vae": Part("diffusers", ("AutoencoderKLQwenImage",)),
                "text_encoder": Part("transformers", ("Qwen2_5_VLForConditionalGeneration",)),
                "tokenizer": _QWEN_WORDS, "transformer": Part("diffusers", ("QwenImageTransformer2DModel",)),
            },
            pipelines=_three("QwenImage"),
            control_pipelines={"text": "QwenImageControlNetPipeline"},
            control_class="QwenImageControlNetModel",
            cannot={
                "weights": _NO_WEIGHTS,
                "clip_skip": _NO_CLIP,
                "tiling": _NO_TILING,
                "reference": "reference pictures work with Stable Diffusion 1.5 and XL.",
            },
            size=1328,
            grid_px=16,
            steps=30,
            guidance=4.0,
            schedulers=_FLOW_SCHEDULERS,
            flow=True,
            layout="qwen_image",
        ),
        Family(
            name="z_image",
            title="Z-Image",
            core="transformer",
            parts={
                "scheduler": _SCHEDULER, "vae": _KL,
                "text_encoder": Part("transformers", ("Qwen3Model", "Qwen3ForCausalLM")), "tokenizer": _QWEN_WORDS,
                "transformer": Part("diffusers", ("ZImageTransformer2DModel",)),
            },
            pipelines=_three("ZImage"),
            cannot={
                "weights": _NO_WEIGHTS,
                "clip_skip": _NO_CLIP,
                "tiling": _NO_TILING,
                "control": "control nets for it are not supported yet.",
                "reference": "reference pictures work with Stable Diffusion 1.5 and XL.",
            },
            size=1024,
            grid_px=16,
            steps=9,
            guidance=0.0,
            schedulers=_FLOW_SCHEDULERS,
            flow=True,
            layout="z_image",
        ),
    )
}  # fmt: skip

# Pipelines of a folder by class name. SD 1 and 2 share theirs; the text encoder's width tells them apart.
FAMILY_OF_PIPELINE: dict[str, str] = {
    pipeline: name
    for name in reversed(FAMILIES)
    for pipeline in FAMILIES[name].pipelines.values()
}  # fmt: skip
FAMILY_TITLES = ", ".join(family.title for family in FAMILIES.values())
