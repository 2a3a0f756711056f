"""Loads every family of the catalogue at its real size, with random weights, and has it do its work.

Run: python -m benchmarks.families [--only NAME,…]. Prints seconds to load, seconds of work and peak memory; each
family runs in a process of its own, in float32 on the CPU, so that nothing of another is counted.
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

FAMILIES = {
    "ViT-B-32": "clip",
    "ViT-L-14": "clip",
    "MobileCLIP2-S0": "clip",
    "ViT-B-16-SigLIP2": "clip",
    "blip-base": "captioner",
    "blip-large": "captioner",
    "blip-itm": "matcher",
    "flan-t5-small": "llm",
    "flan-t5-base": "llm",
    "qwen3-0.6b": "llm",
    "llama-3.2-1b": "llm",
}
TURNS = 3


def measure(name: str, folder: Path) -> dict[str, float | str]:
    """Load one checkpoint through the product's own code and use it; called in a process of its own."""
    import numpy as np
    import torch

    from lens_desktop.domain.evidence import Evidence, Module, Tag
    from lens_desktop.domain.prompt import Mode
    from lens_desktop.engine.captioner import Captioner
    from lens_desktop.engine.checkpoints import Kind, load
    from lens_desktop.engine.clip import Clip
    from lens_desktop.engine.device import Device
    from lens_desktop.engine.llm import Llm
    from lens_desktop.settings import Settings

    torch.set_num_threads(2)
    cpu, settings = Device("cpu", "float32"), Settings(captions=1, answer_tokens=20)
    pixels = np.random.default_rng(0).integers(0, 255, (480, 640, 3), dtype=np.uint8)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.perf_counter()
    match FAMILIES[name]:
        case "clip":
            clip = Clip(folder, cpu)
            what, work = "an image and 64 texts", lambda: (clip.encode_image(pixels), clip.encode_text(["a dog"] * 64))
        case "captioner":
            captioner = Captioner(folder, cpu, settings)
            what, work = "a beam caption", lambda: captioner.caption(pixels, "0" * 64)
        case "matcher":
            model = load(folder, Kind.MATCHER, cpu)
            what, work = "loaded only", lambda: model
        case _:
            llm = Llm(folder, cpu, settings)
            evidence = Evidence("0", tags=(Tag("dog", 0.3),), captions=("a dog on a boat",) * 8, finished=tuple(Module))
            prompt = llm.prompt(evidence, "What is there?", Mode.GENERAL, ())
            what, work = "at most 20 tokens", lambda: list(llm.stream(prompt))
    loaded = time.perf_counter() - start
    times = []
    for _ in range(TURNS):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "load": loaded,
        "work": statistics.median(times),
        "spread": max(times) - min(times),
        "peak": peak * 1024,
        "imports": before * 1024,
        "what": what,
    }


def main() -> None:
    """Write, measure and remove one family after the other, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default=",".join(FAMILIES))
    parser.add_argument("--measure", nargs=2, metavar=("NAME", "FOLDER"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(measure(options.measure[0], Path(options.measure[1]))))
        return
    print(f"{'family':<18}{'on disk':>9}{'load':>8}{'work':>8}{'spread':>8}{'peak':>9}  work done", flush=True)
    for name in options.only.split(","):
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run([sys.executable, "-m", "tests.published", name, folder, "--full"], check=True)
            size = sum(file.stat().st_size for file in Path(folder).iterdir())
            line = [sys.executable, "-m", "benchmarks.families", "--measure", name, folder]
            done = subprocess.run(line, check=True, capture_output=True, text=True)
            found = json.loads(done.stdout.splitlines()[-1])
            print(
                f"{name:<18}{size / 1e9:>6.2f} GB{found['load']:>6.1f} s{found['work']:>6.2f} s"
                f"{found['spread']:>6.2f} s{found['peak'] / 1e9:>6.2f} GB  {found['what']}",
                flush=True,
            )


if __name__ == "__main__":
    main()
