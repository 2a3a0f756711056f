"""An LLM server in place of a local LLM: its address, its model, its key, and a yes before text leaves this machine."""

import os
from collections.abc import Callable
from typing import Any
from urllib.parse import urlparse

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from lens_desktop import keys
from lens_desktop.domain.address import host_of, is_address, is_here
from lens_desktop.domain.errors import LensError
from lens_desktop.store import llm_server
from lens_desktop.store.lock import is_locked
from lens_desktop.ui.background import Work
from lens_desktop.ui.controls import CheckBox, Choice, button, field, label
from lens_desktop.ui.model_card import Stock, scrolled, set_tone

EXAMPLES = {"Ollama": 11434, "LM Studio": 1234, "llama.cpp": 8080, "vLLM": 8000}
SENT = "the question, tags, attributes, captions, recognised text, and earlier answers"


class ServerPage(QWidget):
    """`chosen` carries a choice of an LLM, and the host that the user agreed to send text to, "" for this machine."""

    chosen = Signal(str, str)

    def __init__(self) -> None:
        super().__init__()
        self._work: Work | None = None
        self._ring: Work | None = None
        self._asked = False  # whether there is a keyring
        self._agreed = ""  # the host that was agreed to
        self.used = label(size="small", tone="good", wrap=True)
        self.address = field("http://127.0.0.1:11434/v1", "Address of the LLM server")
        self.look = button("Look")
        self.look.setAccessibleName("Look which models the server has")
        self.examples = [button(f"{name} {port}", "link") for name, port in EXAMPLES.items()]
        self.model = Choice("Model of the LLM server")
        self.model.setEditable(True)
        self.model.setInsertPolicy(Choice.InsertPolicy.NoInsert)
        self.model_field.setPlaceholderText("the server's first")
        self.model_field.setAccessibleName("Model of the LLM server")
        self.key = field("only if the server asks for one", "Key of the LLM server")
        self.key.setEchoMode(QLineEdit.EchoMode.Password)
        self.key_note = label(size="small", tone="muted", wrap=True)
        self.forget = button("Forget the key", "link")
        self.key_note.hide()
        self.forget.hide()
        self.state = label(size="small", tone="muted", wrap=True)
        self.consent = QFrame()
        self.consent.setProperty("surface", "consent")
        self.sent = label(wrap=True)
        self.agree = CheckBox()
        self.use = button("Use this server", "primary")
        self._lay_out()
        self.look.clicked.connect(self._look)
        self.address.returnPressed.connect(self._look)
        self.address.textChanged.connect(self._typed)
        self.agree.toggled.connect(self._agree)
        self.forget.clicked.connect(self._forget)
        self.use.clicked.connect(self._use)
        for part, port in zip(self.examples, EXAMPLES.values(), strict=True):
            part.setAccessibleName(f"Address of {part.text()}")
            part.clicked.connect(lambda _checked=False, port=port: self.address.setText(f"http://127.0.0.1:{port}/v1"))
        self._typed()

    @property
    def model_field(self) -> QLineEdit:
        """The line of the list of models that can be written in."""
        line = self.model.lineEdit()
        assert line is not None
        return line

    def _lay_out(self) -> None:
        card = QFrame()
        card.setProperty("surface", "card")
        grid = QGridLayout(card)
        grid.setContentsMargins(16, 12, 16, 12)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(1, 1)
        examples = QHBoxLayout()
        examples.setSpacing(8)
        for example in self.examples:
            examples.addWidget(example)
        examples.addStretch(1)
        for row, (title, part) in enumerate((("Address", self.address), ("Model", self.model), ("Key", self.key))):
            named = label(title)
            named.setBuddy(part)
            grid.addWidget(named, 3 * row, 0)
            grid.addWidget(part, 3 * row, 1)
        grid.addWidget(self.look, 0, 2)
        grid.addLayout(examples, 1, 1, 1, 2)
        grid.addWidget(self.state, 2, 1, 1, 2)
        note = QHBoxLayout()
        note.addWidget(self.key_note, 1)
        note.addWidget(self.forget)
        grid.addLayout(note, 7, 1, 1, 2)
        inside = QVBoxLayout(self.consent)
        inside.setContentsMargins(11, 12, 16, 12)
        inside.setSpacing(8)
        self.sent.setContentsMargins(5, 0, 0, 0)  # the box to tick has room for its focus ring
        inside.addWidget(self.sent)
        inside.addWidget(self.agree)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(self.use)
        words = (
            "A server that you run, with any LLM, answers in place of a local one. It is sent text, never the image."
        )
        column = QVBoxLayout()
        column.addWidget(label(words, wrap=True))
        column.addWidget(self.used)
        column.addWidget(card)
        column.addWidget(self.consent)
        column.addLayout(foot)
        column.addStretch(1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(scrolled(column))
        order: list[QWidget] = [self.address, self.look, *self.examples, self.model, self.key, self.forget]
        for one, after in zip(order, [*order[1:], self.agree], strict=True):
            QWidget.setTabOrder(one, after)
        QWidget.setTabOrder(self.agree, self.use)

    def show_stock(self, stock: Stock) -> None:
        """Show which server is in use, if any, and whether there is a keyring."""
        llm = stock.settings.llm if stock.settings else ""
        self.used.setVisible(is_address(llm))
        if is_address(llm) and stock.settings:
            address, _, model = llm.partition("#")
            named = f"{model} at {urlparse(address).netloc}" if model else urlparse(address).netloc
            self.used.setText(f"✓ In use: {named}. To go back, choose a set, or an LLM under Modules.")
            if not self.address.text():
                self._agreed = stock.settings.llm_consent
                self.address.setText(address)
                self.model.setEditText(model)
        if not self._asked:
            self._asked = True
            self._ring = Work(lambda _work: keys.can_keep(), self)
            self._ring.done.connect(self._show_keyring)
            self._ring.start()
        self._refresh()

    def stop(self) -> None:
        """Stop looking: the program ends."""
        for work in (self._work, self._ring):
            if work is not None:
                work.end()

    # the address

    def _address(self) -> str:
        """Return the address in full, "" while it is none."""
        try:
            return llm_server.whole_address(self.address.text())
        except LensError:
            return ""

    def _typed(self) -> None:
        self._say("")
        self.model.clear()
        host = host_of(self._address())
        self.agree.setChecked(bool(host) and host == self._agreed)
        self._refresh()

    def _agree(self, agreed: bool) -> None:
        if agreed:
            self._agreed = host_of(self._address())
        self._refresh()

    def _refresh(self) -> None:
        address = self._address()
        elsewhere, host = bool(address) and not is_here(address), host_of(address)
        locked = elsewhere and is_locked()
        self.consent.setVisible(elsewhere)
        self.agree.setVisible(not locked)
        if locked:
            self.sent.setText(f"The program is locked offline and {host} is another machine: unlock it to use it.")
        elif elsewhere:
            open_ = " The address begins with http, not https: it goes there unencrypted." if address[4] == ":" else ""
            self.sent.setText(
                f"{host} is another machine. With each question it is sent, as text: {SENT}. "
                f"Never pixels, file names or paths.{open_}"
            )
        self.agree.setText(f"I agree to send this to {host}")
        self.look.setEnabled(self._work is None and bool(self.address.text().strip()))
        self.use.setEnabled(
            self._work is None and bool(address) and not locked and (not elsewhere or self.agree.isChecked())
        )

    def _say(self, text: str, tone: str = "muted") -> None:
        self.state.setText(text)
        self.state.setVisible(bool(text))
        set_tone(self.state, tone)

    # what takes a while

    def _start(self, work: Work, done: Callable[[Any], None]) -> None:
        self._work = work
        work.done.connect(done)
        work.failed.connect(lambda message: self._say(f"△ {message}", "danger"))
        work.finished.connect(self._finished)
        work.start()

    def _finished(self) -> None:
        self._work = None
        self._refresh()

    def _look(self) -> None:
        if self._work is not None:
            return
        try:
            address = llm_server.whole_address(self.address.text())
        except LensError as error:
            self._say(f"△ {error.message}", "danger")
            return
        self.address.setText(address)
        typed, host = self.key.text().strip(), host_of(address)

        def look(_work: Work) -> tuple[tuple[str, ...], bool]:
            llm_server.check_lock(address)
            key = typed or keys.key_for(host)
            return llm_server.models_of(address, key), bool(key) and not typed

        self._start(Work(look, self), self._found)
        self._say("Looking…")
        self._refresh()

    def _found(self, found: tuple[tuple[str, ...], bool]) -> None:
        models, kept = found
        written = self.model.currentText()
        self.model.clear()
        self.model.addItems(list(models))
        if written:
            self.model.setEditText(written)
        count = f"{len(models)} models" if len(models) != 1 else "1 model"
        self._say(f"✓ It answers and has {count}." if models else "It answers, and has no models yet.", "good")
        self.forget.setVisible(kept and keys.VARIABLE not in os.environ)

    def _show_keyring(self, there: bool) -> None:
        self._ring = None
        if os.environ.get(keys.VARIABLE):
            words = f"The key comes from the environment variable {keys.VARIABLE}."
        elif there:
            words = "Kept in the system's keyring, never in a file of ours."
        else:
            words = f"There is no keyring on this system: set the environment variable {keys.VARIABLE} instead."
        self.key_note.setText(words)
        self.key_note.show()
        self.key.setEnabled(there and not os.environ.get(keys.VARIABLE))

    def _forget(self) -> None:
        host = host_of(self._address())
        self._start(Work(lambda _work: keys.keep_key(host, ""), self), lambda _none: self._forgotten())

    def _forgotten(self) -> None:
        self.forget.hide()
        self.key.setFocus()
        self._say("The key is forgotten.")

    def _use(self) -> None:
        address, key, model = self._address(), self.key.text().strip(), self.model.currentText().strip()
        self.address.setText(address)
        host = host_of(address)
        wanted = f"llm={address}#{model}" if model else f"llm={address}"
        consent = "" if is_here(address) else host

        def kept(_none: object) -> None:
            self.key.clear()
            self.forget.setVisible(bool(key))
            self.chosen.emit(wanted, consent)

        if key:
            self._start(Work(lambda _work: keys.keep_key(host, key), self), kept)
            self._refresh()
        else:
            self.chosen.emit(wanted, consent)
