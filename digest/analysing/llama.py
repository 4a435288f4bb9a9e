"""llama.cpp in this process, through llama-cpp-python's low-level API; the only file that knows it.

It is a machine for ``batching``, which says what to decode. A fork shares the cells of the paper it begins with:
``llama_memory_seq_cp`` copies no data with ``kv_unified``. Against one call a section with the whole prompt this saves the repeated
prefill and fills the batch (docs/benchmarks.md).
"""

from __future__ import annotations

import ctypes
import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import llama_cpp

from digest.analysing.batching import Batcher, Row
from digest.analysing.chat import ChatFrame, chat_frame
from digest.analysing.memory import Build
from digest.errors import ContextTooSmall, DigestError, MemoryTooSmall, ModelCorrupt, ModelNotFound
from digest.machine import free_memory_bytes, processors

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from digest.analysing.engine import Completion, EngineModel, Job, Question
    from digest.analysing.tune import Knobs

_REMEMBERED = 128  # tokens of an answer that are less likely to come again
_ON_GPU = 4  # papers side by side, unless it was tuned
_FOR_ANSWERS = 3  # part of the context that is set aside for questions and answers, where they need as much
_SMALLEST_CONTEXT = 1024  # that the settings allow
_LONGEST_FIELD = 4096  # bytes of a metadata field that is looked at
_CHATML = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)  # for a GGUF without a template of its own

# Kept for the life of the process: llama.cpp holds the pointer.
_silent = llama_cpp.llama_log_callback(lambda level, text, user_data: None)  # noqa: ARG005 the C signature


def _begin() -> None:
    llama_cpp.llama_log_set(_silent, ctypes.c_void_p(0))
    llama_cpp.llama_backend_init()


def runs_on_gpu() -> bool:
    """Whether this build of llama.cpp can give layers to a GPU."""
    _begin()
    return bool(llama_cpp.llama_supports_gpu_offload())


def _metadata(model: Any) -> dict[str, str]:
    """The short fields of a GGUF, as text."""
    buffer = ctypes.create_string_buffer(_LONGEST_FIELD)

    def text(read: Any, number: int) -> str:
        read(model, number, buffer, len(buffer))
        return buffer.value.decode(errors="replace")

    count = llama_cpp.llama_model_meta_count(model)
    names, values = llama_cpp.llama_model_meta_key_by_index, llama_cpp.llama_model_meta_val_str_by_index
    return {text(names, number): text(values, number) for number in range(count)}


@dataclass(frozen=True, slots=True, kw_only=True)
class LlamaSettings:
    """What a model says depends on."""

    context_tokens: int
    temperature: float
    top_p: float = 0.9
    top_k: int = 40
    repeat_penalty: float = 1.1


