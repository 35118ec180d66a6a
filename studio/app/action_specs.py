"""Everything the window can do, as values: what menus, toolbar, shortcuts and the command palette are fed with."""

from typing import Literal

from msgspec import Struct


class ActionSpec(Struct, frozen=True, kw_only=True):
    """One action: `id` like "take.accept" (its group comes first), `keys` in Qt's portable text.

    `where` "canvas": its keys act only while the canvas has the keyboard.
    """

    id: str
    title: str
    keys: tuple[str, ...] = ()
    icon: str = ""
    tip: str = ""
    checkable: bool = False
    where: Literal["window", "canvas"] = "window"


SPECS = (
    ActionSpec(id="file.new", title="New project", keys=("Ctrl+N",), icon="add"),
    ActionSpec(id="file.open", title="Open project…", keys=("Ctrl+O",), icon="open"),
    ActionSpec(id="file.rename", title="Rename project…", icon="edit"),
    ActionSpec(id="file.save_copy", title="Save a copy…", keys=("Ctrl+Shift+S",), icon="save-copy"),
    ActionSpec(
        id="file.import",
        title="Import…",
        keys=("Ctrl+Shift+I",),
        icon="import",
        tip="A manuscript (docx, odt, epub, rtf, html, md, txt) becomes a story of this project",
    ),
    ActionSpec(
        id="file.export",
        title="Export…",
        keys=("Ctrl+E",),
        icon="export",
        tip="Write the story, a chapter or a scene to a docx, odt, epub, rtf, html, md or txt file",
    ),
    ActionSpec(id="file.pdf", title="Save as PDF…", icon="pdf", tip="The story as a book's pages"),
    ActionSpec(
        id="file.print", title="Print…", keys=("Ctrl+P",), icon="print", tip="The story as a book's pages"
    ),
    ActionSpec(
        id="file.import_picture",
        title="Import a picture…",
        icon="import",
        tip="A layer of the open picture, or a new one; a recipe in the file can be recalled",
    ),
    ActionSpec(
        id="file.export_picture",
        title="Export the picture…",
        icon="export",
        tip="A PNG, JPEG, WebP or TIFF file; the recipe travels in it",
    ),
    ActionSpec(id="file.export_layers", title="Export the layers…", tip="Each layer as a file of its own"),
    ActionSpec(
        id="file.copy_picture",
        title="Copy the picture",
        keys=("Ctrl+Shift+C",),
        icon="copy",
        tip="To the clipboard, as it is seen",
    ),
    ActionSpec(id="file.quit", title="Quit", keys=("Ctrl+Q",), icon="app-exit"),
    ActionSpec(id="edit.undo", title="Undo", keys=("Ctrl+Z",), icon="undo", tip="Step back in this work"),
    ActionSpec(
        id="edit.redo", title="Redo", keys=("Ctrl+Shift+Z", "Ctrl+Y"), icon="redo", tip="Step forward again"
    ),
    ActionSpec(id="edit.find", title="Find…", keys=("Ctrl+F",), icon="search", tip="Find in this text"),
    ActionSpec(
        id="edit.replace",
        title="Replace…",
        keys=("Ctrl+H",),
        icon="swap",
        tip="Find and replace in this text",
    ),
    ActionSpec(id="edit.find_next", title="Find next", keys=("F3",), icon="down"),
    ActionSpec(id="edit.find_previous", title="Find previous", keys=("Shift+F3",), icon="up"),
    ActionSpec(
        id="edit.find_book",
        title="Find in the whole book",
        keys=("Ctrl+Shift+F",),
        icon="search",
        checkable=True,
        tip="Find and replace in every scene of the story",
    ),
    ActionSpec(
        id="take.propose",
        title="Propose",
        keys=("Ctrl+Return", "Ctrl+Enter"),
        icon="spark",
        tip="The model proposes several takes, side by side",
    ),
    ActionSpec(id="take.stop", title="Stop", keys=("Esc",), icon="stop", tip="Takes stay as far as they got"),
    ActionSpec(
        id="take.accept",
        title="Accept take",
        keys=("Ctrl+Shift+Return", "Ctrl+Shift+Enter"),
        icon="accept",
        tip="The chosen take becomes part of the work; the others stay in the lineage",
    ),
    ActionSpec(
        id="take.reject",
        title="Reject take",
        keys=("Ctrl+Shift+Backspace",),
        icon="reject",
        tip="Set the chosen take aside; it is kept and found again in the lineage",
    ),
    ActionSpec(
        id="take.regenerate",
        title="Regenerate",
        keys=("Ctrl+R",),
        icon="regenerate",
        tip="The same request with a new seed; the takes so far stay in the lineage",
    ),
    ActionSpec(
        id="take.word",
        title="Accept next word",
        tip="The chosen take's next word; Tab while ghost text shows",
    ),
    ActionSpec(
        id="take.sentence",
        title="Accept next sentence",
        tip="The chosen take's next sentence; Ctrl+Right while ghost text shows",
    ),
    ActionSpec(
        id="take.paragraph",
        title="Accept next paragraph",
        tip="The chosen take's next paragraph; Ctrl+Down while ghost text shows",
    ),
    ActionSpec(id="take.next", title="Next take", keys=("Alt+Right",), icon="down"),
    ActionSpec(id="take.previous", title="Previous take", keys=("Alt+Left",), icon="up"),
    ActionSpec(
        id="take.compare",
        title="Compare…",
        keys=("Ctrl+D",),
        icon="compare",
        tip="The chosen take beside another, or two lines of the lineage",
    ),
    ActionSpec(
        id="take.again",
        title="Make again exactly",
        icon="retry",
        tip="The chosen take's recipe once more; says whether every pixel is the same",
    ),
    ActionSpec(
        id="take.more_like",
        title="More like this",
        keys=("Ctrl+Shift+V",),
        icon="picture",
        tip="Variations of the chosen take: its noise, a little changed",
    ),
    ActionSpec(
        id="take.from_take",
        title="Go on from this take",
        icon="branch",
        tip="The chosen take is redrawn, as far as the strength says",
    ),
    ActionSpec(
        id="take.grid",
        title="Takes in full size",
        keys=("Ctrl+G",),
        icon="grid",
        tip="All takes of the strip, large and side by side",
    ),
    ActionSpec(
        id="edit.tidy",
        title="Tidy…",
        icon="tidy",
        tip="Spacing, quotes, doubled words, repeated lines, an unfinished end: shown before it is done",
    ),
    ActionSpec(id="act.rewrite", title="Rewrite", keys=("Ctrl+Shift+R",), tip="The passage in other words"),
    ActionSpec(id="act.expand", title="Expand", tip="The passage in more words, with more of it shown"),
    ActionSpec(id="act.shorten", title="Shorten", tip="The passage in fewer words"),
    ActionSpec(id="act.describe", title="Describe", tip="More for the senses in the passage"),
    ActionSpec(id="act.tone", title="Change tone…", tip="The passage in another tone"),
    ActionSpec(
        id="act.instruct", title="Instruction…", keys=("Ctrl+I",), tip="Say what to do with the passage"
    ),
    ActionSpec(
        id="act.picture_passage",
        title="Picture this passage",
        keys=("Ctrl+Alt+P",),
        icon="picture",
        tip="A new picture of the selected passage, or of the sentence at the cursor",
    ),
    ActionSpec(
        id="edit.lock",
        title="Lock or unlock",
        keys=("Ctrl+L",),
        icon="lock",
        tip="What is selected or masked may not change any more; where it is locked: free it",
    ),
    ActionSpec(
        id="edit.invert_mask",
        title="Invert the mask",
        keys=("Ctrl+Alt+I",),
        tip="What was masked is free, what was free is masked",
    ),
    ActionSpec(id="edit.clear_mask", title="Clear the mask", tip="Nothing is masked any more"),
    ActionSpec(id="work.scene", title="New scene", keys=("Ctrl+Shift+N",), icon="scene"),
    ActionSpec(id="work.chapter", title="New chapter", icon="chapter"),
    ActionSpec(id="work.story", title="New story", icon="story"),
    ActionSpec(id="work.note", title="New note", icon="note"),
    ActionSpec(
        id="work.picture",
        title="New picture",
        keys=("Ctrl+Shift+D",),
        icon="picture",
        tip="A picture to draw with the model",
    ),
    ActionSpec(
        id="work.split",
        title="Split the scene here",
        icon="branch",
        tip="What stands behind the cursor becomes a scene of its own",
    ),
    ActionSpec(
        id="work.merge",
        title="Merge with the next scene",
        icon="accept",
        tip="The next scene's text goes to the end of this one; the emptied scene can be brought back",
    ),
    ActionSpec(id="work.duplicate", title="Duplicate", icon="copy", tip="A copy of this text beside it"),
    ActionSpec(
        id="work.removed",
        title="Removed works…",
        icon="trash",
        tip="Scenes, chapters, stories and notes that were removed: look, and bring them back",
    ),
    ActionSpec(
        id="view.authors",
        title="Colour the model's words",
        keys=("Ctrl+Shift+M",),
        icon="authors",
        checkable=True,
        tip="Tell the model's text from yours by colour",
    ),
    ActionSpec(
        id="view.ghost",
        title="Show the chosen take",
        icon="ghost",
        checkable=True,
        tip="The chosen take shows at the cursor or over the canvas; Tab accepts a word, Ctrl+Right a sentence",
    ),
    ActionSpec(
        id="view.heat",
        title="Look inside the model",
        keys=("Ctrl+Shift+H",),
        icon="heat",
        checkable=True,
        tip="Colour the model's words by how much they surprised it; a click on one shows what else could have been",
    ),
    ActionSpec(
        id="view.typewriter",
        title="Typewriter scroll",
        keys=("Ctrl+Shift+T",),
        icon="typewriter",
        checkable=True,
        tip="The line you write on stays in the middle",
    ),
    ActionSpec(id="view.works", title="Works", keys=("F8",), icon="panel-left", checkable=True),
    ActionSpec(id="view.lineage", title="Lineage", keys=("F9",), icon="panel-right", checkable=True),
    ActionSpec(
        id="view.context",
        title="Context",
        keys=("F6",),
        icon="context",
        checkable=True,
        tip="What the model reads, what it costs, and what was left out",
    ),
    ActionSpec(
        id="view.lore",
        title="Lorebook",
        keys=("F7",),
        icon="book",
        checkable=True,
        tip="Memory, author's note, lorebook and running summary of this story",
    ),
    ActionSpec(
        id="view.scene",
        title="Scene card",
        keys=("Ctrl+Shift+K",),
        icon="card",
        checkable=True,
        tip="Status, synopsis, goal and counts of the open scene and its book",
    ),
    ActionSpec(
        id="view.spelling",
        title="Check spelling",
        icon="spelling",
        checkable=True,
        tip="Underline words that the dictionary and you do not know",
    ),
    ActionSpec(
        id="view.gallery",
        title="Gallery",
        keys=("F5",),
        icon="gallery",
        checkable=True,
        tip="Every picture of this project: search, filter, compare",
    ),
    ActionSpec(
        id="view.knobs",
        title="Knobs",
        keys=("F4",),
        icon="knobs",
        checkable=True,
        tip="Steps, guidance, size, seed, adapters and all else a picture is drawn with",
    ),
    ActionSpec(
        id="view.layers",
        title="Layers",
        keys=("Ctrl+Shift+L",),
        icon="layers",
        checkable=True,
        tip="What lies above what on the canvas: takes, pictures, masks, locks",
    ),
    ActionSpec(
        id="view.adjust",
        title="Adjustments",
        keys=("Ctrl+Shift+A",),
        icon="sliders",
        checkable=True,
        tip="Levels, saturation, sharpness and colour of a layer; its pixels stay as they are",
    ),
    ActionSpec(
        id="view.details",
        title="Recipe",
        keys=("Ctrl+Shift+E",),
        icon="info",
        checkable=True,
        tip="The chosen picture and all that it was made with, beside the takes and the gallery",
    ),
    ActionSpec(
        id="canvas.fit", title="Fit the canvas", keys=("Ctrl+9",), icon="fit", tip="All of it in view"
    ),
    *(
        ActionSpec(id=f"tool.{name}", title=title, keys=(key,), tip=tip, where="canvas")
        for name, title, key, tip in (
            ("brush", "Mask brush", "B", "Paint where the model is to draw"),
            ("eraser", "Mask eraser", "E", "Take away from the mask"),
            ("lasso", "Lasso", "L", "Mask what is drawn around"),
            ("rectangle", "Rectangle", "R", "Mask a rectangle"),
            ("move", "Move", "M", "Move the chosen layer"),
            ("crop", "Crop", "C", "Cut the canvas"),
            ("frame", "Frame", "F", "Move the frame the model draws in"),
        )
    ),
    ActionSpec(id="view.queue", title="Queue", keys=("F10",), icon="panel-bottom", checkable=True),
    ActionSpec(
        id="view.focus",
        title="Distraction-free",
        keys=("F11",),
        icon="zen",
        checkable=True,
        tip="Only the work",
    ),
    ActionSpec(id="view.zoom_in", title="Zoom in", keys=("Ctrl+=", "Ctrl++"), icon="zoom-in"),
    ActionSpec(id="view.zoom_out", title="Zoom out", keys=("Ctrl+-",), icon="zoom-out"),
    ActionSpec(id="view.zoom_reset", title="Usual size", keys=("Ctrl+0",), icon="search"),
    ActionSpec(id="theme.system", title="Follow the system", icon="settings"),
    ActionSpec(id="theme.light", title="Light", icon="sun"),
    ActionSpec(id="theme.dark", title="Dark", icon="moon"),
    ActionSpec(id="tools.palette", title="Command palette…", keys=("Ctrl+Shift+P",), icon="search"),
    ActionSpec(
        id="tools.search",
        title="Search the project…",
        keys=("Ctrl+Shift+G",),
        icon="search",
        tip="Find words in every scene, note, synopsis and lorebook entry",
    ),
    ActionSpec(
        id="tools.check_model",
        title="Check what this model can do",
        icon="info",
        tip="Tries every act on 20 passages and keeps the result",
    ),
    ActionSpec(id="tools.add_model", title="Add a model folder…", icon="model"),
    ActionSpec(id="tools.add_gguf", title="Add a GGUF file…", icon="model", tip="A model as one .gguf file"),
    ActionSpec(
        id="tools.endpoints",
        title="Other engines for text…",
        icon="model",
        tip="Servers that offer models at an address: Ollama, llama.cpp, LM Studio, vLLM",
    ),
    ActionSpec(id="tools.doctor", title="Check this installation", icon="info"),
    ActionSpec(id="tools.shortcuts", title="Keyboard shortcuts…", icon="knobs"),
    ActionSpec(id="help.about", title="About Atelier", icon="help"),
)
