"""One side of a comparison: what was chosen, how its run stands, and its lines, marked where the other has none."""

import filecmp
from collections.abc import Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPolygonF
from PySide6.QtWidgets import QHBoxLayout, QStyleOptionViewItem, QVBoxLayout, QWidget

from lens_desktop.domain.address import is_address
from lens_desktop.domain.answer import Answer
from lens_desktop.domain.evidence import Evidence
from lens_desktop.domain.evidence import Module as Section
from lens_desktop.store.catalogue import Module
from lens_desktop.ui.comparison import SECTIONS, Run, RunState
from lens_desktop.ui.controls import ElidedLabel, button, label, restyle
from lens_desktop.ui.entry import Entry
from lens_desktop.ui.evidence_list import LINE, EvidenceList, Line, LineDelegate
from lens_desktop.ui.evidence_panel import TITLES, cost, section
from lens_desktop.ui.theme import theme

GUTTER = 16  # pixels for the mark
ANSWER = "Answer"
ROWS = (*(TITLES[one] for one in (Section.TAGS, Section.ATTRIBUTES, Section.CAPTIONS)), ANSWER)


@dataclass(frozen=True, slots=True)
class MarkedLine(Line):
    """A line that says whether only this side has it."""

    alone: bool = False


class MarkDelegate(LineDelegate):
    """Paints a line, and a diamond before one that only this side has."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Return the height that the words need beside the mark."""
        view = option.widget
        narrowed = QStyleOptionViewItem(option)
        narrowed.widget = None  # type: ignore[assignment]
        width = view.viewport().width() if isinstance(view, EvidenceList) else option.rect.width()
        narrowed.rect = QRect(0, 0, width - GUTTER, 0)
        return super().sizeHint(narrowed, index)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Paint a line."""
        row = option.rect
        moved = QStyleOptionViewItem(option)
        moved.rect = row.adjusted(GUTTER, 0, 0, 0)
        super().paint(painter, moved, index)
        line = index.data(LINE)
        if isinstance(line, MarkedLine) and line.alone:
            painter.save()
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("accent"))
            middle = QPointF(row.left() + GUTTER / 2 + 2, row.top() + 4 + painter.fontMetrics().height() / 2)
            corners = [QPointF(0, -4), QPointF(4, 0), QPointF(0, 4), QPointF(-4, 0)]
            painter.drawPolygon(QPolygonF([middle + corner for corner in corners]))
            painter.restore()


class Column:
    """The widgets of side A or B: `head` above, and a block for each of `ROWS`, so that rows of two columns line up."""

    def __init__(self, side: str) -> None:
        self.side = side
        self.title = ElidedLabel()
        self.title.setProperty("strong", True)
        self.use = button(f"Use {side}")
        self.used = label("✓ In use", size="small", tone="good")
        self.facts = label(size="small", tone="muted", wrap=True)
        self.state = label(wrap=True)
        self.head = QWidget()
        self.head.hide()
        self.lists = {title: EvidenceList(f"{title} of {side}") for title in ROWS}
        self._costs = {title: label(size="small", tone="muted") for title in ROWS}
        self.blocks = {title: self._block(title) for title in ROWS}
        self._lay_out()

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self.title, 1)
        top.addStrut(self.use.sizeHint().height())  # titles line up beside a column without the button
        top.addWidget(self.used)
        top.addWidget(self.use)
        column = QVBoxLayout(self.head)
        column.setContentsMargins(GUTTER + 8, 0, 8, 0)
        column.setSpacing(4)
        column.addLayout(top)
        column.addWidget(self.facts)
        column.addWidget(self.state)
        column.addStretch(1)

    def _block(self, title: str) -> QWidget:
        view = self.lists[title]
        view.setItemDelegate(MarkDelegate(view))
        block = QWidget()
        block.hide()
        column = QVBoxLayout(block)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        heading = QHBoxLayout()
        heading.setContentsMargins(GUTTER + 8, 0, 8, 0)
        heading.addWidget(label(title, size="small", tone="muted", strong=True))
        heading.addStretch(1)
        heading.addWidget(self._costs[title])
        column.addLayout(heading)
        column.addWidget(view)
        column.addStretch(1)
        return block

    @property
    def marks(self) -> bool:
        """Whether any of its lines is marked."""
        return any(isinstance(line, MarkedLine) for view in self.lists.values() for line in view.lines.lines)

    def show_run(self, run: Run, other: Run, *, used: bool) -> None:
        """Show how a run stands; its lines are marked once the other side has all of its own."""
        self.title.set_whole(f"{self.side}: {run.candidate.title.removeprefix('In use: ')}")
        self.facts.setText("" if run.state is RunState.FAILED else facts_text(run))
        self.facts.setVisible(bool(self.facts.text()))
        self.state.setText(f"Did not run: {run.text}" if run.state is RunState.FAILED else run.text or "Waits for A")
        self.state.setVisible(run.state is not RunState.DONE)
        set_look(self.state, "tone", "warning" if run.state is RunState.FAILED else "muted")
        self.use.setVisible(run.state is RunState.DONE and not used)
        self.use.setAccessibleName(f"Use {self.side}, {run.candidate.title}")
        self.used.setVisible(used)
        if isinstance(run.value, Evidence):
            for one in SECTIONS[run.module]:
                self._costs[TITLES[one]].setText(cost(run.value, one))
        own = lines(run)
        done = RunState.DONE is run.state is other.state
        theirs = lines(other) if done and run.module is not Module.LLM else own
        for title, block in self.blocks.items():
            block.setVisible(title in own and run.state is not RunState.FAILED)
            if title not in own:
                self.lists[title].lines.replace(())
            else:
                there = {line.text for line in theirs.get(title, ())}
                self.lists[title].lines.replace(tuple(self._marked(line, there) for line in own[title]))

    def _marked(self, line: Line, there: set[str]) -> Line:
        if line.text in there or line.tone != "text":
            return line
        marked = MarkedLine(line.text, line.share, line.figure, line.tone, alone=True)
        return replace(marked, spoken=f"{line.spoken or line.text}, only in {self.side}")


def lines(run: Run) -> dict[str, tuple[Line, ...]]:
    """Return the lines of each section that came back so far."""
    if isinstance(run.value, Evidence):
        entry = Entry("", evidence=run.value)
        return {TITLES[one]: section(entry, one, "") for one in SECTIONS[run.module]}
    if isinstance(run.value, Answer):
        return {ANSWER: (Line(run.value.text) if run.value.text else Line("An empty answer", tone="muted"),)}
    return {}


def facts_text(run: Run) -> str:
    """Return where a run was, in which number format, and how long it took."""
    known = dict(run.facts)
    if is_address(run.candidate.place):
        parts = ["on its server"]
    elif own := known.get(f"{run.module} on"):
        parts = [own]
    else:
        parts = [known[name] for name in ("device", "dtype") if name in known]
    if run.loading:
        parts.append(f"{_seconds(run.loading)} to load")
    if run.seconds:
        parts.append(f"{_seconds(run.seconds)} to {'answer' if run.module is Module.LLM else 'look'}")
    return " · ".join(parts)


def _seconds(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds >= 0.05 else "under 0.1 s"


def summary(a: Run, b: Run) -> str:
    """Say in words how the two sides differ; nothing until both are done."""
    if not RunState.DONE is a.state is b.state:
        return ""
    if a.module is Module.LLM:
        return "Both answer the same." if lines(a) == lines(b) else "The answers differ."
    said = [_section_summary(title, lines(a)[title], lines(b)[title]) for title in lines(a)]
    if a.module is Module.CLIP and not _same_words(a, b):
        said.append("A and B chose from different words.")
    return " ".join(said)


def _section_summary(title: str, a: Sequence[Line], b: Sequence[Line]) -> str:
    ours, theirs = ({line.text for line in side if line.tone == "text"} for side in (a, b))
    if ours == theirs:
        return f"{title}: the same."
    counts = [(len(ours & theirs), "in both"), (len(ours - theirs), "only in A"), (len(theirs - ours), "only in B")]
    return f"{title}: {', '.join(f'{count} {where}' for count, where in counts if count)}."


def _same_words(a: Run, b: Run) -> bool:
    """Say whether two runs chose from equal vocabularies: two that differ make the lists differ."""
    if a.settings is None or b.settings is None:
        return True
    ours, theirs = ((one.vocabulary, one.attribute_vocabulary) for one in (a.settings, b.settings))
    try:
        return all(x == y or (bool(x and y) and filecmp.cmp(x, y, False)) for x, y in zip(ours, theirs, strict=True))
    except OSError:
        return False


def set_look(widget: QWidget, name: str, value: object) -> None:
    """Give a widget a property that the style sheet looks at, and have it drawn anew only when it is another."""
    if widget.property(name) != value:
        widget.setProperty(name, value)
        restyle(widget)
