"""The models: the one place that knows torch, transformers, open_clip and Tesseract. It never reaches the network."""

import os

# read by the libraries when they are imported, so set before any module of this package imports them
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
os.environ["DISABLE_SAFETENSORS_CONVERSION"] = "1"
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
