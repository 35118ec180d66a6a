"""Checkpoint files in the makers' own names, made from tiny pipeline folders: the way back from diffusers' names."""

import re
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tests.tiny_pictures import index_of

Tensors = dict[str, Any]
_UNET_BLOCK = re.compile(
    r"(down|up)_blocks\.(\d+)\.(resnets|attentions|downsamplers|upsamplers)\.(\d+)\.(.*)"
)
_VAE_BLOCK = re.compile(
    r"(encoder|decoder)\.(down|up)_blocks\.(\d+)\.(resnets|downsamplers|upsamplers)\.(\d+)\.(.*)"
)
SINGLE = ("sd1", "sdxl", "sd3", "flux", "qwen_image", "z_image")


def make_checkpoint(file: Path, pipeline: Path, family: str, *, leave_out: tuple[str, ...] = ()) -> Path:
    """Write a pipeline's weights as one checkpoint file. What its family keeps elsewhere goes into the folder beside.

    Beside the file lies a folder of its name with the configs (they are tiny, the usual layout would not fit), the
    tokenizers, and the components that such files do not hold. `leave_out` is neither in the file nor beside it.
    """
    from safetensors.torch import save_file

    beside = file.with_suffix("")
    held = _HELD[family]
    tensors: Tensors = {}
    for part in index_of(pipeline):
        if part.startswith("_") or part in leave_out or not (pipeline / part).is_dir():
            continue
        if part in held:
            tensors |= held[part](weights_of(pipeline / part))
        files = ("*.json",) if part in held else ("*",)
        (beside / part).mkdir(parents=True, exist_ok=True)
        for pattern in files:
            for found in (pipeline / part).glob(pattern):
                shutil.copy(found, beside / part / found.name)
    save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, file)
    return file


def weights_of(folder: Path) -> Tensors:
    """All tensors of a component."""
    from safetensors.torch import load_file

    return load_file(next(folder.glob("*.safetensors")))


def unet_names(tensors: Tensors, layers: int = 1) -> Tensors:
    """A UNet under the latent diffusion names. `layers`: resnets of a down block."""
    fixed = {
        "time_embedding.linear_1": "time_embed.0", "time_embedding.linear_2": "time_embed.2",
        "conv_in": "input_blocks.0.0", "conv_norm_out": "out.0", "conv_out": "out.2",
        "add_embedding.linear_1": "label_emb.0.0", "add_embedding.linear_2": "label_emb.0.2",
    }  # fmt: skip
    attended = {
        re.match(r"up_blocks\.\d+", n)[0] for n in tensors if n.startswith("up_") and "attentions" in n
    }  # type: ignore[index]

    def renamed(name: str) -> str:
        for old, new in fixed.items():
            if name.startswith(old + "."):
                return new + name[len(old) :]
        if found := _UNET_BLOCK.match(name):
            side, block, kind, number, rest = found[1], int(found[2]), found[3], int(found[4]), found[5]
            per = layers + 1
            if kind == "downsamplers":
                return f"input_blocks.{per * (block + 1)}.0.op.{rest.removeprefix('conv.')}"
            if kind == "upsamplers":
                at = 2 if f"up_blocks.{block}" in attended else 1
                return f"output_blocks.{per * block + layers}.{at}.{rest}"
            at = per * block + number + (1 if side == "down" else 0)
            stem = f"{'input' if side == 'down' else 'output'}_blocks.{at}"
            return f"{stem}.0.{_resnet(rest)}" if kind == "resnets" else f"{stem}.1.{rest}"
        found = re.match(r"mid_block\.(resnets|attentions)\.(\d+)\.(.*)", name)
        assert found is not None, name
        if found[1] == "resnets":
            return f"middle_block.{2 * int(found[2])}.{_resnet(found[3])}"
        return f"middle_block.1.{found[3]}"

    return {f"model.diffusion_model.{renamed(name)}": tensor for name, tensor in tensors.items()}


