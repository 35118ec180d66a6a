"""What each sampling knob is called, what it does in plain words, and which value switches it off."""

from typing import Final

GROUPS: Final[dict[str, tuple[str, ...]]] = {
    "Basics": ("temperature", "dynamic_range", "dynamic_exponent"),
    "Filters": ("top_k", "top_p", "min_p", "typical_p", "top_n_sigma"),
    "Repetition": (
        "repetition_penalty",
        "presence_penalty",
        "frequency_penalty",
        "penalty_tokens",
        "dry_multiplier",
        "dry_base",
        "dry_allowed_length",
        "dry_tokens",
        "dry_breakers",
    ),
    "Special": (
        "xtc_probability",
        "xtc_threshold",
        "mirostat",
        "mirostat_tau",
        "mirostat_eta",
        "banned_phrases",
        "logit_bias",
    ),
    "Order": ("order",),
}

EXPLAINED: Final = {
    "temperature": (
        "Temperature",
        "How daring the choice of words is. 0 always takes the likeliest word, 0.8 is lively, above 1.2 wild.",
    ),
    "dynamic_range": (
        "Temperature range",
        "Lets the temperature move up and down by this much: calm where the model is sure, bold where many words "
        "fit. 0 switches it off.",
    ),
    "dynamic_exponent": (
        "Range exponent",
        "How the temperature follows the model's doubt: above 1 it stays calm for longer, below 1 it gets bold sooner.",
    ),
    "top_k": ("Top-k", "Choose among this many of the likeliest words only. 0 switches it off."),
    "top_p": (
        "Top-p",
        "Choose among the likeliest words that together make up this share of the chance. 1 switches it off.",
    ),
    "min_p": (
        "Min-p",
        "Drop words less likely than this share of the likeliest one. 0 switches it off; 0.05 keeps sense.",
    ),
    "typical_p": (
        "Typical-p",
        "Prefer words that surprise as much as the text usually does, up to this share. 1 switches it off.",
    ),
    "top_n_sigma": (
        "Top-n-sigma",
        "Keep words whose score is within this many standard deviations of the best. 0 switches it off; 1 is strict.",
    ),
    "repetition_penalty": (
        "Repetition penalty",
        "Makes words that were just used less likely. 1 switches it off; above 1.3 sentences get odd.",
    ),
    "presence_penalty": (
        "Presence penalty",
        "Takes this much off the score of every word that was used lately, however often. 0 switches it off.",
    ),
    "frequency_penalty": (
        "Frequency penalty",
        "Takes this much off a word's score each time it was used lately. 0 switches it off.",
    ),
    "penalty_tokens": ("Penalties look back", "How many tokens back these three penalties remember."),
    "dry_multiplier": (
        "DRY strength",
        "Makes going on with a repetition less likely, the more the longer it is; single words may come again. "
        "0 switches it off; 0.8 is usual.",
    ),
    "dry_base": ("DRY base", "How fast that grows with the length of the repetition."),
    "dry_allowed_length": ("DRY allows", "Repetitions shorter than this many tokens are free."),
    "dry_tokens": (
        "DRY looks back",
        "How many tokens back repetitions are looked for. 0 looks at all of the text.",
    ),
    "dry_breakers": (
        "DRY breakers",
        r"A repetition ends at each of these, so that names before a colon may come again. \n is a line break.",
    ),
    "xtc_probability": (
        "XTC chance",
        "How often the likeliest words are left out, so that another good one is taken. 0 switches it off; "
        "0.5 is usual.",
    ),
    "xtc_threshold": (
        "XTC threshold",
        "Which words count as likely there: those with at least this chance. The least likely of them stays.",
    ),
    "mirostat": (
        "Mirostat",
        "Steers the cut so that the text surprises evenly. It takes the place of all steps after the temperature.",
    ),
    "mirostat_tau": ("Mirostat target", "How much each word should surprise, in bits. 3 is calm, 5 lively."),
    "mirostat_eta": ("Mirostat rate", "How fast it corrects itself."),
    "banned_phrases": (
        "Banned phrases",
        "These never stand in a take, in capitals or not: when one appears, the model goes back and finds other words.",
    ),
    "logit_bias": (
        "Word biases",
        "Makes a word likelier (above 0) or less likely (below 0); -100 forbids it. It counts with and without a "
        "space before it.",
    ),
    "order": ("Order of the steps", "The steps run from top to bottom; each sees what the one before left."),
}

OFF: Final[dict[str, object]] = {
    "dynamic_range": 0.0,
    "top_k": 0,
    "top_p": 1.0,
    "min_p": 0.0,
    "typical_p": 1.0,
    "top_n_sigma": 0.0,
    "repetition_penalty": 1.0,
    "presence_penalty": 0.0,
    "frequency_penalty": 0.0,
    "dry_multiplier": 0.0,
    "xtc_probability": 0.0,
    "mirostat": 0,
}
# these matter only while one of those is on
NEEDS: Final[dict[str, tuple[str, ...]]] = {
    "dynamic_exponent": ("dynamic_range",),
    "penalty_tokens": ("repetition_penalty", "presence_penalty", "frequency_penalty"),
    "dry_base": ("dry_multiplier",),
    "dry_allowed_length": ("dry_multiplier",),
    "dry_tokens": ("dry_multiplier",),
    "dry_breakers": ("dry_multiplier",),
    "xtc_threshold": ("xtc_probability",),
    "mirostat_tau": ("mirostat",),
    "mirostat_eta": ("mirostat",),
}
STEP_TITLES: Final[dict[str, tuple[str, tuple[str, ...]]]] = {
    "penalties": ("Repetition, presence and frequency penalties", NEEDS["penalty_tokens"]),
    "dry": ("DRY", ("dry_multiplier",)),
    "temperature": ("Temperature", ()),
    "top_n_sigma": ("Top-n-sigma", ("top_n_sigma",)),
    "top_k": ("Top-k", ("top_k",)),
    "typical": ("Typical-p", ("typical_p",)),
    "top_p": ("Top-p", ("top_p",)),
    "min_p": ("Min-p", ("min_p",)),
    "xtc": ("XTC", ("xtc_probability",)),
}
