"""First weights that already copy: a head that looks one token back, and heads that find the same token again.

Copying words never seen is what small models learn last. Wired in from the start (an "induction" circuit), it is
there to be refined, and every training token goes into reading evidence.
"""

import math

import torch
from transformers import LlamaForCausalLM

SPREAD = 0.09  # standard deviation of an embedding's content
STEADY = 1.0  # residual part, after the norm, that is the same in every token


def wire(model: LlamaForCausalLM) -> None:
    """Set the weights of an untrained reader of at least two layers and three heads: copying wired, the rest random.

    The residual stream is split: dimension 0 is alike in every token, the next `head` ones are empty and take the
    token before, the rest is the token's content.
    """
    config = model.config
    width, heads = config.hidden_size, config.num_attention_heads
    head = width // heads
    content = torch.arange(1 + head, width)
    with torch.no_grad():
        table = model.model.embed_tokens.weight
        table.normal_(std=SPREAD)
        table[:, : 1 + head] = 0
        table[:, 0] = 5.7 * SPREAD
        for layer in model.model.layers:
            for weight in (layer.mlp.gate_proj.weight, layer.mlp.up_proj.weight):
                weight.normal_(std=width**-0.5)
            layer.mlp.down_proj.weight.normal_(std=0.003)
            for weight in (layer.self_attn.q_proj.weight, layer.self_attn.k_proj.weight, layer.self_attn.v_proj.weight):
                weight.normal_(std=width**-0.5)
            layer.self_attn.o_proj.weight.normal_(std=0.01)
        projection = torch.zeros(head, width)
        projection[:, content] = torch.linalg.qr(torch.randn(len(content), head))[0].T
        _look_back(model, projection, head)
        _find_again(model, projection, head, content)


def _look_back(model: LlamaForCausalLM, projection: torch.Tensor, head: int) -> None:
    """Make head 0 of layer 0 attend to the token before and put a projection of it into the empty dimensions."""
    attention = model.model.layers[0].self_attn
    turns = model.model.rotary_emb.inv_freq
    queries, keys = attention.q_proj.weight[:head], attention.k_proj.weight[:head]
    queries.zero_()
    keys.zero_()
    strength = math.sqrt(8 * math.sqrt(head)) / 5.7
    for pair in range(min(5, head // 2)):
        queries[pair, 0] = strength * torch.cos(turns[pair])
        queries[pair + head // 2, 0] = -strength * torch.sin(turns[pair])
        keys[pair, 0] = strength
    attention.v_proj.weight[:head] = projection
    attention.o_proj.weight[:, :head] = 0
    attention.o_proj.weight[1 : 1 + head, :head] = torch.eye(head) * SPREAD * 1.4


def _find_again(model: LlamaForCausalLM, projection: torch.Tensor, head: int, content: torch.Tensor) -> None:
    """Make heads of layer 1 attend to what followed this token earlier, and copy its content."""
    attention = model.model.layers[1].self_attn
    half = head // 2
    slow = [pair for pair in range(half) if model.model.rotary_emb.inv_freq[pair] < 1.7e-3]
    steady = [*slow, *(pair + half for pair in slow)]
    for index in range(-(-len(content) // head)):
        rows = slice(index * head, (index + 1) * head)
        queries, keys = attention.q_proj.weight[rows], attention.k_proj.weight[rows]
        queries.zero_()
        keys.zero_()
        for place, dimension in enumerate(steady):
            source = (place + index * len(steady)) % head
            queries[dimension] = 2.4 * projection[source]
            keys[dimension, 1 + source] = 2.4
        part = content[rows]
        attention.v_proj.weight[rows] = 0
        attention.o_proj.weight[:, rows] = 0
        for place, dimension in enumerate(part.tolist()):
            attention.v_proj.weight[index * head + place, dimension] = 1
            attention.o_proj.weight[dimension, index * head + place] = 0.4
