"""Tiny random image pipelines of every family, from the real classes and configs: folders, and what fits them."""

import json
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

FAMILIES = ("sd1", "sdxl", "sd3", "flux", "qwen_image", "z_image")
SIZE_PX = 64  # all of them draw 64 x 64 pixels; their VAEs shrink eightfold, as the real ones do
_VAE_CHANNELS = (8, 8, 8, 8)
_WORDS = ("a", "red", "fox", "on", "the", "hill", "photo", "of", "heart", "blue", "sky", "small")
_CLIP_ENDS = ("<|startoftext|>", "<|endoftext|>")
_CHATML = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def make_pipeline(folder: Path, family: str = "sd1", *, seed: int = 0, **changes: Any) -> Path:
    """Write a tiny random pipeline of that family as a diffusers folder (safetensors, float32); its folder.

    `changes` go into the config of its UNet or transformer.
    """
    import torch
    import transformers
    from diffusers.utils import logging

    transformers.utils.logging.disable_progress_bar()
    logging.disable_progress_bar()
    torch.manual_seed(seed)
    _BUILDERS[family](changes).save_pretrained(folder, safe_serialization=True)
    return folder


def clip_tokenizer() -> Any:
    """A CLIP tokenizer whose words are bytes and a few short ones (up to 600 tokens)."""
    from tokenizers.pre_tokenizers import ByteLevel
    from transformers import CLIPTokenizer

    letters = sorted(ByteLevel.alphabet())
    merges: list[tuple[str, str]] = []
    for word in _WORDS:
        pieces = [*word[:-1], word[-1] + "</w>"]
        while len(pieces) > 1:
            merges.append((pieces[0], pieces[1]))
            pieces = [pieces[0] + pieces[1], *pieces[2:]]
    tokens = dict.fromkeys(
        [*letters, *(letter + "</w>" for letter in letters), *("".join(m) for m in merges)]
    )
    vocab = {token: at for at, token in enumerate([*tokens, *_CLIP_ENDS])}
    return CLIPTokenizer(vocab=vocab, merges=list(dict.fromkeys(merges)), model_max_length=77)


