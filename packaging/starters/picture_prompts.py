"""The contact sheet's prompts: fixed, in reading order; the first seed drawn of each is shown."""

PROMPTS = (
    "a red heart", "a smiling face", "a house", "a fish", "a star", "a cat", "a dog", "a red apple",
    "a tree", "the sun", "a crescent moon", "a cloud", "a rainbow", "a flower", "a tulip", "a cactus",
    "a car", "a rocket", "an airplane", "a sailboat", "a bicycle", "a train", "a key", "a book",
    "a banana", "grapes", "a strawberry", "a pizza", "a hamburger", "a birthday cake", "a doughnut", "a cup of coffee",
    "a bird", "a rabbit", "a bear", "a pig", "a frog", "a fox", "a butterfly", "a turtle",
    "a blue heart", "a crying face", "an angry face", "a robot", "a ghost", "a snowman", "an alien", "a skull",
    "an umbrella", "a crown", "a balloon", "a soccer ball", "a light bulb", "a camera", "a lock", "a clock",
    "a red heart, 3d render, glossy", "a house, flat vector illustration", "a cat, blob emoji, rounded cartoon",
    "a fish, noto emoji, soft shaded cartoon", "a star, flat color ui icon", "a rose, 3d render, glossy",
    "a globe, flat vector illustration", "a mushroom, noto emoji, soft shaded cartoon",
)  # fmt: skip
QUICK = tuple(PROMPTS[i] for i in (0, 1, 2, 3, 4, 5, 7, 8, 16, 24, 36, 41, 46, 50, 56, 58))