def _resnet(rest: str) -> str:
    for old, new in (
        ("norm1", "in_layers.0"), ("conv1", "in_layers.2"), ("norm2", "out_layers.0"), ("conv2", "out_layers.3"),
        ("time_emb_proj", "emb_layers.1"), ("conv_shortcut", "skip_connection"),
    ):  # fmt: skip
        if rest.startswith(old + "."):
            return new + rest[len(old) :]
    raise AssertionError(rest)


def vae_names(tensors: Tensors, levels: int = 4) -> Tensors:
    """A KL VAE under the latent diffusion names."""
    made: Tensors = {}
    for name, tensor in tensors.items():
        new = name.replace("conv_norm_out", "norm_out")
        if found := _VAE_BLOCK.match(new):
            coder, side, level, kind, number, rest = found.groups()
            at = int(level) if side == "down" else levels - 1 - int(level)
            rest = rest.replace("conv_shortcut", "nin_shortcut")
            middle = f"block.{number}" if kind == "resnets" else f"{side}sample"
            new = f"{coder}.{side}.{at}.{middle}.{rest}"
        elif found := re.match(r"(encoder|decoder)\.mid_block\.(resnets|attentions)\.(\d+)\.(.*)", new):
            coder, kind, number, rest = found.groups()
            if kind == "resnets":
                new = f"{coder}.mid.block_{int(number) + 1}.{rest.replace('conv_shortcut', 'nin_shortcut')}"
            else:
                for old, fresh in (
                    ("group_norm", "norm"), ("to_q", "q"), ("to_k", "k"), ("to_v", "v"), ("to_out.0", "proj_out"),
                ):  # fmt: skip
                    rest = re.sub(rf"^{re.escape(old)}\.", f"{fresh}.", rest)
                if rest.endswith("weight") and tensor.ndim == 2:
                    tensor = tensor[:, :, None, None]
                new = f"{coder}.mid.attn_1.{rest}"
        made[f"first_stage_model.{new}"] = tensor
    return made


def clip_names(prefix: str) -> Callable[[Tensors], Tensors]:
    """A CLIP text encoder under transformers' older names."""

    def rename(tensors: Tensors) -> Tensors:
        made = {}
        for name, tensor in tensors.items():
            inner = name if name.startswith(("text_model.", "text_projection")) else f"text_model.{name}"
            made[prefix + inner] = tensor
        return made

    return rename


def open_clip_names(tensors: Tensors) -> Tensors:
    """SDXL's second text encoder under OpenCLIP's names: queries, keys and values in one."""
    import torch

    stem = "conditioner.embedders.1.model."
    made: Tensors = {
        f"{stem}positional_embedding": tensors["text_model.embeddings.position_embedding.weight"],
        f"{stem}token_embedding.weight": tensors["text_model.embeddings.token_embedding.weight"],
        f"{stem}ln_final.weight": tensors["text_model.final_layer_norm.weight"],
        f"{stem}ln_final.bias": tensors["text_model.final_layer_norm.bias"],
        f"{stem}text_projection": tensors["text_projection.weight"].T,
    }
    for name, tensor in tensors.items():
        found = re.match(r"text_model\.encoder\.layers\.(\d+)\.(.*)", name)
        if not found or ".k_proj." in name or ".v_proj." in name:
            continue
        inner = found[2]
        for old, new in (
            ("layer_norm1", "ln_1"),
            ("layer_norm2", "ln_2"),
            ("fc1", "c_fc"),
            ("fc2", "c_proj"),
        ):
            inner = inner.replace(old, new)
        inner = inner.replace("self_attn", "attn")
        if ".q_proj." in name:
            tensor = torch.cat([tensors[name.replace(".q_proj.", f".{k}_proj.")] for k in "qkv"])
            inner = inner.replace(".q_proj.", ".in_proj_")
        made[f"{stem}transformer.resblocks.{found[1]}.{inner}"] = tensor
    return made


def t5_names(tensors: Tensors) -> Tensors:
    """A T5 encoder as SD3's files hold it."""
    return {f"text_encoders.t5xxl.transformer.{name}": tensor for name, tensor in tensors.items()}


def _turned(tensor: Any) -> Any:
    import torch

    scale, shift = tensor.chunk(2, dim=0)
    return torch.cat([shift, scale], dim=0)


