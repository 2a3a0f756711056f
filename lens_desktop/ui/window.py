"""The window: library, picture, evidence and conversation beside each other, menus, drops, and what a crash shows."""

import os

from PySide6.QtCore import QMimeData, QPoint, Qt, QTimer, QUrl
from PySide6.QtGui import (
    QCloseEvent,
    QDesktopServices,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QGuiApplication,
    QUndoStack,
)
from PySide6.QtWidgets import (
    QFileDialog,
    QMainWindow,
    QMenu,
    QMessageBox,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from lens_desktop import __version__, places
from lens_desktop.settings import Settings
from lens_desktop.store.lock import is_locked
from lens_desktop.ui.actions import Actions
from lens_desktop.ui.banner import Banner
from lens_desktop.ui.compare_deeds import CompareDeeds
from lens_desktop.ui.controls import label
from lens_desktop.ui.conversation_panel import ConversationPanel
from lens_desktop.ui.evidence_panel import EvidencePanel
from lens_desktop.ui.finder import Finder
from lens_desktop.ui.image_deeds import ImageDeeds
from lens_desktop.ui.image_panel import ImagePanel
from lens_desktop.ui.intake import Intake, from_clipboard, from_drop, may_drop
from lens_desktop.ui.library_panel import LibraryPanel
from lens_desktop.ui.memory import Memory
from lens_desktop.ui.model_deeds import ModelDeeds
from lens_desktop.ui.session import Session
from lens_desktop.ui.status_bar import StatusBar
from lens_desktop.ui.theme import Appearance, theme
from lens_desktop.ui.welcome import Welcome
from lens_desktop.ui.worker_client import WorkerClient, WorkerState

NOTICE = 8000  # milliseconds a passing sentence stays


class Window(QMainWindow):
    """The program's one window."""

    def __init__(self, session: Session, worker: WorkerClient, settings: Settings, memory: Memory) -> None:
        super().__init__()
        self.session = session
        self.worker = worker
        self._memory = memory
        self.setWindowTitle("Lens Desktop")
        self.setMinimumSize(720, 480)
        self.setAcceptDrops(True)
        self.undo_stack = QUndoStack(self)
        self.library = LibraryPanel(session)
        self.image = ImagePanel(session)
        self.evidence = EvidencePanel(session)
        self.conversation = ConversationPanel(session)
        self.welcome = Welcome()
        self.crash_banner = Banner()
        self.note_banner = Banner()
        self.notice_banner = Banner()
        self.status = StatusBar(worker, session, settings)
        self._notice_timer = QTimer(self, singleShot=True, interval=NOTICE)
        self._notice_timer.timeout.connect(self.notice_banner.hide)
        self._finder = Finder(self)
        self.image_deeds = ImageDeeds(self)
        self.models = ModelDeeds(self, settings)
        self.comparing = CompareDeeds(self)
        self._lay_out()
        self.actions_ = Actions(self)
        self._connect()
        memory.restore(self)
        self._library_changed()
        self.welcome.open.setFocus()
        self.say_note()

    # what it is made of

    def _lay_out(self) -> None:
        self.middle = QSplitter(Qt.Orientation.Vertical)
        self.middle.addWidget(self.image)
        self.middle.addWidget(self.evidence)
        self.across = QSplitter(Qt.Orientation.Horizontal)
        for panel, stretch in ((self.library, 0), (self.middle, 1), (self.conversation, 0)):
            self.across.addWidget(panel)
            self.across.setStretchFactor(self.across.count() - 1, stretch)
        for splitter in (self.across, self.middle):
            splitter.setHandleWidth(1)
            splitter.setChildrenCollapsible(False)
        self.library.setMinimumWidth(176)
        self.middle.setMinimumWidth(400)
        self.conversation.setMinimumWidth(248)
        self.image.setMinimumHeight(160)
        self.evidence.setMinimumHeight(112)
        self.middle.setStretchFactor(0, 3)
        self.middle.setStretchFactor(1, 2)
        self._pages = QStackedWidget()
        self._pages.addWidget(self.welcome)
        self._pages.addWidget(self.across)
        whole = QWidget()
        column = QVBoxLayout(whole)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.crash_banner)
        column.addWidget(self.note_banner)
        column.addWidget(self._pages, 1)
        column.addWidget(self.status)
        self.setCentralWidget(whole)
        self.notice_banner.float_over(whole, above=self.status)
        self._over = label("Drop to add to the library", size="display")
        self._over.setParent(whole)
        self._over.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._over.setProperty("surface", "over")
        self._over.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._over.hide()

    def _connect(self) -> None:
        session, actions = self.session, self.actions_
        self.welcome.open_wanted.connect(self.choose_files)
        self.welcome.sample_wanted.connect(lambda path: self.add_paths([path]))
        self.library.add.clicked.connect(self.choose_files)
        self.library.list.menu_wanted.connect(lambda point: self._menu(self.library.list.viewport(), point))
        self.image.view.customContextMenuRequested.connect(lambda point: self._menu(self.image.view.viewport(), point))
        self.image.fit.clicked.connect(self.image.view.fit)
        self.image.larger.clicked.connect(self.image.view.zoom_in)
        self.image.smaller.clicked.connect(self.image.view.zoom_out)
        self.image.boxes.toggled.connect(actions.boxes.setChecked)
        actions.boxes.toggled.connect(self.image.boxes.setChecked)
        actions.boxes.toggled.connect(self.image.view.show_boxes)
        self.evidence.lines_chosen.connect(self.image.view.light)
        self.conversation.prompt_wanted.connect(self._show_prompt)
        self.conversation.composer.field.pasted.connect(self._paste_mime)
        for signal in (session.library.rowsInserted, session.library.rowsRemoved):
            signal.connect(self._library_changed)
        session.current_changed.connect(self._title)
        for signal in (session.current_changed, session.busy_changed):
            signal.connect(actions.refresh)
        actions.lock.setChecked(is_locked())
        self.status.show_locked(is_locked())
        actions.lock.toggled.connect(self.models.set_locked)
        self.status.lock.toggled.connect(actions.lock.setChecked)
        self._finder.found.connect(session.add)
        self._finder.failed.connect(self.notify)
        session.notice.connect(self.notify)
        self.worker.changed.connect(self._worker_changed)
        self.worker.died.connect(self._worker_died)

    def _library_changed(self) -> None:
        page = 1 if len(self.session.library) else 0
        if page != self._pages.currentIndex():
            self._pages.setCurrentIndex(page)
            (self.conversation.composer.field if page else self.welcome.open).setFocus()
        self.actions_.refresh()

    def _title(self) -> None:
        entry = self.session.current
        self.setWindowTitle(f"{entry.name} — Lens Desktop" if entry else "Lens Desktop")

    # files coming in

    def add_paths(self, paths: list[str]) -> None:
        """Add files and folders to the library."""
        if any(os.path.isdir(path) for path in paths):
            self._finder.find(paths)
        else:
            self.session.add(paths)

    def choose_files(self) -> None:
        """Let the user choose images."""
        paths, _filter = QFileDialog.getOpenFileNames(self, "Open images", "", "All files (*)")
        if paths:
            self.add_paths(paths)

    def choose_folder(self) -> None:
        """Let the user choose a folder of images."""
        path = QFileDialog.getExistingDirectory(self, "Open folder")
        if path:
            self.add_paths([path])

    def paste(self) -> None:
        """Take what is on the clipboard."""
        self._paste_mime(QGuiApplication.clipboard().mimeData())

    def _paste_mime(self, mime: QMimeData) -> None:
        self._take(from_clipboard(mime))

    def _take(self, intake: Intake) -> None:
        if intake.paths:
            self.add_paths(list(intake.paths))
        else:
            self.notify(intake.explanation)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Accept what `dropEvent` can take or explain."""
        if may_drop(event.mimeData()):
            event.acceptProposedAction()
            self._show_drop(True)

    def dragLeaveEvent(self, _event: QDragLeaveEvent) -> None:
        """Calm the drop target."""
        self._show_drop(False)

    def dropEvent(self, event: QDropEvent) -> None:
        """Take files, picture bytes, or explain."""
        self._show_drop(False)
        event.acceptProposedAction()
        self._take(from_drop(event.mimeData()))

    def _show_drop(self, over: bool) -> None:
        """Show that what is held over the window may be dropped."""
        self.welcome.set_over(over)
        self._over.setGeometry(self._pages.geometry())
        self._over.setVisible(over and bool(len(self.session.library)))
        self._over.raise_()

    # what the menus do

    def choose_appearance(self, appearance: Appearance) -> None:
        """Switch between light, dark and the system's choice, and remember it."""
        theme.choose(appearance)
        self._memory.appearance = appearance

    def open_logs(self) -> None:
        """Show the folder with the logs."""
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(places.logs())))

    def show_about(self) -> None:
        """Say what this is."""
        text = f"Lens Desktop {__version__}\n\nAsk questions about your own images. Nothing leaves this computer."
        QMessageBox.about(self, "About Lens Desktop", text)

    def go_to_question(self) -> None:
        """Put the cursor into the question field."""
        self.actions_.panels[2].setChecked(True)
        self.conversation.composer.field.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _menu(self, over: QWidget, point: QPoint) -> None:
        if self.session.current is None:
            return
        actions = self.actions_
        menu = QMenu(self)
        menu.addActions([actions.copy_image, actions.copy_text, actions.copy_path])
        menu.addSeparator()
        menu.addActions([actions.look_again, actions.reveal])
        menu.addSeparator()
        menu.addAction(actions.remove)
        menu.exec(over.mapToGlobal(point))

    def _show_prompt(self, exchange: object) -> None:
        self.actions_.panels[1].setChecked(True)
        self.evidence.show_prompt(exchange)  # type: ignore[arg-type]

    # what the user must know

    def notify(self, text: str, *, undo: bool = False) -> None:
        """Show a passing sentence."""
        actions = [("Undo", self._undo)] if undo else []
        self.notice_banner.say("passing", text, actions)
        self._notice_timer.start()

    def _undo(self) -> None:
        self.undo_stack.undo()
        self.notice_banner.hide()

    def _worker_died(self, _how: str) -> None:
        log = ("Open the log", self._open_log)
        if self.worker.state == WorkerState.FAILED:
            text = f"{self.worker.text} Images can be looked at, but not asked about."
            again = [("Try again", self.worker.start)] if self.models.settings != Settings() else []
            self.crash_banner.say("danger", text, [*again, log], lasting=True)
        else:
            text = "The worker stopped unexpectedly and is being restarted."
            text += " Your question is kept and is asked again." if self.session.open_questions else ""
            self.crash_banner.say("warning", text, [log], lasting=True)

    def _worker_changed(self) -> None:
        if self.worker.state == WorkerState.READY and self.crash_banner.isVisible():
            self.crash_banner.say("info", "The worker is back.", [("Open the log", self._open_log)])
            QTimer.singleShot(NOTICE, self.crash_banner, self._calm)
        elif self.worker.state == WorkerState.STARTING:
            self.crash_banner.hide()
        self.actions_.refresh()

    def _calm(self) -> None:
        if self.worker.state == WorkerState.READY:
            self.crash_banner.hide()

    def _open_log(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self.worker.log)))

    def say_note(self) -> None:
        """Say once what these checkpoints know and do not know."""
        settings = self.models.settings
        if settings.note and self._memory.first_time(f"told/{settings.set_name or 'set'}"):
            self.note_banner.say("info", settings.note)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Remember the panels."""
        self.models.stop()
        self.comparing.stop()
        self._memory.keep(self)
        super().closeEvent(event)
