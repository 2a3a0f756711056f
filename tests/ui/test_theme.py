"""Colours anyone can read, and sizes that stay when the scheme changes."""

import pytest
from pytestqt.qtbot import QtBot

from lens_desktop.ui.app import make_application
from lens_desktop.ui.theme import DARK, LIGHT, Appearance, Colours, theme

TEXT = {
    "text": ("panel", "stage", "sheet", "raised", "tint", "warning_tint", "danger_tint"),
    "muted": ("panel", "stage", "sheet", "raised", "tint"),
    "accent": ("panel", "sheet", "stage"),
    "on_accent": ("accent", "hover"),
    "warning": ("panel", "sheet", "raised", "tint", "warning_tint"),
    "danger": ("panel", "sheet", "danger_tint"),
    "good": ("panel",),
}


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("colours", [LIGHT, DARK])
def test_contrast_is_at_least_four_and_a_half(colours: Colours) -> None:
    for text, grounds in TEXT.items():
        for ground in grounds:
            dark, light = sorted((luminance(getattr(colours, text)), luminance(getattr(colours, ground))))
            assert (light + 0.05) / (dark + 0.05) >= 4.5, (text, ground)


def test_switching_keeps_sizes_and_the_system_font(qtbot: QtBot) -> None:
    app = make_application()
    before = app.font().pointSizeF()
    for appearance in (Appearance.DARK, Appearance.LIGHT, Appearance.SYSTEM):
        theme.choose(appearance)
    make_application()
    assert app.font().pointSizeF() == before
    sizes = theme.sizes
    assert sizes.small < sizes.body < sizes.title < sizes.display