def t5_tokenizer() -> Any:
    """A T5 tokenizer of letters."""
    from transformers import T5Tokenizer

    pieces = [("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("▁", -2.0)]
    pieces += [(chr(code), -3.0) for code in range(33, 127)]
    return T5Tokenizer(vocab=pieces, extra_ids=0, model_max_length=512)


def qwen_tokenizer() -> Any:
    """A Qwen2 tokenizer of bytes with the chat marks."""
    from tokenizers.pre_tokenizers import ByteLevel
    from transformers import Qwen2Tokenizer

    vocab = {token: at for at, token in enumerate([*sorted(ByteLevel.alphabet()), "<|endoftext|>"])}
    tokenizer = Qwen2Tokenizer(vocab=vocab, merges=[], model_max_length=4096)
    tokenizer.add_special_tokens({"additional_special_tokens": ["<|im_start|>", "<|im_end|>"]})
    tokenizer.chat_template = _CHATML
    return tokenizer


def clip_encoder(tokenizer: Any, *, width: int = 32, projected: bool = False) -> Any:
    """A CLIP text encoder of three layers; with a projection as SDXL's second has it."""
    from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

    config = CLIPTextConfig(
        vocab_size=len(tokenizer), hidden_size=width, intermediate_size=2 * width, num_hidden_layers=3,
        num_attention_heads=4, projection_dim=width, max_position_embeddings=77,
        hidden_act="gelu" if projected else "quick_gelu", bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id, pad_token_id=tokenizer.pad_token_id,
    )  # fmt: skip
    return (CLIPTextModelWithProjection if projected else CLIPTextModel)(config)


def t5_encoder(tokenizer: Any, *, width: int = 32) -> Any:
    """The encoder half of a T5."""
    from transformers import T5Config, T5EncoderModel

    config = T5Config(
        vocab_size=len(tokenizer), d_model=width, d_kv=8, d_ff=2 * width, num_layers=2, num_heads=4,
        feed_forward_proj="gated-gelu", is_encoder_decoder=False, use_cache=False, tie_word_embeddings=False,
    )  # fmt: skip
    return T5EncoderModel(config)


def kl_vae(
    *, channels: int = 4, scale: float = 0.18215, shift: float | None = None, quant: bool = True
) -> Any:
    """An AutoencoderKL that shrinks eightfold."""
    from diffusers import AutoencoderKL

    return AutoencoderKL(
        down_block_types=("DownEncoderBlock2D",) * 4, up_block_types=("UpDecoderBlock2D",) * 4,
        block_out_channels=_VAE_CHANNELS, layers_per_block=1, latent_channels=channels, norm_num_groups=4,
        sample_size=SIZE_PX, scaling_factor=scale, shift_factor=shift, use_quant_conv=quant,
        use_post_quant_conv=quant,
    )  # fmt: skip


def diffusion_scheduler() -> Any:
    """SD 1.5's own: PNDM with the scaled linear betas."""
    from diffusers import PNDMScheduler

    return PNDMScheduler(
        beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", skip_prk_steps=True, set_alpha_to_one=False,
        steps_offset=1,
    )  # fmt: skip


def _sd1(changes: dict[str, Any]) -> Any:
    from diffusers import StableDiffusionPipeline, UNet2DConditionModel

    tokenizer = clip_tokenizer()
    sizes = {
        "sample_size": SIZE_PX // 8, "block_out_channels": (16, 32), "layers_per_block": 1, "norm_num_groups": 8,
        "down_block_types": ("CrossAttnDownBlock2D", "DownBlock2D"),
        "up_block_types": ("UpBlock2D", "CrossAttnUpBlock2D"), "cross_attention_dim": 32, "attention_head_dim": 2,
    }  # fmt: skip
    return StableDiffusionPipeline(
        unet=UNet2DConditionModel(**{**sizes, **changes}), vae=kl_vae(), text_encoder=clip_encoder(tokenizer),
        tokenizer=tokenizer, scheduler=diffusion_scheduler(), safety_checker=None, feature_extractor=None,
        requires_safety_checker=False,
    )  # fmt: skip


def _sdxl(changes: dict[str, Any]) -> Any:
    from diffusers import EulerDiscreteScheduler, StableDiffusionXLPipeline, UNet2DConditionModel

    tokenizer = clip_tokenizer()
    sizes = {
        "sample_size": SIZE_PX // 8, "block_out_channels": (16, 32), "layers_per_block": 1, "norm_num_groups": 8,
        "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D"),
        "up_block_types": ("CrossAttnUpBlock2D", "UpBlock2D"), "cross_attention_dim": 32 + 48,
        "attention_head_dim": (2, 4), "transformer_layers_per_block": (1, 2), "use_linear_projection": True,
        "addition_embed_type": "text_time", "addition_time_embed_dim": 8,
        "projection_class_embeddings_input_dim": 6 * 8 + 48,
    }  # fmt: skip
    return StableDiffusionXLPipeline(
        unet=UNet2DConditionModel(**{**sizes, **changes}), vae=kl_vae(scale=0.13025),
        text_encoder=clip_encoder(tokenizer), text_encoder_2=clip_encoder(tokenizer, width=48, projected=True),
        tokenizer=tokenizer, tokenizer_2=clip_tokenizer(),
        scheduler=EulerDiscreteScheduler(
            beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", steps_offset=1
        ),
    )  # fmt: skip


def _sd3(changes: dict[str, Any]) -> Any:
    from diffusers import FlowMatchEulerDiscreteScheduler, SD3Transformer2DModel, StableDiffusion3Pipeline

    clip, t5 = clip_tokenizer(), t5_tokenizer()
    sizes = {
        "sample_size": SIZE_PX // 8, "patch_size": 2, "in_channels": 16, "num_layers": 2, "attention_head_dim": 8,
        "num_attention_heads": 4, "joint_attention_dim": 96, "caption_projection_dim": 32,
        "pooled_projection_dim": 32 + 48, "out_channels": 16, "pos_embed_max_size": 24,
    }  # fmt: skip
    return StableDiffusion3Pipeline(
        transformer=SD3Transformer2DModel(**{**sizes, **changes}),
        vae=kl_vae(channels=16, scale=1.5305, shift=0.0609, quant=False),
        text_encoder=clip_encoder(clip, projected=True), text_encoder_2=clip_encoder(clip, width=48, projected=True),
        text_encoder_3=t5_encoder(t5, width=96), tokenizer=clip, tokenizer_2=clip_tokenizer(), tokenizer_3=t5,
        scheduler=FlowMatchEulerDiscreteScheduler(shift=3.0),
    )  # fmt: skip


def _flux(changes: dict[str, Any]) -> Any:
    from diffusers import FlowMatchEulerDiscreteScheduler, FluxPipeline, FluxTransformer2DModel

    clip, t5 = clip_tokenizer(), t5_tokenizer()
    sizes = {
        "in_channels": 64, "num_layers": 1, "num_single_layers": 1, "attention_head_dim": 16,
        "num_attention_heads": 2, "joint_attention_dim": 32, "pooled_projection_dim": 32, "guidance_embeds": True,
        "axes_dims_rope": (4, 4, 8),
    }  # fmt: skip
    return FluxPipeline(
        transformer=FluxTransformer2DModel(**{**sizes, **changes}),
        vae=kl_vae(channels=16, scale=0.3611, shift=0.1159, quant=False),
        text_encoder=clip_encoder(clip), text_encoder_2=t5_encoder(t5), tokenizer=clip, tokenizer_2=t5,
        scheduler=FlowMatchEulerDiscreteScheduler(shift=3.0, use_dynamic_shifting=True),
    )  # fmt: skip


def _qwen_image(changes: dict[str, Any]) -> Any:
    from diffusers import (
        AutoencoderKLQwenImage,
        FlowMatchEulerDiscreteScheduler,
        QwenImagePipeline,
        QwenImageTransformer2DModel,
    )
    from transformers import Qwen2_5_VLConfig, Qwen2_5_VLForConditionalGeneration

    tokenizer = qwen_tokenizer()
    text = {
        "vocab_size": len(tokenizer), "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2,
        "num_attention_heads": 4, "num_key_value_heads": 2, "max_position_embeddings": 2048,
        "rope_parameters": {"rope_type": "default", "rope_theta": 10000.0, "mrope_section": [1, 1, 2]},
    }  # fmt: skip
    seen = {
        "depth": 1, "hidden_size": 16, "intermediate_size": 24, "num_heads": 2, "out_hidden_size": 32,
        "fullatt_block_indexes": [0],
    }  # fmt: skip
    sizes = {
        "in_channels": 64, "out_channels": 16, "num_layers": 2, "attention_head_dim": 16, "num_attention_heads": 2,
        "joint_attention_dim": 32, "axes_dims_rope": (4, 4, 8),
    }  # fmt: skip
    return QwenImagePipeline(
        transformer=QwenImageTransformer2DModel(**{**sizes, **changes}),
        vae=AutoencoderKLQwenImage(base_dim=8, z_dim=16, dim_mult=[1, 1, 1, 1], num_res_blocks=1),
        text_encoder=Qwen2_5_VLForConditionalGeneration(Qwen2_5_VLConfig(text_config=text, vision_config=seen)),
        tokenizer=tokenizer,
        scheduler=FlowMatchEulerDiscreteScheduler(shift=1.0, use_dynamic_shifting=True),
    )  # fmt: skip


def _z_image(changes: dict[str, Any]) -> Any:
    from diffusers import FlowMatchEulerDiscreteScheduler, ZImagePipeline, ZImageTransformer2DModel
    from transformers import Qwen3Config, Qwen3Model

    tokenizer = qwen_tokenizer()
    text = Qwen3Config(
        vocab_size=len(tokenizer), hidden_size=32, intermediate_size=48, num_hidden_layers=2, head_dim=8,
        num_attention_heads=4, num_key_value_heads=2, max_position_embeddings=1024,
    )  # fmt: skip
    sizes = {
        "in_channels": 16, "dim": 32, "n_layers": 2, "n_refiner_layers": 1, "n_heads": 2, "n_kv_heads": 2,
        "cap_feat_dim": 32, "axes_dims": [4, 4, 8], "axes_lens": [1024, 64, 64],
    }  # fmt: skip
    return ZImagePipeline(
        transformer=ZImageTransformer2DModel(**{**sizes, **changes}),
        vae=kl_vae(channels=16, scale=0.3611, shift=0.1159, quant=False),
        text_encoder=Qwen3Model(text), tokenizer=tokenizer, scheduler=FlowMatchEulerDiscreteScheduler(shift=3.0),
    )  # fmt: skip


_BUILDERS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "sd1": _sd1, "sdxl": _sdxl, "sd3": _sd3, "flux": _flux, "qwen_image": _qwen_image, "z_image": _z_image,
}  # fmt: skip


