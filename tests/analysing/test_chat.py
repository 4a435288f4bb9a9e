"""Chat templates are programs of strangers: what they may write, and what they may not do."""

import pytest

from digest.analysing.chat import chat_frame
from digest.errors import DigestError

QWEN3 = (
    "{%- for message in messages %}{{- '<|im_start|>' + message.role + '\n' + message.content + '<|im_end|>' + '\n' }}{%- endfor %}"
    "{%- if add_generation_prompt %}{{- '<|im_start|>assistant\n' }}"
    "{%- if enable_thinking is defined and enable_thinking is false %}{{- '<think>\n\n</think>\n\n' }}{%- endif %}{%- endif %}"
)
NO_SYSTEM = (
    "{{ bos_token }}{% if messages[0].role == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}"
    "{% for m in messages %}[INST] {{ m.content }} [/INST]{% endfor %}"
)


def test_the_frame_is_what_stands_around_the_contents():
    frame = chat_frame(QWEN3, bos="", eos="")
    assert frame.before_system == "<|im_start|>system\n"
    assert frame.before_paper == "<|im_end|>\n<|im_start|>user\n"


def test_thinking_is_switched_off():
    assert chat_frame(QWEN3, bos="", eos="").after_question.endswith("<|im_start|>assistant\n<think>\n\n</think>\n\n")


@pytest.mark.parametrize(
    "template", [NO_SYSTEM, "{{ bos_token }}{% for m in messages if m.role == 'user' %}[INST] {{ m.content }} [/INST]{% endfor %}"]
)
def test_without_a_system_role_the_system_text_opens_the_users_turn(template):
    frame = chat_frame(template, bos="<s>", eos="</s>")
    assert (frame.before_system, frame.before_paper, frame.after_question) == ("<s>[INST] ", "\n\n", " [/INST]")


def test_a_template_that_asks_for_the_date_is_told_the_same_on_every_day():
    assert chat_frame("{{ strftime_now('%Y-%m-%d') }} " + QWEN3, bos="", eos="").before_system.startswith("2025-01-01")


@pytest.mark.parametrize(
    "attack",
    [
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ messages.append(1) }}",
        "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
        "{% for i in range(10 ** 9) %}x{% endfor %}",
        "{% for i in range(999999999) %}x{% endfor %}",
        "{% for i in range(9999) %}{% for j in range(9999) %}x{% endfor %}{% endfor %}",
        "{{ 'x' * 9999999999 }}",
        "{{ 1 / 0 }}",
        "{{ undefined.attribute }}",
        "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
        "{% for %}",
        "nothing of the message",
    ],
)
def test_a_hostile_or_broken_template_is_an_error_of_ours(attack):
    with pytest.raises(DigestError, match="chat template cannot be used"):
        chat_frame(attack + (QWEN3 if attack != "nothing of the message" else ""), bos="", eos="")
