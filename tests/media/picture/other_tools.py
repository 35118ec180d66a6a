"""Picture files as other programs write them: the same calls, chunk by chunk and tag by tag."""

import io
import json
import struct
from typing import Any

from PIL import Image
from PIL.PngImagePlugin import PngInfo


def canvas(width: int = 48, height: int = 32) -> Image.Image:
    """Pixels that differ."""
    image = Image.new("RGB", (width, height))
    image.putdata([(x * 5 % 256, y * 7 % 256, (x * y) % 256) for y in range(height) for x in range(width)])
    return image


def png(**texts: str) -> bytes:
    """As A1111, ComfyUI and InvokeAI do: PngInfo.add_text for each."""
    info = PngInfo()
    for key, text in texts.items():
        info.add_text(key.replace("sd_metadata", "sd-metadata"), text)
    out = io.BytesIO()
    canvas().save(out, "PNG", pnginfo=info)
    return out.getvalue()


def a1111_exif(text: str) -> bytes:
    """piexif.dump({"Exif": {UserComment: UserComment.dump(text, encoding="unicode")}}): big-endian throughout."""
    comment = b"UNICODE\0" + text.encode("utf_16_be")
    first = struct.pack(">H", 1) + struct.pack(">HHII", 0x8769, 4, 1, 26) + struct.pack(">I", 0)
    inner = struct.pack(">H", 1) + struct.pack(">HHII", 0x9286, 7, len(comment), 44) + struct.pack(">I", 0)
    return b"Exif\0\0" + b"MM\0*" + struct.pack(">I", 8) + first + inner + comment


def a1111_jpeg(text: str) -> bytes:
    """piexif.insert puts the block right behind the JPEG's first marker."""
    out = io.BytesIO()
    canvas().save(out, "JPEG", quality=80)
    block = a1111_exif(text)
    whole = out.getvalue()
    return whole[:2] + b"\xff\xe1" + struct.pack(">H", len(block) + 2) + block + whole[2:]


def a1111_webp(text: str) -> bytes:
    """The EXIF chunk of an extended WebP."""
    out = io.BytesIO()
    canvas().save(out, "WEBP", quality=80, exif=a1111_exif(text))
    return out.getvalue()


def comfy_webp(prompt: Any, workflow: Any) -> bytes:
    """SaveAnimatedWEBP: metadata[0x0110] = "prompt:…", then downwards from 0x010f."""
    exif = canvas().getexif()
    exif[0x0110] = f"prompt:{json.dumps(prompt)}"
    exif[0x010F] = f"workflow:{json.dumps(workflow)}"
    out = io.BytesIO()
    canvas().save(out, "WEBP", exif=exif, lossless=True)
    return out.getvalue()


PARAMETERS = (
    "a portrait of a (fox:1.3), [blurry] <lora:detail_tweaker:0.6>, {curly}\nsecond line\n"
    "Negative prompt: ugly, (bad hands:1.4)\nmore, of it\n"
    "Steps: 28, Sampler: DPM++ 2M Karras, CFG scale: 6.5, Seed: 3519302113, Size: 512x768, "
    'Model hash: 6ce0161689, Model: v1-5-pruned-emaonly, Clip skip: 2, Lora hashes: "detail_tweaker: 7c6bad76eb54", '
    "Variation seed: 77, Variation seed strength: 0.25, Version: v1.10.1"
)