class LlamaEngine:
    """One GGUF. Loaded at its first use: a run whose analyses are all there already needs no model."""

    name = "llama"

    def __init__(self, path: Path, model: EngineModel, settings: LlamaSettings, knobs: Knobs) -> None:
        self._path, self.model, self._settings, self._knobs = path, model, settings, knobs
        self._weights: Any = None
        self._context: Any = None
        self._chat: ChatFrame | None = None
        self._batcher: Batcher | None = None
        self._rows: Any = None  # the one batch, filled anew for every step
        self._papers = knobs.papers or 1  # side by side: fewer than wanted where memory is short

    def close(self) -> None:
        """Free the memory."""
        if self._context:
            llama_cpp.llama_free(self._context)
        if self._weights:
            llama_cpp.llama_model_free(self._weights)
        if self._rows:
            llama_cpp.llama_batch_free(self._rows)
        self._context = self._weights = self._chat = self._batcher = self._rows = None

    def count(self, text: str) -> int:
        """See ``Engine.count``."""
        return len(self._tokens(text))

    def room(self, system: str, questions: Sequence[Question]) -> int:
        """See ``Engine.room``: questions beyond a third of the context wait for a place, so that the paper has the rest."""
        head = len(self._head(system))
        tails = sorted((len(self.question_tokens(question)) + question.max_tokens for question in questions), reverse=True)
        side_by_side = min(sum(tails[: self._knobs.answers]), self._context_tokens() // _FOR_ANSWERS)
        return self._context_tokens() - head - max(side_by_side, *tails[:1], 0)

    def answer_all(self, jobs: Iterator[Job]) -> Iterator[tuple[Job, Completion | DigestError]]:
        """See ``Engine.answer_all``."""
        first = next(jobs, None)
        if first is None:  # nothing is loaded for nothing
            return
        self._load()
        self._batcher = self._batcher or Batcher(self, papers=self._papers, width=self._knobs.answers)
        yield from self._batcher.run(itertools.chain([first], jobs))

    @property
    def gpu_layers(self) -> int:
        """How many layers of the model a GPU could take: 0 where this build of llama.cpp has none."""
        return self._build()[0].layers if runs_on_gpu() else 0

    # --- what the batches see -----------------------------------------------------------------------------------------

    def refusal(self, job: Job) -> DigestError | None:
        """See ``Machine.refusal``."""
        left = self.room(job.system, list(job.questions)) - self.count(job.paper)
        return ContextTooSmall(self.model.id, self._context_tokens(), self._context_tokens() - left) if left < 0 else None

    @property
    def cells(self) -> int:
        """See ``Machine.cells``."""
        return int(llama_cpp.llama_n_ctx(self._context))

    @property
    def sequences(self) -> int:
        """See ``Machine.sequences``: one for every question and paper, and one for the paper before."""
        return self._knobs.answers + self._papers + 1

    @property
    def batch(self) -> int:
        """See ``Machine.batch``."""
        return self._knobs.batch

    def paper_tokens(self, job: Job) -> list[int]:
        """See ``Machine.paper_tokens``."""
        return self._head(job.system) + self._tokens(job.paper)

    def question_tokens(self, question: Question) -> list[int]:
        """See ``Machine.question_tokens``."""
        return self._tokens(question.text) + self._tokens(self._frame().after_question, special=True)

    def decode(self, rows: Sequence[Row]) -> None:
        """See ``Machine.decode``."""
        batch = self._rows
        batch.n_tokens = len(rows)
        for i, row in enumerate(rows):
            batch.token[i], batch.pos[i] = row.token, row.position
            batch.n_seq_id[i], batch.seq_id[i][0] = 1, row.sequence
            batch.logits[i] = row.wanted
        code = llama_cpp.llama_decode(self._context, batch)
        if code:
            raise ContextTooSmall(self.model.id, self.cells, self.cells + len(rows))

    def fork(self, source: int, target: int) -> None:
        """See ``Machine.fork``."""
        llama_cpp.llama_memory_seq_cp(llama_cpp.llama_get_memory(self._context), source, target, -1, -1)

    def drop(self, sequence: int) -> None:
        """See ``Machine.drop``."""
        llama_cpp.llama_memory_seq_rm(llama_cpp.llama_get_memory(self._context), sequence, -1, -1)

    def sampler(self, question: Question) -> Any:
        """See ``Machine.sampler``."""
        settings = self._settings
        size = llama_cpp.llama_vocab_n_tokens(llama_cpp.llama_model_get_vocab(self._weights))
        chain = llama_cpp.llama_sampler_chain_init(llama_cpp.llama_sampler_chain_default_params())
        # Penalties go through every token that is left, and lower no more of them than they remember: the first after them are among these.
        steps = [
            llama_cpp.llama_sampler_init_top_k(settings.top_k + _REMEMBERED),
            llama_cpp.llama_sampler_init_penalties(size, _REMEMBERED, settings.repeat_penalty, 0.0, 0.0),
        ]
        if settings.temperature > 0:
            steps += [
                llama_cpp.llama_sampler_init_top_k(settings.top_k),
                llama_cpp.llama_sampler_init_top_p(settings.top_p, 1),
                llama_cpp.llama_sampler_init_temp(settings.temperature),
                llama_cpp.llama_sampler_init_dist(question.seed),
            ]
        else:
            steps.append(llama_cpp.llama_sampler_init_greedy())
        for step in steps:
            llama_cpp.llama_sampler_chain_add(chain, step)
        return chain

    def release(self, sampler: Any) -> None:
        """See ``Machine.release``."""
        llama_cpp.llama_sampler_free(sampler)

    def sample(self, sampler: Any, row: int) -> int:
        """See ``Machine.sample``."""
        return int(llama_cpp.llama_sampler_sample(sampler, self._context, row))

    def ends(self, token: int) -> bool:
        """See ``Machine.ends``."""
        return bool(llama_cpp.llama_vocab_is_eog(llama_cpp.llama_model_get_vocab(self._weights), token))

    def text(self, tokens: Sequence[int]) -> str:
        """See ``Machine.text``."""
        vocabulary = llama_cpp.llama_model_get_vocab(self._weights)
        buffer = ctypes.create_string_buffer(256)
        pieces = []
        for token in tokens:
            size = llama_cpp.llama_token_to_piece(vocabulary, token, buffer, len(buffer), 0, False)
            pieces.append(buffer.raw[: max(0, size)])
        return b"".join(pieces).decode(errors="ignore")

    # --- tokens -------------------------------------------------------------------------------------------------------

    def _head(self, system: str) -> list[int]:
        frame = self._frame()
        return self._tokens(frame.before_system, special=True) + self._tokens(system) + self._tokens(frame.before_paper, special=True)

    def _tokens(self, text: str, *, special: bool = False) -> list[int]:
        """Tokens of *text*; control tokens are recognised only where *special*, never in a paper's words."""
        vocabulary = llama_cpp.llama_model_get_vocab(self._load())
        data = text.encode()
        size = len(data) + 16
        buffer = (llama_cpp.llama_token * size)()
        found = llama_cpp.llama_tokenize(vocabulary, data, len(data), buffer, size, False, special)
        return list(buffer[:found])

    def _frame(self) -> ChatFrame:
        self._chat = self._chat or self._rendered_frame(self._load())
        return self._chat

    def _rendered_frame(self, weights: Any) -> ChatFrame:
        vocabulary = llama_cpp.llama_model_get_vocab(weights)
        template = llama_cpp.llama_model_chat_template(weights, None)
        bos, eos = llama_cpp.llama_vocab_bos(vocabulary), llama_cpp.llama_vocab_eos(vocabulary)
        name = llama_cpp.llama_vocab_get_text
        return chat_frame(
            template.decode() if template else _CHATML,
            bos=name(vocabulary, bos).decode() if bos >= 0 else "",
            eos=name(vocabulary, eos).decode() if eos >= 0 else "",
        )

    # --- loading ------------------------------------------------------------------------------------------------------

    def _context_tokens(self) -> int:
        """What one paper and its questions may take."""
        self._load()
        return self.cells // self._papers

    def _load(self) -> Any:
        if self._weights:
            return self._weights
        if not self._path.is_file():
            raise ModelNotFound(self.model.id, self._path)
        _begin()
        self._papers = self._knobs.papers or (_ON_GPU if runs_on_gpu() else 1)
        if not runs_on_gpu():
            self._check_memory()
        parameters = llama_cpp.llama_model_default_params()
        parameters.n_gpu_layers = self._knobs.gpu_layers
        self._weights = llama_cpp.llama_model_load_from_file(str(self._path).encode(), parameters)
        if not self._weights:
            self._build()  # what cannot be read at all is said of the file
            raise DigestError(f"{self.model.id}: no memory for the weights", hint=f"digest models tune {self.model.id}   # finds what fits")
        self._context = llama_cpp.llama_init_from_model(self._weights, self._context_parameters())
        while not self._context and self._papers > 1:
            self._papers //= 2
            self._context = llama_cpp.llama_init_from_model(self._weights, self._context_parameters())
        if not self._context:
            self.close()
            raise DigestError(
                f"{self.model.id}: no memory for a context of {self._settings.context_tokens} tokens",
                hint="lower analysis.context_tokens in digest.toml",
            )
        self._rows = llama_cpp.llama_batch_init(self._knobs.batch, 0, 1)
        return self._weights

    def _check_memory(self) -> None:
        """Take fewer papers at once, or refuse a context that would not fit beside the weights, before anything is taken."""
        build, trained = self._build()
        free, context = free_memory_bytes(), min(self._settings.context_tokens, trained)
        batch, flash, bits = self._knobs.batch, self._flash(), self._knobs.cache_bits
        while True:
            cells, sequences = context * self._papers, self.sequences
            needed = build.needed(cells=cells, sequences=sequences, batch=batch, flash=flash, cache_bits=bits)
            if needed <= free:
                return
            if self._papers == 1:
                most = build.most_cells(free, sequences=sequences, batch=batch, flash=flash, cache_bits=bits)
                fits = most if most >= _SMALLEST_CONTEXT else 0
                raise MemoryTooSmall(self.model.id, needed, free, context_tokens=context, fits=fits)
            self._papers -= 1

    def _build(self) -> tuple[Build, int]:
        """What the file says of the model's dimensions, and the context it was trained with."""
        _begin()
        parameters = llama_cpp.llama_model_default_params()
        parameters.vocab_only = True
        model = llama_cpp.llama_model_load_from_file(str(self._path).encode(), parameters)
        if not model:
            raise ModelCorrupt(self.model.id, self._path)
        try:
            metadata = _metadata(model)
            size = llama_cpp.llama_vocab_n_tokens(llama_cpp.llama_model_get_vocab(model))
        finally:
            llama_cpp.llama_model_free(model)
        trained = metadata.get(f"{metadata.get('general.architecture', '')}.context_length", "")
        build = Build.of(metadata, weights_bytes=self._path.stat().st_size, vocabulary=size)
        return build, int(trained) if trained.isdecimal() else self._settings.context_tokens

    def _flash(self) -> bool:
        wanted = self._knobs.flash_attention
        return runs_on_gpu() if wanted is None else wanted

    def _context_parameters(self) -> Any:
        knobs = self._knobs
        trained = llama_cpp.llama_model_n_ctx_train(self._weights)
        parameters = llama_cpp.llama_context_default_params()
        parameters.n_ctx = min(self._settings.context_tokens, trained) * self._papers
        parameters.n_batch = parameters.n_ubatch = knobs.batch
        parameters.n_seq_max = self.sequences
        parameters.n_outputs_max = self.sequences  # else a workspace for the logits of a whole batch: 300 MB with Qwen's vocabulary
        parameters.kv_unified = True
        parameters.swa_full = True
        parameters.n_threads = parameters.n_threads_batch = knobs.threads or processors()
        parameters.flash_attn_type = int(self._flash())
        if knobs.cache_bits == 8:
            parameters.type_k = parameters.type_v = llama_cpp.GGML_TYPE_Q8_0
        return parameters
