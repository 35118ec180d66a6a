"""What each knob of the image pane is called, what it does in plain words, and which ability of a model it needs."""

from typing import Final

GROUPS: Final[dict[str, tuple[str, ...]]] = {
    "Picture": ("size", "seed", "steps", "guidance", "scheduler", "negative", "tiling", "clip_skip"),
    "Styles (LoRA)": ("adapters",),
    "Redraw and fill": ("strength", "fill", "area", "padding_px", "feather_px", "grow_px"),
    "Enlarge": ("factor", "redraw_tiles", "tile_px", "overlap_px"),
    "Vary": ("variation",),
    "Guide by pictures": ("controls", "reference"),
}
EXPLAINED: Final[dict[str, tuple[str, str]]] = {
    "size": (
        "Size",
        "How large a picture the model draws, in pixels. It draws best near the size it learnt at.",
    ),
    "seed": (
        "Seed",
        "Where chance begins. Empty: a new one each time. The same seed and knobs make the same takes.",
    ),
    "steps": ("Steps", "How often the picture is refined. More is slower, and beyond a point no better."),
    "guidance": (
        "Guidance",
        "How closely the prompt is followed. 1 hardly, 5 to 8 usual, high values get harsh.",
    ),
    "scheduler": ("Scheduler", "How the steps are taken. The model's own is a good start."),
    "negative": ("Not wanted", "What should not be in the picture (negative prompt)."),
    "tiling": ("Seamless", "Makes the edges fit together, so that the picture can be laid side by side."),
    "clip_skip": (
        "Clip skip",
        "Leaves out so many last layers of the text reader; some models were made for 1.",
    ),
    "adapters": ("LoRA", "Small files that teach a model a style or a thing; weight 1 is as trained."),
    "strength": (
        "Strength",
        "How much of the picture is drawn anew: 0.2 touches up, 0.6 redraws, 1 begins from nothing.",
    ),
    "fill": ("Begin with", "What stands under the mask before drawing."),
    "area": (
        "Draw at",
        "“The mask alone” enlarges the masked part to the whole size, draws it in detail and puts it back.",
    ),
    "padding_px": ("Surroundings", "How much around the mask the model sees then, in pixels."),
    "feather_px": ("Soft edge", "How far the drawing fades out inside the mask's edge, in pixels."),
    "grow_px": ("Grow mask", "Widen (or, below 0, narrow) the mask by so many pixels."),
    "factor": ("Enlarge by", "How many times as wide and high."),
    "redraw_tiles": ("Add detail", "Draws the enlarged picture anew in tiles, at the strength above."),
    "tile_px": ("Tile", "The side of a tile in pixels."),
    "overlap_px": ("Overlap", "How far tiles reach into each other, in pixels."),
    "variation": (
        "Variation",
        "How far “More like this” goes from a take: 0.1 to 0.3 stays near it. 0 is the usual, 0.25.",
    ),
    "controls": ("ControlNet", "Follows the lines, depth or pose of a picture."),
    "reference": ("Reference", "Follows the look of a picture (IP-Adapter)."),
}
CHOICES: Final[dict[str, tuple[tuple[object, str], ...]]] = {
    "tiling": (("none", "Off"), ("both", "All round"), ("x", "Left and right"), ("y", "Above and below")),
    "fill": (
        ("original", "What is there"),
        ("blur", "Smeared surroundings"),
        ("noise", "Noise"),
        ("colour", "One colour"),
    ),
    "area": (("whole", "The whole frame"), ("masked", "The mask alone")),
    "redraw_tiles": ((True, "Drawn by the model"), (False, "No: smooth only")),
}
ABILITY: Final = {  # knob: the ability of a model's card it needs
    "negative": "negative",
    "guidance": "guidance",
    "tiling": "tiling",
    "clip_skip": "clip_skip",
    "scheduler": "scheduler",
    "adapters": "lora",
    "controls": "control",
    "reference": "reference",
}
MODE_OF: Final = {  # knob: the modes it does something in
    "strength": ("image", "inpaint", "upscale"),
    "fill": ("inpaint",),
    "area": ("inpaint",),
    "padding_px": ("inpaint",),
    "feather_px": ("inpaint",),
    "grow_px": ("inpaint",),
    "factor": ("upscale",),
    "redraw_tiles": ("upscale",),
    "tile_px": ("upscale",),
    "overlap_px": ("upscale",),
    "size": ("text", "image", "inpaint"),
}
MODE_WORDS: Final = {
    "text": "Counts when a picture is drawn from words.",
    "image": "Counts when a picture is redrawn.",
    "inpaint": "Counts when a mask is filled.",
    "upscale": "Counts when a picture is enlarged.",
}
ASPECTS: Final = (
    ("Square 1:1", 1, 1),
    ("Landscape 4:3", 4, 3),
    ("Landscape 3:2", 3, 2),
    ("Wide 16:9", 16, 9),
    ("Panorama 21:9", 21, 9),
    ("Portrait 3:4", 3, 4),
    ("Portrait 2:3", 2, 3),
    ("Tall 9:16", 9, 16),
)
