"""A BERT encoder as an ONNX model, written straight from its weights.

The nodes are the fused ones that ONNX Runtime would have to find by pattern in an exported graph, so neither torch nor the
``onnx`` package is needed. One run takes texts of one length, so there is no padding and no mask. This module does not
know how the graph is run.
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

Array = npt.NDArray[Any]

_FUSED = "com.microsoft"
_TYPES = {"float32": 1, "uint8": 2, "int8": 3, "int32": 6, "int64": 7}  # onnx.proto3, TensorProto.DataType
_SAFETENSORS = {"F32": "<f4", "F16": "<f2", "I64": "<i8", "I32": "<i4"}


def weights(path: Path) -> dict[str, Array]:
    """The tensors of a safetensors file by name, mapped, not read.

    Raises:
        KeyError: one is of a type that this program does not use.
    """
    with path.open("rb") as file:
        size = struct.unpack("<Q", file.read(8))[0]
        header = json.loads(file.read(size))
    data = np.memmap(path, dtype=np.uint8, mode="r", offset=8 + size)
    found = {}
    for name, entry in header.items():
        if name != "__metadata__":
            start, end = entry["data_offsets"]
            found[name.removeprefix("bert.")] = data[start:end].view(_SAFETENSORS[entry["dtype"]]).reshape(entry["shape"])
    return found


def bert(tensors: Mapping[str, Array], config: Mapping[str, Any], *, int8: bool = False) -> bytes:
    """The ONNX model of a BERT encoder: ``ids`` (texts, tokens) int32 to ``mean`` (texts, dim), the mean over its tokens.

    Args:
        tensors: as ``weights`` gives them, under the names of ``transformers.BertModel``.
        config: its ``config.json``.
        int8: multiply in 8-bit integers: weights a column at a time, activations a run at a time.
    """
    graph = _Graph(tensors, config, int8)
    graph.embeddings()
    for number in range(config["num_hidden_layers"]):
        graph.layer(f"encoder.layer.{number}.")
    graph.node("ReduceMean", [graph.state], "mean", axes=[1], keepdims=0)
    return graph.model()


@dataclass(slots=True)
class _Graph:
    """Nodes and tensors as they are added, each already in its wire form."""

    tensors: Mapping[str, Array]
    config: Mapping[str, Any]
    int8: bool
    parts: list[bytes] = field(default_factory=list)
    state: str = ""  # the tensor that the next layer reads

    def embeddings(self) -> None:
        name = "embeddings."
        positions = self.get(name + "position_embeddings.weight") + self.get(name + "token_type_embeddings.weight")[0]
        self.tensor("positions", positions)
        self.tensor("words", self.get(name + "word_embeddings.weight"))
        gamma, beta = self.norm(name + "LayerNorm")
        inputs = ["ids", "", "words", "positions", "", gamma, beta]
        self.state = self.node("EmbedLayerNormalization", inputs, "embedded", "mask_index", domain=_FUSED, epsilon=self.epsilon)

    def layer(self, name: str) -> None:
        start = self.state
        parts = [self.matmul(start, f"{name}attention.self.{part}") for part in ("query", "key", "value")]
        self.node("MultiHeadAttention", parts, f"{name}heads", domain=_FUSED, num_heads=self.config["num_attention_heads"])
        attended = self.matmul(f"{name}heads", f"{name}attention.output.dense")
        middle = self.add_norm(attended, start, f"{name}attention.output.LayerNorm")
        wide = self.matmul(middle, f"{name}intermediate.dense")
        self.node("Gelu", [wide], f"{name}gelu", domain=_FUSED)
        narrow = self.matmul(f"{name}gelu", f"{name}output.dense")
        self.state = self.add_norm(narrow, middle, f"{name}output.LayerNorm")

    @property
    def epsilon(self) -> float:
        return float(self.config["layer_norm_eps"])

    def get(self, name: str) -> Array:
        found: Array = np.asarray(self.tensors[name], dtype=np.float32)
        return found

    def norm(self, name: str) -> tuple[str, str]:
        return self.tensor(f"{name}.weight", self.get(f"{name}.weight")), self.tensor(f"{name}.bias", self.get(f"{name}.bias"))

    def add_norm(self, name: str, skip: str, norm: str) -> str:
        return self.node("SkipLayerNormalization", [name, skip, *self.norm(norm)], f"{norm}.out", domain=_FUSED, epsilon=self.epsilon)

    def matmul(self, name: str, dense: str) -> str:
        weight, out = self.get(f"{dense}.weight").T, f"{dense}.out"
        bias = self.tensor(f"{dense}.bias", self.get(f"{dense}.bias"))
        if not self.int8:
            product = self.node("MatMul", [name, self.tensor(f"{dense}.weight", weight)], f"{dense}.product")
            return self.node("Add", [product, bias], out)
        scale = np.abs(weight).max(axis=0) / 127
        whole = self.tensor(f"{dense}.weight", np.round(weight / scale).astype(np.int8))
        inputs = [name, whole, self.tensor(f"{dense}.scale", scale), "", bias]
        return self.node("DynamicQuantizeMatMul", inputs, out, domain=_FUSED)

    def tensor(self, name: str, value: Array) -> str:
        dims = b"".join(_number(1, size) for size in value.shape)
        raw = np.ascontiguousarray(value).tobytes()
        self.parts.append(_bytes(5, dims + _number(2, _TYPES[value.dtype.name]) + _text(8, name) + _bytes(9, raw)))
        return name

    def node(self, op: str, inputs: list[str], *outputs: str, domain: str = "", **attributes: float | list[int]) -> str:
        body = b"".join(_text(1, name) for name in inputs) + b"".join(_text(2, name) for name in outputs) + _text(4, op) + _text(7, domain)
        body += b"".join(_bytes(5, _attribute(name, value)) for name, value in attributes.items())
        self.parts.append(_bytes(1, body))
        return outputs[0]

    def model(self) -> bytes:
        tail = _text(2, "bert") + _bytes(11, _value("ids", "int32", 2)) + _bytes(12, _value("mean", "float32", 2))
        opsets = _bytes(8, _text(1, "") + _number(2, 17)) + _bytes(8, _text(1, _FUSED) + _number(2, 1))
        size = sum(map(len, self.parts)) + len(tail)  # joined once, as the weights are most of the memory
        return b"".join([_number(1, 8), opsets, _varint(7 << 3 | 2), _varint(size), *self.parts, tail])


# --- the wire form of Protocol Buffers, as far as ONNX models need it -----------------------------------------------------------


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def _number(tag: int, value: int) -> bytes:
    return _varint(tag << 3) + _varint(value)


def _bytes(tag: int, value: bytes) -> bytes:
    return _varint(tag << 3 | 2) + _varint(len(value)) + value


def _text(tag: int, value: str) -> bytes:
    return _bytes(tag, value.encode())


def _attribute(name: str, value: float | list[int]) -> bytes:
    """A float is written as a float; a whole number, or a list of them, as integers."""
    head = _text(1, name)
    if isinstance(value, list):
        return head + b"".join(_number(8, item) for item in value) + _number(20, 7)
    if isinstance(value, int):
        return head + _number(3, value) + _number(20, 2)
    return head + _varint(2 << 3 | 5) + struct.pack("<f", value) + _number(20, 1)


def _value(name: str, kind: str, rank: int) -> bytes:
    shape = b"".join(_bytes(1, _text(2, f"{name}{axis}")) for axis in range(rank))
    return _text(1, name) + _bytes(2, _bytes(1, _number(1, _TYPES[kind]) + _bytes(2, shape)))