KSAMPLER = {
    "3": {
        "class_type": "KSampler",
        "inputs": {
            "seed": 156680208700286,
            "steps": 20,
            "cfg": 8,
            "sampler_name": "euler_ancestral",
            "scheduler": "karras",
            "denoise": 1,
            "model": ["10", 0],
            "positive": ["6", 0],
            "negative": ["7", 0],
            "latent_image": ["5", 0],
        },
        "_meta": {"title": "KSampler"},
    },
    "4": {
        "class_type": "CheckpointLoaderSimple",
        "inputs": {"ckpt_name": "sd\\v1-5-pruned-emaonly.safetensors"},
    },
    "5": {"class_type": "EmptyLatentImage", "inputs": {"width": 512, "height": 768, "batch_size": 1}},
    "6": {"class_type": "CLIPTextEncode", "inputs": {"text": "a [glass] bottle", "clip": ["12", 0]}},
    "7": {"class_type": "CLIPTextEncode", "inputs": {"text": "text, watermark", "clip": ["12", 0]}},
    "8": {"class_type": "VAEDecode", "inputs": {"samples": ["3", 0], "vae": ["4", 2]}},
    "9": {
        "class_type": "SaveImage",
        "inputs": {"filename_prefix": "ComfyUI", "images": ["8", 0]},
        "is_changed": [float("nan")],
    },
    "10": {
        "class_type": "LoraLoader",
        "inputs": {
            "lora_name": "glass.safetensors",
            "strength_model": 0.8,
            "strength_clip": 1,
            "model": ["11", 0],
            "clip": ["11", 1],
        },
    },
    "11": {
        "class_type": "LoraLoader",
        "inputs": {
            "lora_name": "light.safetensors",
            "strength_model": 0.5,
            "strength_clip": 1,
            "model": ["4", 0],
            "clip": ["4", 1],
        },
    },
    "12": {"class_type": "CLIPSetLastLayer", "inputs": {"stop_at_clip_layer": -2, "clip": ["10", 1]}},
}

FLUX = {
    "6": {"class_type": "CLIPTextEncode", "inputs": {"text": ["50", 0], "clip": ["11", 0]}},
    "8": {"class_type": "VAEDecode", "inputs": {"samples": ["13", 0], "vae": ["10", 0]}},
    "9": {"class_type": "SaveImage", "inputs": {"images": ["8", 0]}},
    "12": {
        "class_type": "UNETLoader",
        "inputs": {"unet_name": "flux1-dev.safetensors", "weight_dtype": "default"},
    },
    "13": {
        "class_type": "SamplerCustomAdvanced",
        "inputs": {
            "noise": ["25", 0],
            "guider": ["22", 0],
            "sampler": ["16", 0],
            "sigmas": ["17", 0],
            "latent_image": ["27", 0],
        },
    },
    "16": {"class_type": "KSamplerSelect", "inputs": {"sampler_name": "euler"}},
    "17": {
        "class_type": "BasicScheduler",
        "inputs": {"scheduler": "simple", "steps": 24, "denoise": 1.0, "model": ["30", 0]},
    },
    "22": {"class_type": "BasicGuider", "inputs": {"model": ["30", 0], "conditioning": ["26", 0]}},
    "25": {"class_type": "RandomNoise", "inputs": {"noise_seed": ["51", 0]}},
    "26": {"class_type": "FluxGuidance", "inputs": {"guidance": 3.5, "conditioning": ["40", 0]}},
    "27": {
        "class_type": "EmptySD3LatentImage",
        "inputs": {"width": ["52", 0], "height": 1024, "batch_size": 1},
    },
    "30": {
        "class_type": "ModelSamplingFlux",
        "inputs": {"max_shift": 1.15, "width": 1024, "height": 1024, "model": ["12", 0]},
    },
    "40": {"class_type": "Reroute", "inputs": {"": ["6", 0]}},
    "50": {"class_type": "PrimitiveStringMultiline", "inputs": {"value": "a lighthouse, (storm:1.2)"}},
    "51": {"class_type": "PrimitiveInt", "inputs": {"value": 42}},
    "52": {"class_type": "PrimitiveInt", "inputs": {"value": 832}},
}

