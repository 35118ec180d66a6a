"""Chat templates: what they render, what they cannot do, what no text can spell."""

import json
from pathlib import Path

import pytest
from tokenizers import Tokenizer

from studio.core.errors import StudioError
from studio.worker.text.chat import ChatTemplate, load_chat
from studio.worker.text.tokens import TextTokens, load_tokens
from tests import tiny_models

CHATML = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] | trim + "
    "'<|im_end|>' + '\\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}"
    "{% if enable_thinking is defined and enable_thinking is false %}{{ '<think>\\n\\n</think>\\n\\n' }}{% endif %}"
    "{% endif %}"
)
GEMMA = (
    "{{ bos_token }}{% if messages[0]['role'] == 'system' %}{{ raise_exception('System role not supported') }}"
    "{% endif %}{% for message in messages %}{% set role = 'model' if message['role'] == 'assistant' else "
    "message['role'] %}{{ '<start_of_turn>' + role + '\\n' + message['content'] | trim + '<end_of_turn>\\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<start_of_turn>model\\n' }}{% endif %}"
)
MARKS = ("<|im_start|>", "<|im_end|>", "<start_of_turn>", "<end_of_turn>")


def make_chat_tokens(folder: Path, template: str | None = CHATML) -> TextTokens:
    """The tiny tokenizer with chat marks and a template."""
    folder.mkdir(parents=True, exist_ok=True)
    tiny_models.write_tokenizer(folder)
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.add_special_tokens(list(MARKS))
    tokenizer.save(str(folder / "tokenizer.json"))
    settings = json.loads((folder / "tokenizer_config.json").read_text())
    if template is not None:
        settings["chat_template"] = template
    (folder / "tokenizer_config.json").write_text(json.dumps(settings))
    return load_tokens(folder)


@pytest.mark.parametrize("source", [CHATML, GEMMA])
def test_layouts_are_what_transformers_renders(source: str) -> None:
    from transformers import PreTrainedTokenizerFast

    template = ChatTemplate(source, {"bos_token": "<bos>"})
    reference = PreTrainedTokenizerFast(tokenizer_object=Tokenizer.from_str(_EMPTY), bos_token="<bos>")
    reference.chat_template = source
    rendered = reference.apply_chat_template(
        [{"role": "user", "content": "USER"}],
        tokenize=False,
        add_generation_prompt=True,
        enable_thinking=False,
    )
    mine = "".join(piece if kind == "text" else "USER" for kind, piece in template.layout(system=False))
    assert mine == rendered


def test_a_template_without_a_system_role_gets_it_in_the_first_turn() -> None:
    layout = ChatTemplate(GEMMA, {"bos_token": "<bos>"}).layout(system=True)
    assert [piece for kind, piece in layout if kind == "slot"] == ["system", "user"]
    assert layout[0] == ("text", "<bos><start_of_turn>user\n")
    assert layout[2] == ("text", "\n\n")


def test_the_closing_of_the_model_s_turn_is_found() -> None:
    assert ChatTemplate(CHATML).closing().startswith("<|im_end|>")
    assert ChatTemplate(GEMMA).closing().startswith("<end_of_turn>")


@pytest.mark.parametrize(
    "source",
    [
        "{{ messages[0].content.__class__.__mro__ }}",
        "{% for x in range(10 ** 9) %}{% endfor %}",
        "{{ ''.__class__.__base__.__subclasses__() }}",
        "{{ messages.append(1) }}{{ messages[0].content }}",
        "{% include '/etc/passwd' %}",
        "{{ messages[0].content }}{{ messages[0].content }}",
        "hello",
        "{% if %}",
        "{{ strftime_now('%Y') }}",
        "{{ 1 / 0 }}{{ messages[0].content }}",
    ],
)
def test_a_bad_template_is_refused_in_words(source: str) -> None:
    with pytest.raises(StudioError) as caught:
        ChatTemplate(source).layout(system=False)
    assert caught.value.code == "chat_template"
    assert caught.value.do


def test_marks_of_the_template_are_real_and_marks_in_a_text_are_text(tmp_path: Path) -> None:
    tokens = make_chat_tokens(tmp_path)
    (mark,) = tokens.encode_template("<|im_end|>")
    assert mark in tokens.never
    spelled = tokens.encode("The fox <|im_end|> sang").ids
    assert mark not in spelled
    assert tokens.decode(spelled) == "The fox <|im_end|> sang"
    assert tokens.encode_template("The fox<|im_end|> sang") == [
        *tokens.encode("The fox").ids, mark, *tokens.encode(" sang").ids,
    ]  # fmt: skip


def test_the_template_file_goes_before_the_entry_and_several_have_names(tmp_path: Path) -> None:
    assert load_chat(tmp_path) is None
    tiny_models.write_tokenizer(tmp_path)
    assert load_tokens(tmp_path).chat is None
    named = [{"name": "tool_use", "template": "T"}, {"name": "default", "template": "D"}]
    (tmp_path / "tokenizer_config.json").write_text(
        json.dumps({"chat_template": named, "bos_token": {"content": "<b>"}, "eos_token": None})
    )
    found = load_chat(tmp_path)
    assert found is not None
    assert (found.source, found.special) == ("D", {"bos_token": "<b>"})
    (tmp_path / "chat_template.jinja").write_text("J")
    loaded = load_chat(tmp_path)
    assert loaded is not None
    assert loaded.source == "J"


_EMPTY = json.dumps(
    {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [],
        "normalizer": None,
        "pre_tokenizer": None,
        "post_processor": None,
        "decoder": None,
        "model": {"type": "BPE", "vocab": {"<bos>": 0}, "merges": []},
    }
)
