"""Builds a text bank of 20,000 entries for a CLIP of real size and compares it with the plain padded loop.

Run: python -m benchmarks.text_bank [--family ViT-B-32] [--entries 20000] [--sample 512]. Prints the seconds of the
whole bank, those of the padded loop for as many texts (timed on a sample of the same words), their ratio, how well the
two agree, and that a process killed in the middle is gone on with. Weights are random: the work is the same.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

_TURN = 32  # texts of the padded loop between two parts of the bank


def padded_loop(clip: object, texts: list[str]) -> np.ndarray:
    """Return features the plain way: every text padded to the tower's full length."""
    import torch

    with torch.inference_mode():
        tokens = clip._tokenizer(texts)  # type: ignore[attr-defined]
        parts = [clip._model.encode_text(some, normalize=True) for some in tokens.split(256)]  # type: ignore[attr-defined]
    return torch.cat(parts).float().numpy()


def words(count: int) -> tuple[str, ...]:
    """Return entries of the program's own vocabularies, made up to `count` by pairs of tags."""
    from lens_desktop.resources import resource
    from lens_desktop.vocabulary import read_vocabulary

    tags = read_vocabulary(resource("vocabularies") / "tags.txt")
    more = (f"{one} and {other}" for one, other in zip(tags, reversed(tags), strict=True))
    return tuple(dict.fromkeys([*tags, *more]))[:count]


def main() -> None:
    """Build, kill, go on, compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--family", default="ViT-B-32")
    parser.add_argument("--entries", type=int, default=20_000)
    parser.add_argument("--sample", type=int, default=512)
    parser.add_argument("--build", nargs=2, metavar=("FOLDER", "BANK"), help=argparse.SUPPRESS)
    options = parser.parse_args()

    from lens_desktop.engine.clip import Clip
    from lens_desktop.engine.device import Device
    from lens_desktop.engine.text_bank import TextBank
    from lens_desktop.engine.zero_shot import PAPER

    entries = words(options.entries)
    cpu = Device("cpu", "float32")
    if options.build:
        bank = TextBank(Clip(Path(options.build[0]), cpu), entries, PAPER, Path(options.build[1]))
        while not bank.complete:
            bank.advance()
            print(bank.done, flush=True)
        return
    with tempfile.TemporaryDirectory() as temporary:
        folder, place = Path(temporary) / "clip", Path(temporary) / "bank"
        subprocess.run([sys.executable, "-m", "tests.published", options.family, str(folder), "--full"], check=True)
        line = [sys.executable, "-m", "benchmarks.text_bank", "--entries", str(options.entries)]
        killed = subprocess.Popen(
            [*line, "--build", str(folder), str(place)], stdout=subprocess.PIPE, text=True, bufsize=1
        )
        assert killed.stdout
        done = 0
        while done < len(entries) // 10:
            done = int(killed.stdout.readline())
        killed.kill()
        killed.wait()
        killed.stdout.close()
        clip = Clip(folder, cpu)
        bank = TextBank(clip, entries, PAPER, place)
        bank.advance()
        print(f"killed with -9 at {done:,} of {len(entries):,} entries; the next process begins at {bank.done:,}")
        some = np.random.default_rng(0).choice(len(entries), options.sample, replace=False)
        texts = [PAPER[0].format(entries[number]) for number in some]
        padded_loop(clip, texts[:_TURN])  # warm
        bank = TextBank(clip, entries, PAPER, Path(temporary) / "timed")
        turns = len(texts) // _TURN
        ours, plain, expected = 0.0, [], []
        while not bank.complete:  # both in turns, so that a busy machine is as bad for one as for the other
            if len(plain) < turns and bank.done >= len(entries) * len(plain) / turns:
                start = time.perf_counter()
                expected.append(padded_loop(clip, texts[len(plain) * _TURN :][:_TURN]))
                plain.append((time.perf_counter() - start) / _TURN * len(entries))
            start = time.perf_counter()
            bank.advance()
            ours += time.perf_counter() - start
        place = Path(temporary) / "timed"
        some, expected = some[: len(plain) * _TURN], np.concatenate(expected)
        found = np.load(next(place.glob("*.npy")))[some].astype(np.float32)
        cosines = (found * expected).sum(axis=1)
        images = expected[:32]
        apart = np.abs(found @ images.T - expected @ images.T).max()
        size = next(place.glob("*.npy")).stat().st_size
        spread = f"{min(plain):.0f} to {max(plain):.0f}"
        middle = statistics.median(plain)
        print(f"{options.family}, {len(entries):,} entries: bank {ours:.0f} s; padded loop {middle:.0f} s ({spread})")
        print(f"ratio {middle / ours:.1f}; least cosine of the same entry {cosines.min():.6f}")
        print(f"largest difference of any cosine {apart:.1e}; on disk {size / 1e6:.1f} MB in half precision")


if __name__ == "__main__":
    main()
