"""File dialogs that are awaited, so that the window goes on meanwhile."""

from pathlib import Path

from PySide6.QtWidgets import QDialog, QFileDialog, QWidget


async def ask_path(
    parent: QWidget,
    title: str,
    start: Path,
    *,
    mode: QFileDialog.FileMode,
    filters: tuple[str, ...] = (),
    suffix: str = "",
) -> Path | None:
    """The path the person chose, None when they closed the dialog."""
    dialog = QFileDialog(parent, title, str(start))
    dialog.setFileMode(mode)
    if mode == QFileDialog.FileMode.AnyFile:
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(suffix)
    if mode == QFileDialog.FileMode.Directory:
        dialog.setOption(QFileDialog.Option.ShowDirsOnly, True)
    if filters:
        dialog.setNameFilters(filters)
    if suffix and mode == QFileDialog.FileMode.AnyFile:
        dialog.selectFile(start.name)
    chosen = await run_dialog(dialog)
    return Path(dialog.selectedFiles()[0]) if chosen and dialog.selectedFiles() else None


async def run_dialog(dialog: QDialog) -> bool:
    """Show a dialog and wait for its end; True when it was accepted. Cancelling closes it."""
    import asyncio  # not before the window stands

    answer: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def ended(result: int) -> None:
        if not answer.done():
            answer.set_result(result)

    dialog.finished.connect(ended)
    dialog.open()
    try:
        return await answer == QDialog.DialogCode.Accepted.value
    finally:
        dialog.close()
        dialog.deleteLater()
