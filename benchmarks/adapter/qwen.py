"""A Qwen2 GGUF file in PyTorch, with low-rank weights added to the linear layers of its upper blocks (LoRA).

The file's weights are taken as llama.cpp reads them, quantised, so that what is learned is learned for them. Of an article and
the questions about it the article is evaluated once: `Batch` has its tokens, then those of each question, which sees the
beginning of the article, down to where it is asked, and itself.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 - PyTorch's own name
from gguf import GGUFReader, GGUFWriter
from gguf.quants import dequantize
from tokenizers import AddedToken, Regex, Tokenizer, models, normalizers, pre_tokenizers

LINEARS = ("attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down")
SPECIAL = 3
"""Type of a token such as <|im_end|>."""
WORDS = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)


class Batch(NamedTuple):
    """Tokens of an article and its questions; how many are the article's; of each question how many it sees and has."""

    tokens: list[int]
    common: int
    starts: list[int]
    lengths: list[int]


class Pair(torch.nn.Module):
    """The two small matrices whose product is added to a large one."""

    def __init__(self, inputs: int, outputs: int, rank: int) -> None:
        super().__init__()
        self.a = torch.nn.Parameter(torch.randn(rank, inputs) / math.sqrt(inputs))
        self.b = torch.nn.Parameter(torch.zeros(outputs, rank))