def _joined(tensors: Tensors, stem: str, names: tuple[str, str, str], end: str) -> Any:
    import torch

    return torch.cat([tensors[f"{stem}.{name}.{end}"] for name in names])


def sd3_names(tensors: Tensors) -> Tensors:
    """An SD3 transformer under its makers' names."""
    made: Tensors = {
        "pos_embed": tensors["pos_embed.pos_embed"], "x_embedder.proj.weight": tensors["pos_embed.proj.weight"],
        "x_embedder.proj.bias": tensors["pos_embed.proj.bias"],
    }  # fmt: skip
    blocks = 1 + max(int(n.split(".")[1]) for n in tensors if n.startswith("transformer_blocks."))
    for end in ("weight", "bias"):
        for old, new in (("timestep_embedder", "t_embedder"), ("text_embedder", "y_embedder")):
            for number, at in ((1, 0), (2, 2)):
                made[f"{new}.mlp.{at}.{end}"] = tensors[f"time_text_embed.{old}.linear_{number}.{end}"]
        made[f"context_embedder.{end}"] = tensors[f"context_embedder.{end}"]
        made[f"final_layer.linear.{end}"] = tensors[f"proj_out.{end}"]
        made[f"final_layer.adaLN_modulation.1.{end}"] = _turned(tensors[f"norm_out.linear.{end}"])
        for i in range(blocks):
            old, new = f"transformer_blocks.{i}", f"joint_blocks.{i}"
            last = i == blocks - 1
            made[f"{new}.x_block.attn.qkv.{end}"] = _joined(
                tensors, f"{old}.attn", ("to_q", "to_k", "to_v"), end
            )
            added = ("add_q_proj", "add_k_proj", "add_v_proj")
            made[f"{new}.context_block.attn.qkv.{end}"] = _joined(tensors, f"{old}.attn", added, end)
            pairs = [
                ("attn.to_out.0", "x_block.attn.proj"), ("norm1.linear", "x_block.adaLN_modulation.1"),
                ("ff.net.0.proj", "x_block.mlp.fc1"), ("ff.net.2", "x_block.mlp.fc2"),
            ]  # fmt: skip
            if not last:
                pairs += [
                    ("attn.to_add_out", "context_block.attn.proj"),
                    ("norm1_context.linear", "context_block.adaLN_modulation.1"),
                    ("ff_context.net.0.proj", "context_block.mlp.fc1"),
                    ("ff_context.net.2", "context_block.mlp.fc2"),
                ]
            for a, b in pairs:
                made[f"{new}.{b}.{end}"] = tensors[f"{old}.{a}.{end}"]
            if last:
                turned = _turned(tensors[f"{old}.norm1_context.linear.{end}"])
                made[f"{new}.context_block.adaLN_modulation.1.{end}"] = turned
    return {f"model.diffusion_model.{name}": tensor for name, tensor in made.items()}


