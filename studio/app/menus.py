"""Which actions stand in the menus and on the toolbar; "" is a line, " " a gap."""

from studio.app.piece_ask_specs import PIECE_ASK_MENU
from studio.app.piece_time_specs import PIECE_TIME_MENU
from studio.app.roll_action_specs import ROLL_MENU, ROLL_PITCH_MENU

EXCHANGE = ("", "file.import", "file.export", "file.pdf", "file.print")
FIND = ("", "edit.find", "edit.replace", "edit.find_next", "edit.find_previous", "edit.find_book")
SCENES = ("", "work.split", "work.merge", "work.duplicate", "", "work.removed")
PICTURE_FILES = ("file.import_picture", "file.export_picture", "file.export_layers", "file.copy_picture")
MUSIC_FILES = ("file.import_music", "file.export_music", "file.copy_music")
MASKS = ("", "edit.invert_mask", "edit.clear_mask")
PICTURE_TAKES = ("", "take.more_like", "take.from_take", "take.again", "", "take.grid")
TOOLS = tuple(f"tool.{name}" for name in ("brush", "eraser", "lasso", "rectangle", "move", "crop", "frame"))
PLAY = (
    "play.toggle",
    "play.take",
    "play.start",
    "play.loop",
    "play.metronome",
    "play.count_in",
    "play.record",
)
MUSIC = (*PLAY, "", "view.tracks", *PIECE_TIME_MENU)
PIECES = ("take.word", "take.sentence", "take.paragraph")
ACTS = ("act.rewrite", "act.expand", "act.shorten", "act.describe", "act.tone", "act.instruct")
MENUS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "&File",
        (
            "file.new",
            "file.open",
            "",
            "file.rename",
            "file.save_copy",
            *EXCHANGE,
            "",
            *PICTURE_FILES,
            "",
            *MUSIC_FILES,
            "",
            "file.quit",
        ),
    ),
    (
        "&Edit",
        (
            "edit.undo",
            "edit.redo",
            "",
            "edit.lock",
            *MASKS,
            *FIND,
            "tools.search",
            "",
            "edit.tidy",
            "",
            "tools.shortcuts",
        ),
    ),
    (
        "&Take",
        (
            "take.propose",
            "take.stop",
            "take.regenerate",
            "",
            "take.accept",
            "take.reject",
            *PIECES,
            "",
            "take.compare",
            *PICTURE_TAKES,
            "",
            "take.next",
            "take.previous",
        ),
    ),
    ("A&sk", (*ACTS, "", "act.picture_passage", "", *PIECE_ASK_MENU, "", "tools.check_model")),
    (
        "&Work",
        ("work.scene", "work.chapter", "work.story", "work.note", "work.picture", "work.piece", *SCENES),
    ),
    ("Too&ls", TOOLS),
    ("&Music", MUSIC),
    ("&Notes", ROLL_MENU),
    ("&Notes > &Pitch", ROLL_PITCH_MENU),  # a menu in that one
    (
        "&View",
        (
            "view.works",
            "view.lineage",
            "view.context",
            "view.lore",
            "view.scene",
            "view.queue",
            "",
            "view.gallery",
            "view.knobs",
            "view.layers",
            "view.adjust",
            "view.details",
            "",
            "view.authors",
            "view.ghost",
            "view.heat",
            "view.typewriter",
            "view.spelling",
            "view.focus",
            "",
            "view.zoom_in",
            "view.zoom_out",
            "view.zoom_reset",
            "canvas.fit",
            "",
            "theme.system",
            "theme.light",
            "theme.dark",
        ),
    ),
    (
        "&Help",
        (
            "tools.palette",
            "tools.add_model",
            "tools.add_gguf",
            "tools.endpoints",
            "tools.doctor",
            "",
            "help.about",
        ),
    ),
)
TOOLBAR: tuple[str, ...] = (
    "work.picture",
    "work.piece",
    "view.gallery",
    "",
    "edit.undo",
    "edit.redo",
    "",
    "take.propose",
    "take.regenerate",
    "take.accept",
    "take.reject",
    "take.stop",
    " ",
    "view.authors",
    "view.focus",
    "tools.palette",
)
LATER_DOCKS: tuple[tuple[str, str], ...] = (  # at the right, behind the lineage; built when first seen
    ("view.context", "Context"),
    ("view.lore", "Lorebook"),
    ("view.scene", "Scene"),
    ("edit.find_book", "Find"),
    ("view.knobs", "Knobs"),
    ("view.layers", "Layers"),
    ("view.adjust", "Adjust"),
    ("view.details", "Recipe"),
    ("view.tracks", "Tracks"),
)
LEFT_DOCKS = frozenset({"view.tracks"})  # these stand below the works instead
DOCKS_OF = {  # those of one art only, hidden while another is open
    "text": frozenset({"view.context", "view.lore", "view.scene", "edit.find_book"}),
    "picture": frozenset({"view.knobs", "view.layers", "view.adjust", "view.details"}),
    "piece": frozenset({"view.knobs", "view.tracks"}),
}
OF_ONE_ART = frozenset().union(*DOCKS_OF.values())
FIRST_DOCKS = {
    "text": (),
    "picture": ("view.layers", "view.details", "view.knobs"),
    "piece": ("view.tracks", "view.knobs"),
}  # shown the first time; the last one in front
