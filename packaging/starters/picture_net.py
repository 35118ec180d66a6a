"""The picture model's parts: UNet, text encoder, scheduler; how noise is added."""

from dataclasses import dataclass

from diffusers import DDIMScheduler, UNet2DConditionModel
from picture_vae import LATENTS
from picture_words import LENGTH
from torch import Tensor, nn
from transformers import CLIPTextConfig, CLIPTextModel

STEPS = 1000  # levels of noise


@dataclass(frozen=True)
class Shape:
    """Sizes of the trained parts."""

    widths: tuple[int, ...] = (64, 80, 96)
    text: int = 128
    text_layers: int = 2
    heads: int = 4


def build_unet(shape: Shape) -> UNet2DConditionModel:
    """A fresh UNet: noisy latents (B, 6, 16, 16), step (B,), text (B, 32, D) to velocities (B, 6, 16, 16).

    The text also joins the step's embedding, pooled, and so reaches every layer: it is heeded much sooner.
    """
    levels = len(shape.widths)
    unet = UNet2DConditionModel(
        sample_size=16,
        in_channels=LATENTS,
        out_channels=LATENTS,
        down_block_types=("DownBlock2D", *("CrossAttnDownBlock2D",) * (levels - 1)),
        up_block_types=(*("CrossAttnUpBlock2D",) * (levels - 1), "UpBlock2D"),
        block_out_channels=shape.widths,
        layers_per_block=1,
        cross_attention_dim=shape.text,
        attention_head_dim=shape.heads,
        norm_num_groups=16,
        addition_embed_type="text",
        addition_embed_type_num_heads=shape.heads,
    )
    nn.init.zeros_(unet.add_embedding.norm2.weight)  # silent at first
    return unet


def build_text(shape: Shape, vocabulary: int) -> CLIPTextModel:
    """A fresh text encoder: token ids (B, 32) to float (B, 32, D)."""
    return CLIPTextModel(
        CLIPTextConfig(
            vocab_size=vocabulary,
            hidden_size=shape.text,
            intermediate_size=4 * shape.text,
            num_hidden_layers=shape.text_layers,
            num_attention_heads=shape.heads,
            max_position_embeddings=LENGTH,
            hidden_act="gelu",
            projection_dim=shape.text,
            bos_token_id=0,
            eos_token_id=1,
            pad_token_id=1,
        )
    )


def build_scheduler() -> DDIMScheduler:
    """Velocity prediction with no picture left at the last level, so that white grounds come out white."""
    return DDIMScheduler(
        num_train_timesteps=STEPS,
        beta_start=0.00085,
        beta_end=0.012,
        beta_schedule="scaled_linear",
        prediction_type="v_prediction",
        rescale_betas_zero_snr=True,
        timestep_spacing="trailing",
        clip_sample=False,
        set_alpha_to_one=True,
        steps_offset=1,
    )


def noised(clean: Tensor, noise: Tensor, signal: Tensor) -> tuple[Tensor, Tensor]:
    """A noisy latent and the velocity to foresee, both (B, C, H, W). `signal`: share of variance kept, (B,).

    Source: arXiv 2202.00512, appendix D.
    """
    keep, fade = (part.sqrt().view(-1, 1, 1, 1) for part in (signal, 1 - signal))
    return keep * clean + fade * noise, keep * noise - fade * clean