def flux_names(tensors: Tensors) -> Tensors:
    """A Flux transformer under its makers' names (diffusers' converter knows the full width, 3,072, only)."""
    import torch

    made: Tensors = {}
    for end in ("weight", "bias"):
        for old, new in (
            ("timestep_embedder", "time_in"), ("text_embedder", "vector_in"), ("guidance_embedder", "guidance_in"),
        ):  # fmt: skip
            for number, layer in ((1, "in_layer"), (2, "out_layer")):
                key = f"time_text_embed.{old}.linear_{number}.{end}"
                if key in tensors:
                    made[f"{new}.{layer}.{end}"] = tensors[key]
        for old, new in (
            ("context_embedder", "txt_in"),
            ("x_embedder", "img_in"),
            ("proj_out", "final_layer.linear"),
        ):
            made[f"{new}.{end}"] = tensors[f"{old}.{end}"]
        made[f"final_layer.adaLN_modulation.1.{end}"] = _turned(tensors[f"norm_out.linear.{end}"])
        for old in sorted({m[0] for n in tensors if (m := re.match(r"transformer_blocks\.\d+", n))}):
            new = f"double_blocks.{old.split('.')[1]}"
            made[f"{new}.img_attn.qkv.{end}"] = _joined(tensors, f"{old}.attn", ("to_q", "to_k", "to_v"), end)
            added = ("add_q_proj", "add_k_proj", "add_v_proj")
            made[f"{new}.txt_attn.qkv.{end}"] = _joined(tensors, f"{old}.attn", added, end)
            for a, b in (
                ("norm1.linear", "img_mod.lin"), ("norm1_context.linear", "txt_mod.lin"),
                ("ff.net.0.proj", "img_mlp.0"),
                ("ff.net.2", "img_mlp.2"), ("ff_context.net.0.proj", "txt_mlp.0"), ("ff_context.net.2", "txt_mlp.2"),
                ("attn.to_out.0", "img_attn.proj"), ("attn.to_add_out", "txt_attn.proj"),
            ):  # fmt: skip
                made[f"{new}.{b}.{end}"] = tensors[f"{old}.{a}.{end}"]
        for old in sorted({m[0] for n in tensors if (m := re.match(r"single_transformer_blocks\.\d+", n))}):
            new = f"single_blocks.{old.split('.')[1]}"
            parts = [tensors[f"{old}.{k}.{end}"] for k in ("attn.to_q", "attn.to_k", "attn.to_v", "proj_mlp")]
            made[f"{new}.linear1.{end}"] = torch.cat(parts)
            made[f"{new}.linear2.{end}"] = tensors[f"{old}.proj_out.{end}"]
            made[f"{new}.modulation.lin.{end}"] = tensors[f"{old}.norm.linear.{end}"]
    for name, tensor in tensors.items():
        if found := re.match(
            r"(single_)?transformer_blocks\.(\d+)\.attn\.norm_(added_)?([qk])\.weight", name
        ):
            kind = "query_norm" if found[4] == "q" else "key_norm"
            stem = f"single_blocks.{found[2]}." if found[1] else f"double_blocks.{found[2]}."
            stem += "" if found[1] else "txt_attn." if found[3] else "img_attn."
            made[f"{stem}norm.{kind}.scale"] = tensor
    return {f"model.diffusion_model.{name}": tensor for name, tensor in made.items()}


def z_image_names(tensors: Tensors) -> Tensors:
    """A Z-Image transformer under its makers' names."""
    made: Tensors = {}
    for name, tensor in tensors.items():
        if ".to_k." in name or ".to_v." in name:
            continue
        new = name.replace("all_final_layer.2-1.", "final_layer.").replace(
            "all_x_embedder.2-1.", "x_embedder."
        )
        new = new.replace(".attention.to_out.0.", ".attention.out.")
        for half in "kq":
            new = new.replace(f".attention.norm_{half}.", f".attention.{half}_norm.")
        if ".attention.to_q." in new:
            stem = name.removesuffix(".to_q.weight")
            tensor = _joined(tensors, stem, ("to_q", "to_k", "to_v"), "weight")
            new = new.replace(".to_q.", ".qkv.")
        made[f"model.diffusion_model.{new}"] = tensor
    return made


def prefixed(tensors: Tensors) -> Tensors:
    """A transformer under diffusers' own names, as some files have it."""
    return {f"model.diffusion_model.{name}": tensor for name, tensor in tensors.items()}


_HELD: Mapping[str, Mapping[str, Callable[[Tensors], Tensors]]] = {
    "sd1": {
        "unet": unet_names, "vae": vae_names, "text_encoder": clip_names("cond_stage_model.transformer."),
    },
    "sdxl": {
        "unet": unet_names, "vae": vae_names, "text_encoder": clip_names("conditioner.embedders.0.transformer."),
        "text_encoder_2": open_clip_names,
    },
    "sd3": {
        "transformer": sd3_names, "vae": vae_names, "text_encoder": clip_names("text_encoders.clip_l.transformer."),
        "text_encoder_2": clip_names("text_encoders.clip_g.transformer."), "text_encoder_3": t5_names,
    },
    "flux": {"transformer": lambda tensors: tensors},
    "qwen_image": {"transformer": prefixed},
    "z_image": {"transformer": z_image_names},
}  # fmt: skip