def index_of(folder: Path) -> dict[str, Any]:
    """The model_index.json of a pipeline folder."""
    index: dict[str, Any] = json.loads((folder / "model_index.json").read_text())
    return index


# What fits a pipeline


def make_lora(file: Path, pipeline: Path, kind: str = "diffusers", *, seed: int = 1, rank: int = 2) -> Path:
    """Write a random LoRA over the attention of a pipeline (and of its first CLIP text encoder).

    `kind`: "diffusers" and "kohya" write `file`, "peft" writes a folder of that name. All three mean the same change
    (with the same seed): kohya's and peft's alpha is 1. Strong enough to be seen in a picture.
    """
    import torch
    from safetensors.torch import save_file

    made = torch.Generator().manual_seed(seed)
    pairs = {}
    for part, layer, (wide, narrow) in _lora_layers(pipeline):
        down = torch.randn(rank, narrow, generator=made)
        pairs[part, layer] = (down, torch.randn(wide, rank, generator=made) * 0.5)
    if kind == "diffusers":
        state = {}
        for (part, layer), (down, up) in pairs.items():
            state[f"{part}.{layer}.lora_A.weight"] = down
            state[f"{part}.{layer}.lora_B.weight"] = up
        save_file(state, file)
        return file
    state = {}
    if kind == "kohya":
        for (part, layer), (down, up) in pairs.items():
            stem = f"{_KOHYA_PARTS[part]}_{layer.replace('.', '_')}"
            state |= {
                f"{stem}.lora_down.weight": down, f"{stem}.lora_up.weight": up * rank,
                f"{stem}.alpha": torch.tensor(1.0),
            }  # fmt: skip
        save_file(state, file)
        return file
    file.mkdir(parents=True, exist_ok=True)
    for (part, layer), (down, up) in pairs.items():
        if part != "text_encoder":
            state[f"base_model.model.{layer}.lora_A.weight"] = down
            state[f"base_model.model.{layer}.lora_B.weight"] = up * rank
    save_file(state, file / "adapter_model.safetensors")
    config = {"peft_type": "LORA", "r": rank, "lora_alpha": 1, "target_modules": ["to_q", "to_v"]}
    (file / "adapter_config.json").write_text(json.dumps(config))
    return file


