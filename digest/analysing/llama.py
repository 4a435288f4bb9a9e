"""llama.cpp in this process, through llama-cpp-python's low-level API; the only file that knows it.

The paper is decoded once into sequence 0. Every question becomes a sequence of its own that shares the paper's cells
(``llama_memory_seq_cp`` copies no data with ``kv_unified``), and all of them are decoded in one batch, a token each
a step. Against one call a section with the whole prompt this saves the repeated prefill and fills the batch
(docs/benchmarks.md). Nothing is removed from a sequence, so recurrent and hybrid models work the same way.
"""

from __future__ import annotations

import ctypes
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import llama_cpp

from digest.analysing.chat import ChatFrame, chat_frame
from digest.analysing.engine import Completion, EngineModel, Finish, Question
from digest.analysing.loops import loop_start
from digest.errors import ContextTooSmall, DigestError, ModelCorrupt, ModelNotFound

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

_BATCH = 512  # tokens decoded at once while reading
_CHATML = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)  # for a GGUF without a template of its own
_LOOP_CHECK_EVERY = 16  # tokens

# Kept for the life of the process: llama.cpp holds the pointer.
_silent = llama_cpp.llama_log_callback(lambda level, text, user_data: None)  # noqa: ARG005 the C signature


def runs_on_gpu() -> bool:
    """Whether this build of llama.cpp can give layers to a GPU."""
    return bool(llama_cpp.llama_supports_gpu_offload())


@dataclass(frozen=True, slots=True, kw_only=True)
class LlamaSettings:
    """How a model is run; what it says does not depend on anything else."""

    context_tokens: int
    threads: int  # 0: as many as this process may use
    gpu_layers: int
    temperature: float
    top_p: float = 0.9
    top_k: int = 40
    repeat_penalty: float = 1.1
    parallel: int = 16  # questions decoded side by side at most


@dataclass(slots=True, kw_only=True)
class _Sequence:
    """One question being answered."""

    id: int  # of the sequence in the cache
    question: Question
    sampler: Any
    position: int  # of the next token
    prompt_tokens: int
    next_token: int = 0
    output: list[int] = field(default_factory=list)
    finish: Finish | None = None


