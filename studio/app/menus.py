"""Which actions stand in the menus and on the toolbar; "" is a line, " " a gap."""

EXCHANGE = ("", "file.import", "file.export", "file.pdf", "file.print")
FIND = ("", "edit.find", "edit.replace", "edit.find_next", "edit.find_previous", "edit.find_book")
SCENES = ("", "work.split", "work.merge", "work.duplicate", "", "work.removed")
PIECES = ("take.word", "take.sentence", "take.paragraph")
ACTS = ("act.rewrite", "act.expand", "act.shorten", "act.describe", "act.tone", "act.instruct")
MENUS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("&File", ("file.new", "file.open", "", "file.rename", "file.save_copy", *EXCHANGE, "", "file.quit")),
    (
        "&Edit",
        (
            "edit.undo",
            "edit.redo",
            "",
            "edit.lock",
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
            "",
            "take.next",
            "take.previous",
        ),
    ),
    ("A&sk", (*ACTS, "", "tools.check_model")),
    ("&Work", ("work.scene", "work.chapter", "work.story", "work.note", *SCENES)),
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
)
