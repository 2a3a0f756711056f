"""The sets: three checkpoints that go well together, for machines of a certain size."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from lens_desktop.store import choice
from lens_desktop.store.catalogue import Catalogue, CheckpointSet, size_text
from lens_desktop.store.preflight import judge
from lens_desktop.ui.controls import label
from lens_desktop.ui.model_card import ModelCard, Stock, scrolled, set_kind

STARTER = CheckpointSet(
    choice.STARTER, "Starter set", "comes with the program; drawings and text, no photographs.", "", "", ""
)


class SetsPage(QWidget):
    """`wanted` carries a deed (get, pause, cancel, use) and the id of a set."""

    wanted = Signal(str, str)

    def __init__(self, catalogue: Catalogue) -> None:
        super().__init__()
        self.cards: dict[str, ModelCard] = {}
        column = QVBoxLayout()
        for one in (STARTER, *catalogue.sets.values()):
            card = _card(one, catalogue)
            card.wanted.connect(lambda deed, name=one.id: self.wanted.emit(deed, name))
            self.cards[one.id] = card
            column.addWidget(card)
        column.addStretch(1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(scrolled(column))

    def show_stock(self, stock: Stock) -> None:
        """Show every set as it stands."""
        changed = len(stock.choices) > 1
        for name, card in self.cards.items():
            members = stock.catalogue.wanted(name) if name != choice.STARTER else ()
            here = all(stock.here(one) for one in members)
            used = here and name in stock.choices
            mark = ("✓ In use, changed" if changed else "✓ In use") if used else "✓ Here" if here else ""
            verdict = judge(stock.catalogue.sets[name], stock.catalogue, stock.free) if members else None
            card.show_state(
                stock.downloads.get(name), verdict, here=here, mark=mark, usable=here and (not used or changed)
            )
            set_kind(card.use, "plain" if used else "primary")
            card.use.setText("Use unchanged" if used else "Use")
            card.use.setAccessibleName(f"{card.use.text()} {card.accessibleName()}")


def _card(one: CheckpointSet, catalogue: Catalogue) -> ModelCard:
    members = [catalogue.checkpoints[member] for member in one.members if member]
    lines = [label(f"For {one.needs}" if members else f"It {one.needs}", wrap=True)]
    if members:
        about = [*(member.title for member in members), size_text(sum(member.size for member in members))]
        lines.append(label(" · ".join(about), size="small", tone="muted", wrap=True))
        licences = sorted({member.licence for member in members})
        licence = f"Licence{'s' if len(licences) > 1 else ''}: {', '.join(licences)}"
        lines.append(label(licence, size="small", tone="muted", wrap=True))
    return ModelCard(one.title, lines)
