"""GGUF files of real models' shapes with random weights: what a model costs does not depend on what its weights say.

The vocabulary is Qwen's own, from the vocabulary-only file that the source package of llama-cpp-python carries
(`make vocabulary` puts it where `VOCABULARY` says). Weights are 4-bit blocks of random nibbles under one scale a tensor, so a
file of billions of weights is written as fast as the disk takes it.

python -m bench.shapes SHAPE FILE.gguf
"""

from __future__ import annotations

import functools
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gguf
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

VOCABULARY = Path(sys.prefix) / "share" / "ggml-vocab-qwen2.gguf"
_BLOCK = 32  # weights in one Q4_0 block: a float16 scale and 32 nibbles
_NIBBLE_SPREAD = 4.6  # standard deviation of a uniform nibble less 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """The dimensions of a decoder; `kind` is llama.cpp's name of the architecture."""

    kind: str = "qwen3"
    layers: int
    width: int
    hidden: int  # of the feed-forward part
    heads: int
    key_heads: int
    head_width: int = 128
    context: int = 32_768
    tied: bool = True  # the output matrix is the embedding matrix
    window: int = 0  # sliding attention window, in tokens


SHAPES = {
    "qwen3-0.6b": Shape(layers=28, width=1024, hidden=3072, heads=16, key_heads=8),
    "qwen3-1.7b": Shape(layers=28, width=2048, hidden=6144, heads=16, key_heads=8),
    "qwen3-4b": Shape(layers=36, width=2560, hidden=9728, heads=32, key_heads=8),
    "qwen3-8b": Shape(layers=36, width=4096, hidden=12_288, heads=32, key_heads=8, tied=False),
    # Small enough for a test, one of each way a model remembers.
    "tiny-attention": Shape(layers=2, width=64, hidden=128, heads=4, key_heads=2, head_width=32, context=4096),
    "tiny-sliding": Shape(kind="gemma3", layers=6, width=64, hidden=128, heads=4, key_heads=2, head_width=32, context=4096, window=64),
    "tiny-hybrid": Shape(kind="qwen35", layers=4, width=64, hidden=128, heads=4, key_heads=2, head_width=32, context=4096),
}


def write(shape: Shape, path: Path, *, seed: int = 0, vocabulary: Path = VOCABULARY) -> None:
    """Write *path*, a model of *shape* that speaks Qwen's tokens and says nothing sensible.

    Raises:
        FileNotFoundError: there is no *vocabulary*; `make vocabulary` fetches it.
    """
    if not vocabulary.is_file():
        raise FileNotFoundError(f"no vocabulary at {vocabulary}: make vocabulary")
    writer = gguf.GGUFWriter(path, shape.kind)
    fields = _vocabulary(vocabulary)
    for name, (value, kind, item) in fields.items():
        writer.add_key_value(name, value, kind, sub_type=item)
    _describe(shape, writer)
    draw = np.random.default_rng(seed)
    tensors = list(_tensors(shape, len(fields["tokenizer.ggml.tokens"][0])))
    for name, dims in tensors:
        _announce(writer, name, dims)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_ti_data_to_file()
    for name, dims in tensors:
        writer.write_tensor_data(_weights(draw, name, dims))
    writer.close()


@functools.cache
def _vocabulary(source: Path) -> dict[str, tuple[Any, gguf.GGUFValueType, gguf.GGUFValueType | None]]:
    """Every tokenizer field of *source*: value, type, and type of an array's items. Reading it takes seconds."""
    fields = [field for field in gguf.GGUFReader(source).fields.values() if field.name.startswith("tokenizer.")]
    return {field.name: (field.contents(), field.types[0], field.types[-1] if len(field.types) > 1 else None) for field in fields}


