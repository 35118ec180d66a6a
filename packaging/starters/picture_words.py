"""What the picture model is told: how icons are phrased, how often each is drawn, and its small tokenizer."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from picture_data import Picture, words_of
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, trainers
from transformers import CLIPTokenizer

BEGIN, END = "<|startoftext|>", "<|endoftext|>"
VOCABULARY = 2560
LENGTH = 32  # tokens of a phrase, both marks counted
SPLIT = r"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"

# simple things that people ask for first: drawn more often in training, and whole (no style held back)
COMMON = """red heart,blue heart,green heart,yellow heart,purple heart,orange heart,pink heart,star,glowing star,
house,house with garden,fish,tropical fish,smiling face,slightly smiling face,grinning face,
smiling face with smiling eyes,smiling face with sunglasses,crying face,angry face,cat,cat face,dog,
dog face,bird,rabbit face,bear,pig face,frog,cow face,horse,tiger face,lion,mouse face,monkey face,
fox,unicorn,butterfly,honeybee,snail,lady beetle,turtle,octopus,whale,dolphin,red apple,green apple,
banana,grapes,strawberry,cherries,watermelon,lemon,tangerine,pear,peach,pineapple,tomato,carrot,
mushroom,hamburger,pizza,bread,cheese wedge,ice cream,soft ice cream,doughnut,cookie,birthday cake,
shortcake,hot beverage,evergreen tree,deciduous tree,palm tree,cactus,tulip,rose,sunflower,
cherry blossom,four leaf clover,sun,sun with face,full moon,crescent moon,cloud,rainbow,snowflake,
snowman,fire,droplet,umbrella,automobile,bicycle,rocket,airplane,sailboat,ship,locomotive,train,key,
locked,light bulb,open book,books,camera,television,telephone,mobile phone,laptop,envelope,
wrapped gift,balloon,crown,gem stone,ring,top hat,glasses,running shoe,t shirt,dress,soccer ball,basketball,
trophy,musical note,drum,violin,castle,tent,mountain,ghost,robot,alien,skull,globe,clock,alarm clock,
bomb,hammer,pencil,paperclip,scissors,magnifying glass tilted left,ewe,chicken,rooster,duck,owl,eagle,
ant,teddy bear,spider,crab,snake,dragon,home,closed book,ox,pig,rabbit,mouse,tiger,eyes,ear,nose,
mouth"""
FIRST = (
    """red heart,star,house,fish,tropical fish,smiling face,slightly smiling face"""  # what everybody tries
)
FIRST_FAVOUR = 2.0  # times as often again
RARE = {  # words of captions with many near-duplicates -> how often they are drawn
    "family": 0.15, "clock": 0.2, "thirty": 0.2, "wheelchair": 0.3, "cane": 0.3, "kneeling": 0.3,
    "japanese": 0.5, "component": 0.2, "button": 0.5, "input": 0.3, "sorting": 0.3, "flag": 0.5,
    "woman": 0.5, "man": 0.5, "person": 0.6, "couple": 0.3, "kiss": 0.5, "moon": 0.7, "database": 0.4,
}  # fmt: skip
PLAIN_STYLES = ("noto", "fluent_flat")  # phrases without a style mean these oftener
PLAINEST = (
    "fluent_flat"  # ... and those of common things mean this one alone: a mean of many shapes is a blob
)
COLOURS = {
    "red": (225, 45, 45), "orange": (250, 140, 20), "yellow": (252, 205, 50), "green": (80, 165, 60),
    "blue": (40, 130, 220), "purple": (135, 75, 180), "pink": (240, 125, 170), "brown": (125, 80, 55),
    "black": (45, 45, 50), "gray": (150, 155, 160),
}  # fmt: skip


def is_common(picture: Picture) -> bool:
    """Whether it shows a simple thing that people ask for first."""
    return picture.caption in words_of(COMMON)


def weight(picture: Picture, favour: float) -> float:
    """How often an icon is drawn in training: 1.0 for an ordinary one, `favour` for a simple, common thing."""
    if is_common(picture):
        return favour * FIRST_FAVOUR if picture.caption in words_of(FIRST) else favour
    share = min((RARE[word] for word in picture.caption.split() if word in RARE), default=1.0)
    return share * (0.6 if picture.set == "flat_color_icons" else 1.0)


def colour_of(pixels: np.ndarray) -> str:
    """The colour that most of an icon, uint8 (H, W, 3) on white, has; empty where no colour leads."""
    inside = pixels[::4, ::4].reshape(-1, 3).astype(np.float32)  # one pixel of sixteen is enough
    inside = inside[inside.min(1) < 235]
    if len(inside) < 25:
        return ""
    names = list(COLOURS)
    gaps = np.square(inside[:, None] - np.array([COLOURS[name] for name in names], dtype=np.float32)).sum(2)
    counts = np.bincount(gaps.argmin(1), minlength=len(names)) / len(inside)
    name = names[int(counts.argmax())]
    vivid = float(np.ptp(inside, axis=1).mean()) > 45
    return name if counts.max() > 0.62 and not (name in ("gray", "black") and vivid) else ""


ALIASES = {  # what people say for it
    "automobile": "car", "deciduous tree": "tree", "lady beetle": "ladybug", "ewe": "sheep", "wrapped gift": "gift",
    "closed book": "book", "open book": "book", "hot beverage": "cup of coffee",
    "slightly smiling face": "smiling face", "house with garden": "house",
    "rabbit face": "rabbit", "cow face": "cow", "pig face": "pig", "monkey face": "monkey",
    "tiger face": "tiger", "running shoe": "shoe", "locomotive": "train", "light bulb": "lamp", "airplane": "plane",
    "honeybee": "bee", "sun with face": "smiling sun", "glowing star": "shining star", "grinning face": "happy face",
    "birthday cake": "cake", "gem stone": "diamond", "evergreen tree": "pine tree", "snowman": "snow man",
    "spouting whale": "whale", "rooster": "cock", "t shirt": "shirt", "locked": "lock",
}  # fmt: skip


def an(phrase: str) -> str:
    """The phrase with its article."""
    return f"{'an' if phrase[:1] in 'aeiou' else 'a'} {phrase}"


def phrase(picture: Picture, colour: str, rng: np.random.Generator) -> str:
    """One of the ways to ask for an icon. `colour`: its leading colour, or empty."""
    words = picture.caption
    if words in ALIASES and rng.random() < 0.4:
        words = ALIASES[words]
    if colour and COLOURS.keys().isdisjoint(words.split()) and rng.random() < 0.2:
        words = f"{colour} {words}"
    kind = rng.random()
    if kind < 0.35:
        words = an(words)
    elif kind < 0.5 and picture.keywords:
        chosen = rng.permutation(len(picture.keywords))[: rng.integers(1, 4)]
        words = ", ".join([words, *(picture.keywords[i] for i in chosen)])
    styled = 0.45 if picture.set in PLAIN_STYLES else 0.8
    if is_common(picture) and picture.set != PLAINEST:
        styled = 1.0
    return f"{words}, {picture.style}" if rng.random() < styled else words


def learn(pictures: Sequence[Picture], size: int = VOCABULARY) -> CLIPTokenizer:
    """Learn a tokenizer of CLIP's make from the captions, keywords and styles of the training side."""
    found = Tokenizer(models.BPE(end_of_word_suffix="</w>", continuing_subword_prefix=""))
    found.normalizer = normalizers.Sequence(
        [normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Lowercase()]
    )
    found.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(SPLIT), behavior="removed", invert=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        special_tokens=[BEGIN, END],
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        end_of_word_suffix="</w>",
        show_progress=False,
    )
    lines = [f"a an {picture.caption} {picture.style}" for picture in pictures]
    lines += [word for picture in pictures for word in picture.keywords]
    found.train_from_iterator(lines + list(COLOURS) * 20, trainer)
    made = json.loads(found.to_str())["model"]
    vocab: dict[str, int] = dict(made["vocab"])
    missing = [f"{letter}</w>" for letter in sorted(pre_tokenizers.ByteLevel.alphabet())]
    for token in missing:  # every single letter may end a word, so that no text is unknown
        vocab.setdefault(token, len(vocab))
    merges = [tuple(pair) for pair in made["merges"]]
    return CLIPTokenizer(vocab=vocab, merges=merges, model_max_length=LENGTH)


def load(folder: Path) -> CLIPTokenizer:
    """The tokenizer kept in a folder."""
    return CLIPTokenizer.from_pretrained(folder)


def encode(tokenizer: CLIPTokenizer, phrases: Sequence[str]) -> np.ndarray:
    """Token ids, int64 (B, 32), as the pipeline pads and cuts them."""
    return tokenizer(
        list(phrases), padding="max_length", truncation=True, max_length=LENGTH, return_tensors="np"
    )["input_ids"].astype(np.int64)