_KOHYA_PARTS = {"unet": "lora_unet", "transformer": "lora_unet", "text_encoder": "lora_te"}


def _lora_layers(pipeline: Path) -> list[tuple[str, str, tuple[int, int]]]:
    """Component, layer and shape of every query and value projection, and of a CLIP text encoder's."""
    from safetensors import safe_open

    parts = ["unet" if (pipeline / "unet").is_dir() else "transformer"]
    clip = index_of(pipeline).get("text_encoder", [None, ""])[1] or ""
    parts += ["text_encoder"] if clip.startswith("CLIP") else []
    found = []
    for part in parts:
        file = next((pipeline / part).glob("*.safetensors"))
        with safe_open(file, framework="pt") as weights:
            for name in weights.keys():  # noqa: SIM118
                if name.endswith(("to_q.weight", "to_v.weight", "q_proj.weight", "img_mlp.net.2.weight")):
                    shape = tuple(weights.get_slice(name).get_shape())
                    found.append((part, name.removesuffix(".weight"), shape))
    return found


def make_control(folder: Path, pipeline: Path, *, seed: int = 2) -> Path:
    """Write a control net for a pipeline whose say is felt (its last layers are random, not zero); its folder."""
    import diffusers
    import torch

    index = index_of(pipeline)
    core = "unet" if "unet" in index else "transformer"
    model = getattr(diffusers, index[core][1]).from_pretrained(pipeline / core)
    torch.manual_seed(seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # diffusers warns of its own imports
        net = _control_net(index["_class_name"], model)
    for weight in net.parameters():
        if not weight.any():
            weight.data.normal_(0.0, 0.2)
    net.save_pretrained(folder)
    return folder


def _control_net(pipeline: str, model: Any) -> Any:
    import diffusers

    match pipeline:
        case "StableDiffusion3Pipeline":
            return diffusers.SD3ControlNetModel.from_config({**model.config, "num_layers": 1})
        case "FluxPipeline":
            config = {**model.config, "num_layers": 1, "num_single_layers": 1}
            return diffusers.FluxControlNetModel.from_config(config)
        case "QwenImagePipeline":
            return diffusers.QwenImageControlNetModel.from_config({**model.config, "num_layers": 1})
        case _:
            return diffusers.ControlNetModel.from_unet(
                model, conditioning_embedding_out_channels=(4, 4, 4, 8)
            )


def make_reference(folder: Path, pipeline: Path, *, seed: int = 3) -> Path:
    """Write an IP-Adapter for an SD 1.5 or SDXL pipeline, with its image encoder beside it; the adapter's file."""
    import torch
    from diffusers import UNet2DConditionModel
    from safetensors.torch import save_file
    from transformers import CLIPVisionConfig, CLIPVisionModelWithProjection

    torch.manual_seed(seed)
    unet = UNet2DConditionModel.from_pretrained(pipeline / "unet")
    wide, seen = int(unet.config["cross_attention_dim"]), 16
    state = {
        "image_proj.proj.weight": torch.randn(4 * wide, seen), "image_proj.proj.bias": torch.randn(4 * wide),
        "image_proj.norm.weight": torch.ones(wide), "image_proj.norm.bias": torch.zeros(wide),
    }  # fmt: skip
    layers = dict(unet.named_modules())
    for number, name in enumerate(unet.attn_processors):
        if name.endswith("attn2.processor"):
            width = layers[name.removesuffix(".processor")].to_k.out_features
            for half in ("k", "v"):
                state[f"ip_adapter.{number}.to_{half}_ip.weight"] = torch.randn(width, wide) * 0.5
    config = CLIPVisionConfig(
        hidden_size=24, intermediate_size=32, num_hidden_layers=2, num_attention_heads=4, image_size=32,
        patch_size=8, projection_dim=seen,
    )  # fmt: skip
    CLIPVisionModelWithProjection(config).save_pretrained(folder / "image_encoder")
    xl = "text_encoder_2" in index_of(pipeline)
    notes = {"modelspec.architecture": f"stable-diffusion-{'xl-v1-base' if xl else 'v1'}/ip-adapter"}
    save_file(state, folder / "ip-adapter.safetensors", metadata=notes)
    return folder / "ip-adapter.safetensors"


def make_tiny_vae(folder: Path, *, channels: int = 4, seed: int = 4) -> Path:
    """Write a tiny VAE (AutoencoderTiny) that shrinks eightfold; its folder."""
    import torch
    from diffusers import AutoencoderTiny

    torch.manual_seed(seed)
    sizes = {"encoder_block_out_channels": (8,) * 4, "decoder_block_out_channels": (8,) * 4}
    blocks = {"num_encoder_blocks": (1,) * 4, "num_decoder_blocks": (1,) * 4}
    AutoencoderTiny(latent_channels=channels, **sizes, **blocks).save_pretrained(folder)
    return folder