WORKFLOW = {  # the same kind of graph as the person sees it: fields by their order, links by numbers
    "last_node_id": 20,
    "last_link_id": 20,
    "version": 0.4,
    "nodes": [
        {
            "id": 3,
            "type": "KSampler",
            "mode": 0,
            "widgets_values": [9, "randomize", 12, 7.5, "dpmpp_2m", "normal", 0.55],
            "inputs": [
                {"name": "model", "type": "MODEL", "link": 1},
                {"name": "positive", "type": "CONDITIONING", "link": 4},
                {"name": "negative", "type": "CONDITIONING", "link": 6},
                {"name": "latent_image", "type": "LATENT", "link": 2},
            ],
        },
        {
            "id": 4,
            "type": "CheckpointLoaderSimple",
            "mode": 0,
            "inputs": [],
            "widgets_values": ["model.safetensors"],
        },
        {
            "id": 5,
            "type": "VAEEncode",
            "mode": 0,
            "inputs": [{"name": "pixels", "link": 7}, {"name": "vae", "link": 8}],
            "widgets_values": [],
        },
        {
            "id": 6,
            "type": "CLIPTextEncode",
            "mode": 0,
            "inputs": [{"name": "clip", "link": 3}],
            "widgets_values": ["a barn"],
        },
        {
            "id": 7,
            "type": "CLIPTextEncode",
            "mode": 0,
            "inputs": [{"name": "clip", "link": 5}],
            "widgets_values": ["people"],
        },
        {"id": 10, "type": "LoadImage", "mode": 0, "inputs": [], "widgets_values": ["barn.png", "image"]},
        {
            "id": 11,
            "type": "LoraLoader",
            "mode": 4,
            "inputs": [{"name": "model", "link": 9}, {"name": "clip", "link": 10}],
            "widgets_values": ["off.safetensors", 1, 1],
        },
        {
            "id": 12,
            "type": "SaveImage",
            "mode": 0,
            "inputs": [{"name": "images", "link": 11}],
            "widgets_values": ["ComfyUI"],
        },
        {
            "id": 13,
            "type": "VAEDecode",
            "mode": 0,
            "inputs": [{"name": "samples", "link": 12}],
            "widgets_values": [],
        },
        {
            "id": 14,
            "type": "KSampler",
            "mode": 2,
            "widgets_values": [1, "fixed", 1, 1, "euler", "normal", 1],
            "inputs": [],
        },
    ],
    "links": [
        [1, 11, 0, 3, 0, "MODEL"],
        [2, 5, 0, 3, 3, "LATENT"],
        [3, 4, 1, 6, 0, "CLIP"],
        [4, 6, 0, 3, 1, "CONDITIONING"],
        [5, 4, 1, 7, 0, "CLIP"],
        [6, 7, 0, 3, 2, "CONDITIONING"],
        [7, 10, 0, 5, 0, "IMAGE"],
        [8, 4, 2, 5, 1, "VAE"],
        [9, 4, 0, 11, 0, "MODEL"],
        [10, 4, 1, 11, 1, "CLIP"],
        [11, 13, 0, 12, 0, "IMAGE"],
        [12, 3, 0, 13, 0, "LATENT"],
    ],
}

INVOKE = {
    "generation_mode": "sdxl_txt2img",
    "positive_prompt": "a castle++ in (mist)1.2, [old] (ruin)",
    "negative_prompt": "people--",
    "width": 1024,
    "height": 1000,
    "seed": 1234567,
    "rand_device": "cpu",
    "cfg_scale": 7.5,
    "steps": 30,
    "scheduler": "dpmpp_2m_k",
    "seamless_x": True,
    "seamless_y": False,
    "clip_skip": 1,
    "model": {"key": "k", "hash": "blake3:abc", "name": "Juggernaut XL", "base": "sdxl", "type": "main"},
    "loras": [
        {
            "model": {"key": "l", "hash": "sha256:0011223344", "name": "ink", "base": "sdxl", "type": "lora"},
            "weight": 0.75,
        }
    ],
    "controlnets": [{"control_model": {"name": "canny"}}],
    "app_version": "5.6.0",
}

SD_METADATA = {
    "model": "stable diffusion",
    "model_id": "stable-diffusion-1.5",
    "model_hash": "cc6cb27103417325ff94f52b7a5d2dde45a7515b25c255d8e396c90014281516",
    "app_id": "invoke-ai/InvokeAI",
    "app_version": "2.3.5",
    "image": {
        "prompt": [{"prompt": "a red barn [people, cars]", "weight": 1.0}],
        "steps": 50,
        "cfg_scale": 7.5,
        "threshold": 0,
        "perlin": 0,
        "height": 512,
        "width": 640,
        "seed": 2187216393,
        "seamless": True,
        "type": "txt2img",
        "postprocessing": None,
        "sampler": "k_lms",
        "variations": [{"seed": 5, "weight": 0.2}],
    },
}

DREAM = '"a fantasy landscape, oil" -s 40 -S 3357757885 -W 512 -H 448 -C 7.5 -A k_euler_a'
