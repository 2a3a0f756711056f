"""A decode process for the tests of a file."""

from collections.abc import Iterator

import pytest

from lens_desktop.decoder.client import DecoderClient


@pytest.fixture(scope="module")
def decoder() -> Iterator[DecoderClient]:
    with DecoderClient() as client:
        yield client
