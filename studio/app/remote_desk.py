"""Other engines for text: keeps the list of endpoints, their keys, and the dialog that changes both."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from studio.app.ask import run_dialog
from studio.app.models_desk import ModelsDesk
from studio.app.places import Places
from studio.app.tasks import Tasks, in_thread
from studio.catalog.endpoints import Endpoints
from studio.core.endpoint import Endpoint
from studio.core.errors import StudioError
from studio.engine.thread import EngineThread

if TYPE_CHECKING:
    from studio.dialogs.endpoints import EndpointsDialog


class RemoteDesk(QObject):
    """What speaks HTTP or asks the keyring is imported when the person wants it, not before."""

    def __init__(
        self,
        window: QWidget,
        places: Places,
        engine: EngineThread,
        models: ModelsDesk,
        tasks: Tasks,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._window = window
        self._file = Endpoints(places.endpoints_file)
        self._engine = engine
        self._models = models
        self._tasks = tasks
        self._dialog: EndpointsDialog | None = (
            None  # while it stands open: an answer may come after it was closed
        )
        self._tell()

    def _tell(self) -> None:
        """The engine and the model menu know the same list."""
        endpoints = {endpoint.path: endpoint for endpoint in self._file.all()}
        self._engine.use_endpoints(endpoints)
        self._models.set_endpoints(endpoints)

    async def open(self) -> None:
        """The dialog."""
        from studio.dialogs.endpoints import EndpointsDialog  # when it is wanted: the window opens sooner

        dialog = EndpointsDialog(self._file.all(), self._window)
        dialog.saved.connect(lambda endpoint, key: self._tasks.start(self._save(dialog, endpoint, key)))
        dialog.removed.connect(lambda endpoint_id: self._tasks.start(self._remove(dialog, endpoint_id)))
        dialog.asked.connect(lambda endpoint, key: self._tasks.start(self._ask(dialog, endpoint, key)))
        self._dialog = dialog
        try:
            await run_dialog(dialog)
        finally:
            self._dialog = None

    async def _save(self, dialog: "EndpointsDialog", endpoint: Endpoint, key: str) -> None:
        from studio.engine.remote.keys import keep_key

        try:
            if key:
                await in_thread(keep_key, endpoint.id, key)
                endpoint = endpoint.changed(key="keyring")
            self._file.put(endpoint)
        except StudioError as error:
            if self._dialog is not dialog:
                raise
            dialog.say(" ".join((error.what, error.kept, error.do)), "danger")
            return
        self._tell()
        if self._dialog is dialog:
            dialog.show_endpoints(self._file.all(), endpoint.id)
            dialog.say("Saved. Choose it in the model menu below the text.", "success")

    async def _remove(self, dialog: "EndpointsDialog", endpoint_id: str) -> None:
        from studio.engine.remote.keys import keep_key

        gone = next((one for one in self._file.all() if one.id == endpoint_id), None)
        try:
            self._file.remove(endpoint_id)
        except StudioError as error:
            if self._dialog is not dialog:
                raise
            dialog.say(" ".join((error.what, error.kept, error.do)), "danger")
            return
        self._tell()
        if self._dialog is dialog:
            dialog.show_endpoints(self._file.all())
        if gone is not None and gone.key == "keyring":
            try:
                await in_thread(keep_key, endpoint_id, "")
            except StudioError as error:
                if self._dialog is not dialog:
                    raise
                dialog.say(f"Removed; but its key could not be taken out: {error.what}", "warning")

    async def _ask(self, dialog: "EndpointsDialog", endpoint: Endpoint, key: str) -> None:
        from studio.engine.remote.models import ask_models

        if self._dialog is not dialog:
            return
        dialog.say("Asking the server…")
        try:
            found, problem = await in_thread(ask_models, endpoint, key), ""
        except StudioError as error:
            found, problem = (), f"{error.what} {error.do}".strip()
        if self._dialog is not dialog or dialog.url() != endpoint.url:
            return  # closed, or another server's form is shown
        if problem:
            dialog.say(problem, "danger")
        else:
            dialog.show_models(found)