class LlamaEngine:
    """One GGUF. Loaded at its first use: a run whose analyses are all there already needs no model."""

    name = "llama"

    def __init__(self, path: Path, model: EngineModel, settings: LlamaSettings) -> None:
        self._path, self.model, self._settings = path, model, settings
        self._weights: Any = None
        self._context: Any = None
        self._chat: ChatFrame | None = None
        self._held: list[int] = []  # tokens that sequence 0 holds: a section asked again does not read the paper again

    def close(self) -> None:
        """Free the memory."""
        if self._context:
            llama_cpp.llama_free(self._context)
        if self._weights:
            llama_cpp.llama_model_free(self._weights)
        self._context = self._weights = self._chat = None
        self._held = []

    def count(self, text: str) -> int:
        """See ``Engine.count``."""
        return len(self._tokens(text))

    def room(self, system: str, questions: Sequence[Question]) -> int:
        """See ``Engine.room``."""
        head = len(self._head(system))
        tails = [len(self._tail(question)) + question.max_tokens for question in questions]
        widest = sum(sorted(tails, reverse=True)[: self._settings.parallel])
        return self._context_tokens() - head - widest

    def answer(self, system: str, paper: str, questions: Sequence[Question]) -> Iterator[Completion]:
        """See ``Engine.answer``."""
        words = self._tokens(paper)
        left = self.room(system, questions) - len(words)
        if left < 0:
            raise ContextTooSmall(self.model.id, self._context_tokens(), self._context_tokens() - left)
        prefix = self._head(system) + words
        memory = llama_cpp.llama_get_memory(self._context)
        known = prefix == self._held
        for number in range(1, self._settings.parallel + 1):
            llama_cpp.llama_memory_seq_rm(memory, number, -1, -1)
        if not known:
            self._read(prefix)
        width = self._settings.parallel
        for start in range(0, len(questions), width):
            group = questions[start : start + width]
            yield from self._answer_group(group, prefix_tokens=len(prefix), counted=start == 0 and not known)
            for number in range(1, len(group) + 1):
                llama_cpp.llama_memory_seq_rm(memory, number, -1, -1)

    # --- decoding -----------------------------------------------------------------------------------------------------

    def _read(self, prefix: list[int]) -> None:
        self._held = []
        llama_cpp.llama_memory_clear(llama_cpp.llama_get_memory(self._context), False)
        for start in range(0, len(prefix), _BATCH):
            self._decode([(token, start + i, 0, False) for i, token in enumerate(prefix[start : start + _BATCH])])
        self._held = prefix

    def _answer_group(self, questions: Sequence[Question], *, prefix_tokens: int, counted: bool) -> Iterator[Completion]:
        memory = llama_cpp.llama_get_memory(self._context)
        running = []
        for number, question in enumerate(questions, 1):
            llama_cpp.llama_memory_seq_cp(memory, 0, number, -1, -1)
            running.append(self._start(number, question, prefix_tokens, counted=counted and number == 1))
        try:
            yield from self._step_all(running)
        finally:
            for sequence in running:
                llama_cpp.llama_sampler_free(sequence.sampler)

    def _start(self, number: int, question: Question, prefix_tokens: int, *, counted: bool) -> _Sequence:
        """Read the question into its own sequence and sample the first token of the answer."""
        tail = self._tail(question)
        rows = [(token, prefix_tokens + i, number, i == len(tail) - 1) for i, token in enumerate(tail)]
        for start in range(0, len(rows), _BATCH):
            self._decode(rows[start : start + _BATCH])
        sequence = _Sequence(
            id=number,
            question=question,
            sampler=self._sampler(question.seed),
            position=prefix_tokens + len(tail),
            prompt_tokens=len(tail) + (prefix_tokens if counted else 0),
        )
        self._take(sequence, llama_cpp.llama_sampler_sample(sequence.sampler, self._context, -1))
        return sequence

    def _step_all(self, sequences: list[_Sequence]) -> Iterator[Completion]:
        running = sequences
        while running:
            for sequence in [s for s in running if s.finish]:
                yield self._completion(sequence)
            running = [s for s in running if not s.finish]
            if running:
                self._decode([(s.next_token, s.position, s.id, True) for s in running])
                for row, sequence in enumerate(running):
                    sequence.position += 1
                    self._take(sequence, llama_cpp.llama_sampler_sample(sequence.sampler, self._context, row))

    def _take(self, sequence: _Sequence, token: int) -> None:
        """Add *token* to the answer, or end it."""
        vocabulary = llama_cpp.llama_model_get_vocab(self._weights)
        if llama_cpp.llama_vocab_is_eog(vocabulary, token):
            sequence.finish = "stop"
            return
        sequence.output.append(token)
        sequence.next_token = token
        if len(sequence.output) % _LOOP_CHECK_EVERY == 0 and (start := loop_start(sequence.output)) is not None:
            del sequence.output[start:]
            sequence.finish = "loop"
        elif len(sequence.output) >= sequence.question.max_tokens:
            sequence.finish = "length"

    def _decode(self, rows: list[tuple[int, int, int, bool]]) -> None:
        """Run (token, position, sequence, wants logits) through the model."""
        batch = llama_cpp.llama_batch_init(len(rows), 0, 1)
        try:
            batch.n_tokens = len(rows)
            for i, (token, position, number, logits) in enumerate(rows):
                batch.token[i], batch.pos[i] = token, position
                batch.n_seq_id[i], batch.seq_id[i][0] = 1, number
                batch.logits[i] = logits
            code = llama_cpp.llama_decode(self._context, batch)
        finally:
            llama_cpp.llama_batch_free(batch)
        if code:
            raise ContextTooSmall(self.model.id, self._context_tokens(), self._context_tokens() + len(rows))

    def _completion(self, sequence: _Sequence) -> Completion:
        return Completion(
            id=sequence.question.id,
            text=self._text(sequence.output),
            finish=sequence.finish or "stop",
            output_tokens=len(sequence.output),
            prompt_tokens=sequence.prompt_tokens,
        )

    def _sampler(self, seed: int) -> Any:
        settings = self._settings
        size = llama_cpp.llama_vocab_n_tokens(llama_cpp.llama_model_get_vocab(self._weights))
        chain = llama_cpp.llama_sampler_chain_init(llama_cpp.llama_sampler_chain_default_params())
        steps = [llama_cpp.llama_sampler_init_penalties(size, 128, settings.repeat_penalty, 0.0, 0.0)]
        if settings.temperature > 0:
            steps += [
                llama_cpp.llama_sampler_init_top_k(settings.top_k),
                llama_cpp.llama_sampler_init_top_p(settings.top_p, 1),
                llama_cpp.llama_sampler_init_temp(settings.temperature),
                llama_cpp.llama_sampler_init_dist(seed),
            ]
        else:
            steps.append(llama_cpp.llama_sampler_init_greedy())
        for step in steps:
            llama_cpp.llama_sampler_chain_add(chain, step)
        return chain

    # --- tokens -------------------------------------------------------------------------------------------------------

    def _head(self, system: str) -> list[int]:
        frame = self._frame()
        return self._tokens(frame.before_system, special=True) + self._tokens(system) + self._tokens(frame.before_paper, special=True)

    def _tail(self, question: Question) -> list[int]:
        return self._tokens(question.text) + self._tokens(self._frame().after_question, special=True)

    def _tokens(self, text: str, *, special: bool = False) -> list[int]:
        """Tokens of *text*; control tokens are recognised only where *special*, never in a paper's words."""
        vocabulary = llama_cpp.llama_model_get_vocab(self._load())
        data = text.encode()
        size = len(data) + 16
        buffer = (llama_cpp.llama_token * size)()
        found = llama_cpp.llama_tokenize(vocabulary, data, len(data), buffer, size, False, special)
        return list(buffer[:found])

    def _text(self, tokens: Sequence[int]) -> str:
        vocabulary = llama_cpp.llama_model_get_vocab(self._weights)
        buffer = ctypes.create_string_buffer(256)
        pieces = []
        for token in tokens:
            size = llama_cpp.llama_token_to_piece(vocabulary, token, buffer, len(buffer), 0, False)
            pieces.append(buffer.raw[: max(0, size)])
        return b"".join(pieces).decode(errors="ignore")

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
        self._load()
        return int(llama_cpp.llama_n_ctx(self._context))

    def _load(self) -> Any:
        if self._weights:
            return self._weights
        if not self._path.is_file():
            raise ModelNotFound(self.model.id, self._path)
        llama_cpp.llama_log_set(_silent, ctypes.c_void_p(0))
        llama_cpp.llama_backend_init()
        parameters = llama_cpp.llama_model_default_params()
        parameters.n_gpu_layers = self._settings.gpu_layers
        self._weights = llama_cpp.llama_model_load_from_file(str(self._path).encode(), parameters)
        if not self._weights:
            raise ModelCorrupt(self.model.id, self._path)
        self._context = llama_cpp.llama_init_from_model(self._weights, self._context_parameters())
        if not self._context:
            self.close()
            raise DigestError(
                f"{self.model.id}: no memory for a context of {self._settings.context_tokens} tokens",
                hint="lower analysis.context_tokens in digest.toml",
            )
        return self._weights

    def _context_parameters(self) -> Any:
        settings = self._settings
        trained = llama_cpp.llama_model_n_ctx_train(self._weights)
        threads = settings.threads or len(os.sched_getaffinity(0))
        parameters = llama_cpp.llama_context_default_params()
        parameters.n_ctx = min(settings.context_tokens, trained)
        parameters.n_batch = parameters.n_ubatch = _BATCH
        parameters.n_seq_max = settings.parallel + 1
        parameters.kv_unified = True
        parameters.swa_full = True
        parameters.n_threads = parameters.n_threads_batch = threads
        # On CPUs flash attention made decoding 3 to 10 times slower; on a GPU it is the fast path.
        flash = llama_cpp.LLAMA_FLASH_ATTN_TYPE_AUTO if runs_on_gpu() else llama_cpp.LLAMA_FLASH_ATTN_TYPE_DISABLED
        parameters.flash_attn_type = flash
        return parameters
