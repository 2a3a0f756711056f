"""What is in use as one module, where it runs and in which numbers."""

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QVBoxLayout

from lens_desktop.domain.address import host_of, is_address
from lens_desktop.resources import resource
from lens_desktop.store import choice
from lens_desktop.store.catalogue import Module
from lens_desktop.ui.controls import Choice, button, label
from lens_desktop.ui.model_card import Stock

ABOUT = {
    Module.CLIP: "Finds tags and attributes: it compares the image with words.",
    Module.CAPTIONER: "Writes captions: sentences about the image.",
    Module.LLM: "Answers your questions from what the others wrote. It never sees the image.",
}
_DEVICES = {"auto": "Automatic", "cuda": "Graphics card", "cpu": "CPU"}
_FORMATS = {"auto": "Automatic", "float32": "float32", "bfloat16": "bfloat16", "float16": "float16"}


class ModuleUse(QFrame):
    """`wanted` carries a deed (use with a choice, reset with the module)."""

    wanted = Signal(str, str)

    def __init__(self, module: Module, name: str) -> None:
        super().__init__()
        self.setProperty("surface", "card")
        self._module = module
        self.title = label(strong=True, wrap=True)
        self.mark = label("✓ In use", size="small", tone="good")
        self.reset = button("Use the set's own")
        self.reset.setAccessibleName(f"Use the set's own {name}")
        self.reset.clicked.connect(lambda: self.wanted.emit("reset", str(module)))
        formats = _FORMATS | ({"4-bit": "4-bit"} if module is Module.LLM else {})
        self.device = self._choice("device", _DEVICES, f"Device of the {name}")
        self.format = self._choice("dtype", formats, f"Number format of the {name}")
        self.where = label(size="small", tone="muted", wrap=True)
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self.title, 1)
        top.addWidget(self.mark)
        top.addWidget(self.reset)
        ways = QGridLayout()
        ways.setHorizontalSpacing(16)
        ways.setVerticalSpacing(2)
        for at, (title, part) in enumerate((("Device", self.device), ("Number format", self.format))):
            named = label(title, size="small", tone="muted")
            named.setBuddy(part)
            ways.addWidget(named, 0, at)
            ways.addWidget(part, 1, at)
            ways.setColumnStretch(at, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 12, 12)
        column.setSpacing(4)
        column.addLayout(top)
        column.addWidget(label(ABOUT[module], wrap=True))
        column.addWidget(self.where)
        column.addSpacing(4)
        column.addLayout(ways)

    def show_stock(self, stock: Stock, title: str) -> None:
        """Show what is in use; `title` is that of a checkpoint of the catalogue, "" for anything else."""
        place = str(getattr(stock.settings, self._module)) if stock.settings else ""
        server = is_address(place)
        inside = not server and bool(place) and Path(place).is_relative_to(resource(choice.STARTER))
        if not place:
            named, where = "Nothing can be used", "What was chosen is not there: choose another."
        elif server:
            _, _, model = place.partition("#")
            named, where = model or "The server's first model", f"Runs on the LLM server at {host_of(place)}."
        else:
            named, where = title or ("The starter set's own" if inside else Path(place).name), ""
            where = "" if title or inside else place
        self.title.setText(named)
        self.mark.setVisible(bool(place))
        self.where.setText(where)
        self.where.setVisible(bool(where))
        self.reset.setVisible(any(one.startswith(f"{self._module}=") for one in stock.choices))
        ways = dict(one.split("=", 1) for one in stock.choices if "=" in one)
        for way, part in (("device", self.device), ("dtype", self.format)):
            part.setCurrentIndex(max(0, part.findData(ways.get(f"{self._module}.{way}", "auto"))))
            part.setEnabled(bool(place) and not server)
        self.device.setItemText(1, _DEVICES["cuda"] if stock.free.card else f"{_DEVICES['cuda']} (none found)")

    def _choice(self, way: str, values: dict[str, str], name: str) -> Choice:
        made = Choice(name)
        made.setSizeAdjustPolicy(Choice.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        made.setMinimumContentsLength(8)
        for value, words in values.items():
            made.addItem(words, value)
        made.activated.connect(lambda index: self.wanted.emit("use", f"{self._module}.{way}={made.itemData(index)}"))
        return made