def _describe(shape: Shape, writer: gguf.GGUFWriter) -> None:
    writer.add_context_length(shape.context)
    writer.add_embedding_length(shape.width)
    writer.add_block_count(shape.layers)
    writer.add_feed_forward_length(shape.hidden)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.key_heads)
    writer.add_key_length(shape.head_width)
    writer.add_value_length(shape.head_width)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_rope_freq_base(1e6)
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q4_0)
    if shape.window:
        writer.add_sliding_window(shape.window)
    if shape.kind == "qwen35":
        writer.add_rope_dimension_count(shape.head_width)
        writer.add_rope_dimension_sections([shape.head_width // 4, shape.head_width // 8, shape.head_width // 8, 0])
        writer.add_ssm_conv_kernel(4)
        writer.add_ssm_state_size(shape.head_width)
        writer.add_ssm_group_count(shape.key_heads)
        writer.add_ssm_time_step_rank(shape.heads)
        writer.add_ssm_inner_size(shape.heads * shape.head_width)


Tensor = tuple[str, tuple[int, ...]]  # name, and dimensions as llama.cpp counts them: the row first


def _tensors(shape: Shape, vocabulary: int) -> Iterator[Tensor]:
    yield "token_embd.weight", (shape.width, vocabulary)
    yield "output_norm.weight", (shape.width,)
    if not shape.tied:
        yield "output.weight", (shape.width, vocabulary)
    for number in range(shape.layers):
        for name, dims in _layer(shape, number):
            yield f"blk.{number}.{name}", dims


def _layer(shape: Shape, number: int) -> Iterator[Tensor]:
    width, hidden = shape.width, shape.hidden
    yield "attn_norm.weight", (width,)
    if shape.kind == "qwen35" and (number + 1) % 4:
        yield from _linear_attention(shape)
    else:
        yield from _attention(shape)
    if shape.kind in ("gemma3", "qwen35"):
        yield "post_attention_norm.weight", (width,)
    if shape.kind == "gemma3":
        yield "post_ffw_norm.weight", (width,)
    if shape.kind != "qwen35":
        yield "ffn_norm.weight", (width,)
    yield "ffn_gate.weight", (width, hidden)
    yield "ffn_up.weight", (width, hidden)
    yield "ffn_down.weight", (hidden, width)


def _attention(shape: Shape) -> Iterator[Tensor]:
    queries, keys = shape.heads * shape.head_width, shape.key_heads * shape.head_width
    yield "attn_q.weight", (shape.width, queries * (2 if shape.kind == "qwen35" else 1))  # there with a gate beside each query
    yield "attn_k.weight", (shape.width, keys)
    yield "attn_v.weight", (shape.width, keys)
    yield "attn_output.weight", (queries, shape.width)
    yield "attn_q_norm.weight", (shape.head_width,)
    yield "attn_k_norm.weight", (shape.head_width,)


def _linear_attention(shape: Shape) -> Iterator[Tensor]:
    """A gated delta net, as in Qwen3.5."""
    keys, values = shape.key_heads * shape.head_width, shape.heads * shape.head_width
    yield "attn_qkv.weight", (shape.width, 2 * keys + values)
    yield "attn_gate.weight", (shape.width, values)
    yield "ssm_conv1d.weight", (4, 2 * keys + values)
    yield "ssm_dt.bias", (shape.heads,)
    yield "ssm_a", (shape.heads,)
    yield "ssm_beta.weight", (shape.width, shape.heads)
    yield "ssm_alpha.weight", (shape.width, shape.heads)
    yield "ssm_norm.weight", (shape.head_width,)
    yield "ssm_out.weight", (values, shape.width)


def _is_matrix(name: str, dims: tuple[int, ...]) -> bool:
    return len(dims) == 2 and "conv1d" not in name


def _announce(writer: gguf.GGUFWriter, name: str, dims: tuple[int, ...]) -> None:
    shape = tuple(reversed(dims))
    if not _is_matrix(name, dims):
        writer.add_tensor_info(name, shape, np.dtype(np.float32), int(np.prod(shape)) * 4)
        return
    in_bytes = (*shape[:-1], shape[-1] // _BLOCK * 18)
    writer.add_tensor_info(name, in_bytes, np.dtype(np.uint8), int(np.prod(in_bytes)), raw_dtype=gguf.GGMLQuantizationType.Q4_0)


def _weights(draw: np.random.Generator, name: str, dims: tuple[int, ...]) -> np.ndarray[Any, Any]:
    """A matrix as Q4_0 blocks that keeps the size of what goes through it; a vector as ones, decays below nought."""
    if name.endswith(("ssm_a", "ssm_dt.bias")):
        return np.full(dims, -1.0, dtype=np.float32)
    if not _is_matrix(name, dims):
        return np.ones(tuple(reversed(dims)), dtype=np.float32)
    blocks = int(np.prod(dims)) // _BLOCK
    data = np.empty((blocks, 18), dtype=np.uint8)
    data[:, :2] = np.frombuffer(np.float16(1 / (_NIBBLE_SPREAD * dims[0] ** 0.5)).tobytes(), dtype=np.uint8)
    data[:, 2:] = np.frombuffer(draw.bytes(blocks * 16), dtype=np.uint8).reshape(blocks, 16)
    return data.reshape(*reversed(dims[1:]), -1)


if __name__ == "__main__":
    write(SHAPES[sys.argv[1]], Path(sys.argv[2]))
