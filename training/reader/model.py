"""The reader's shape: a small Llama, and its forward pass over packed sequences with the loss on answers only."""

import torch
from torch.nn import functional
from transformers import LlamaConfig, LlamaForCausalLM

from training.reader.packing import IGNORED, Batch

VOCABULARY = 3072
CONTEXT = 1024
END, PAD = 0, 1  # token ids, the first two of the tokenizer


def new_model(
    vocabulary: int = VOCABULARY, width: int = 192, layers: int = 5, heads: int = 4, inner: int = 512
) -> LlamaForCausalLM:
    """Return an untrained reader; the default has 2.8 M parameters (5.6 MB in fp16)."""
    config = LlamaConfig(
        vocab_size=vocabulary,
        hidden_size=width,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        num_key_value_heads=heads,
        intermediate_size=inner,
        max_position_embeddings=CONTEXT,
        tie_word_embeddings=True,
        bos_token_id=None,
        eos_token_id=END,
        pad_token_id=PAD,
        rope_parameters={"rope_type": "default", "rope_theta": 100000.0},
    )
    return LlamaForCausalLM(config)


def answer_logits(model: LlamaForCausalLM, batch: Batch) -> tuple[torch.Tensor, torch.Tensor]:
    """Return logits (n x vocabulary) at the n positions that have a target, and the targets (n)."""
    dtype = torch.get_autocast_dtype("cpu") if torch.is_autocast_enabled("cpu") else torch.float32
    mask = torch.zeros(batch.mask.shape, dtype=dtype).masked_fill_(~batch.mask, float("-inf"))
    hidden = model.model(
        input_ids=batch.ids, attention_mask=mask[:, None], position_ids=batch.positions, use_cache=False
    ).last_hidden_state
    wanted = batch.targets != IGNORED
    return model.lm_head(hidden[wanted]).float(), batch.targets[wanted]


def answer_loss(model: LlamaForCausalLM, batch: Batch) -> torch.Tensor:
    """Return the mean cross-entropy over answer tokens."""
    logits, targets = answer_logits(model, batch)
    return functional.cross_entropy(logits, targets)
