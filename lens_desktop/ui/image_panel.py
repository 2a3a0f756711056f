"""The picture with its heading, or a page that says why there is none."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QStackedWidget, QVBoxLayout, QWidget

from lens_desktop.domain.errors import LensError
from lens_desktop.ui.controls import ElidedLabel, IconLabel, header, label, tool_button
from lens_desktop.ui.entry import Entry
from lens_desktop.ui.image_view import ImageView
from lens_desktop.ui.pixels import open_pixels
from lens_desktop.ui.session import Session


class ImagePanel(QFrame):
    """Shows the current image; its buttons mirror the window's View menu."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("surface", "stage")
        self._session = session
        self._shown = ""
        self.view = ImageView()
        self.name = ElidedLabel()
        self.name.setProperty("strong", True)
        self.details = ElidedLabel(all_or_nothing=True)
        self.details.setProperty("tone", "muted")
        self.details.setProperty("textSize", "small")
        self.boxes = tool_button(
            "bounding-box", "Text boxes", "Show where text was recognised (Ctrl+B)", checkable=True
        )
        self.smaller = tool_button("minus", "Zoom out", "Zoom out (Ctrl+−)")
        self.scale = label(size="small", tone="muted")
        self.scale.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.scale.setFixedWidth(56)
        self.larger = tool_button("plus", "Zoom in", "Zoom in (Ctrl++)")
        self.fit = tool_button("frame-corners", "Fit to the window", "Fit to the window (Ctrl+0)")
        self.problem_icon = IconLabel("image", "muted", 40, "State of the file")
        self.problem = label(size="body", wrap=True)
        self.problem_title = label(size="title")
        self._pages = QStackedWidget()
        self._pages.addWidget(self.view)
        self._pages.addWidget(self._problem_page())
        self._buttons = (self.boxes, self.smaller, self.larger, self.fit)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        heading = header("", self.name, self.details, self.boxes, self.smaller, self.scale, self.larger, self.fit)
        layout.addWidget(heading)
        layout.addWidget(self._pages, 1)
        self.view.zoomed.connect(self._zoomed)
        session.current_changed.connect(self._follow)
        session.entry_changed.connect(self._changed)

    def _problem_page(self) -> QWidget:
        page = QFrame()
        page.setProperty("surface", "stage")
        column = QVBoxLayout(page)
        column.setSpacing(8)
        column.setContentsMargins(48, 16, 48, 16)
        column.addStretch(1)
        for widget in (self.problem_icon, self.problem_title, self.problem):
            widget.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
            column.addWidget(widget)
        self.problem.setProperty("tone", "muted")
        self.problem.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        column.addStretch(1)
        return page

    def _follow(self) -> None:
        self._shown = ""
        entry = self._session.current
        if entry is not None:
            self._changed(entry)
        else:
            self.view.show_image(None)

    def _changed(self, entry: Entry) -> None:
        if entry is not self._session.current:
            return
        self.name.set_whole(entry.name)
        if entry.image is None:
            self._shown = ""
            self._say(entry.problem)
        elif self._shown != entry.image.id:
            self._show(entry)
        lines = entry.evidence.ocr if entry.evidence else ()
        self.view.set_lines(lines if entry.image else ())
        self.boxes.setEnabled(bool(lines))

    def _show(self, entry: Entry) -> None:
        assert entry.image is not None
        try:
            self.view.show_image(open_pixels(entry.image.pixels), entry.name)
        except LensError as error:
            self._say(error.message)
            return
        self._shown = entry.image.id
        note = f" · {entry.image.note}" if entry.image.note else ""
        self.details.set_whole(f"{entry.image.width:,} × {entry.image.height:,} px{note}")
        self._pages.setCurrentIndex(0)
        for control in self._buttons:
            control.show()

    def _say(self, problem: str) -> None:
        """Show the page without a picture: being read, or not readable."""
        self.view.show_image(None)
        self._pages.setCurrentIndex(1)
        self.problem_icon.set_icon(*("warning", "warning") if problem else ("image", "muted"))
        self.problem_title.setText("This file cannot be shown" if problem else "Reading the file…")
        self.problem.setText(problem)
        self.details.set_whole("")
        self.scale.setText("")
        for control in self._buttons:
            control.hide()

    def _zoomed(self, zoom: float) -> None:
        self.scale.setText(f"{zoom * self.devicePixelRatioF():.0%}".replace("%", " %") if self.view.image else "")
        self.scale.setToolTip("Size on the screen: 100 % shows one picture pixel as one screen pixel")