class Model:
    """Args: the GGUF file; rank and alpha of what is added; the first block that gets it."""

    def __init__(self, path: Path, rank: int, alpha: float, first: int) -> None:
        reader = GGUFReader(path)

        def told(name: str) -> object:
            return reader.fields[name].contents()

        self.blocks = told("qwen2.block_count")
        self.heads, self.shared = told("qwen2.attention.head_count"), told("qwen2.attention.head_count_kv")
        self.base, self.epsilon = told("qwen2.rope.freq_base"), told("qwen2.attention.layer_norm_rms_epsilon")
        self.weights = {}
        for tensor in reader.tensors:
            values = torch.from_numpy(np.array(dequantize(tensor.data, tensor.tensor_type)))
            self.weights[tensor.name] = values.float() if values.ndim == 1 else values.to(torch.bfloat16)
        self.width = self.weights["token_embd.weight"].shape[1]
        self.head = self.width // self.heads
        self.first, self.alpha, self.scale = first, alpha, alpha / rank
        self.added = torch.nn.ModuleDict()
        for block in range(first, self.blocks):
            for name in LINEARS:
                outputs, inputs = self.weights[f"blk.{block}.{name}.weight"].shape
                self.added[f"blk-{block}-{name}"] = Pair(inputs, outputs, rank)
        self.tokenizer = _tokenizer(
            told("tokenizer.ggml.tokens"), told("tokenizer.ggml.merges"), told("tokenizer.ggml.token_type")
        )

    def encode(self, text: str) -> list[int]:
        """Return the tokens of a text, special ones included."""
        return self.tokenizer.encode(text).ids

    def lower(self, batch: Batch) -> torch.Tensor:
        """Evaluate the blocks to which nothing is added."""
        mask, turned = self._places(batch)
        with torch.no_grad():
            x = self.weights["token_embd.weight"][torch.tensor(batch.tokens)]
            for block in range(self.first):
                x = self._block(x, block, batch.common, mask, turned)
        return x

    def upper(self, x: torch.Tensor, batch: Batch, where: list[int]) -> torch.Tensor:
        """Return the logits at some places, with gradients."""
        mask, turned = self._places(batch)
        for block in range(self.first, self.blocks):
            x = self._block(x, block, batch.common, mask, turned)
        x = self._normed(x[torch.tensor(where)], self.weights["output_norm.weight"])
        return F.linear(x, self.weights.get("output.weight", self.weights["token_embd.weight"])).float()

    def load(self, path: Path) -> None:
        """Begin with the weights of an adapter of the same shape."""
        for tensor in GGUFReader(path).tensors:
            name, letter = tensor.name.rsplit(".weight.lora_", 1)
            matrix = getattr(self.added[name.replace(".", "-")], letter)
            matrix.data.copy_(torch.from_numpy(tensor.data.astype("float32")))

    def save(self, path: Path) -> None:
        """Write what is added as a GGUF file that llama.cpp loads as an adapter."""
        writer = GGUFWriter(path, "qwen2")
        writer.add_type("adapter")
        writer.add_string("adapter.type", "lora")
        writer.add_float32("adapter.lora.alpha", self.alpha)
        for name, pair in self.added.items():
            for letter, matrix in (("a", pair.a), ("b", pair.b)):
                values = matrix.detach().to(torch.float16).numpy()
                writer.add_tensor(f"{name.replace('-', '.')}.weight.lora_{letter}", values)
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()

    def _places(self, batch: Batch) -> tuple[torch.Tensor, tuple[torch.Tensor, torch.Tensor]]:
        """Return what a question's tokens see, and the angles of all places; a question goes on where it leaves the article."""
        places, at = list(range(batch.common)), batch.common
        mask = torch.zeros(len(batch.tokens) - batch.common, len(batch.tokens), dtype=torch.bool)
        for start, length in zip(batch.starts, batch.lengths, strict=True):
            places += range(start, start + length)
            rows = slice(at - batch.common, at - batch.common + length)
            mask[rows, :start] = True
            mask[rows, at : at + length] = torch.ones(length, length, dtype=torch.bool).tril()
            at += length
        turns = self.base ** (-torch.arange(0, self.head, 2).float() / self.head)
        angles = torch.tensor(places).float()[:, None] * turns[None]
        return mask[None, None], (angles.cos()[None], angles.sin()[None])

    def _block(self, x: torch.Tensor, block: int, common: int, mask: torch.Tensor, turned: object) -> torch.Tensor:
        count = x.shape[0]
        seen = self._normed(x, self.weights[f"blk.{block}.attn_norm.weight"])

        def heads(name: str, number: int) -> torch.Tensor:
            return self._linear(seen, block, name).view(count, number, self.head).transpose(0, 1)

        q, k = _turn(heads("attn_q", self.heads), turned), _turn(heads("attn_k", self.shared), turned)
        v = heads("attn_v", self.shared)
        k, v = (t.repeat_interleave(self.heads // self.shared, 0) for t in (k, v))
        article, asked = q.split([common, count - common], 1)
        attend = F.scaled_dot_product_attention
        parts = (
            attend(article[None], k[None, :, :common], v[None, :, :common], is_causal=True),
            attend(asked[None], k[None], v[None], attn_mask=mask),
        )
        x = x + self._linear(
            torch.cat([p[0] for p in parts], 1).transpose(0, 1).reshape(count, self.width), block, "attn_output"
        )
        seen = self._normed(x, self.weights[f"blk.{block}.ffn_norm.weight"])
        inner = F.silu(self._linear(seen, block, "ffn_gate")) * self._linear(seen, block, "ffn_up")
        return x + self._linear(inner, block, "ffn_down")

    def _linear(self, x: torch.Tensor, block: int, name: str) -> torch.Tensor:
        y = F.linear(x, self.weights[f"blk.{block}.{name}.weight"])
        if (bias := self.weights.get(f"blk.{block}.{name}.bias")) is not None:
            y = y + bias.to(y.dtype)
        if block >= self.first:
            pair = self.added[f"blk-{block}-{name}"]
            y = torch.addmm(y, F.linear(x, pair.a.to(x.dtype)), (pair.b * self.scale).to(x.dtype).t())
        return y

    def _normed(self, x: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
        whole = x.float()
        return (whole * torch.rsqrt(whole.pow(2).mean(-1, keepdim=True) + self.epsilon) * weight).to(x.dtype)


def _turn(x: torch.Tensor, turned: tuple[torch.Tensor, torch.Tensor]) -> torch.Tensor:
    cos, sin = turned
    left, right = (half.float() for half in x.chunk(2, -1))
    return torch.cat([left * cos - right * sin, right * cos + left * sin], -1).to(x.dtype)


def _tokenizer(tokens: list[str], merges: list[str], types: list[int]) -> Tokenizer:
    vocabulary = {token: number for number, token in enumerate(tokens)}
    made = Tokenizer(models.BPE(vocab=vocabulary, merges=[tuple(merge.split(" ")) for merge in merges]))
    made.normalizer = normalizers.NFC()
    words = pre_tokenizers.Split(Regex(WORDS), "isolated")
    made.pre_tokenizer = pre_tokenizers.Sequence(
        [words, pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)]
    )
    special = [token for token, kind in zip(tokens, types, strict=True) if kind == SPECIAL]
    made.add_special_tokens([AddedToken(token, normalized=False) for token in special])
    return made
