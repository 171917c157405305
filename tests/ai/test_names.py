"""A model's label becomes a name that people know; everything else stays."""

from __future__ import annotations

import pytest

from services.ai import RULE_BASED
from services.ai.names import name_for_people


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("anthropic:claude-sonnet-5-5", "Claude Sonnet 5.5"),
        ("anthropic:claude-haiku-4-5-20251001", "Claude Haiku 4.5"),
        ("openai:gpt-6.1-sol", "GPT-6.1 Sol"),
        ("google:gemini-3.8-flash", "Gemini 3.8 Flash"),
        ("openai-chat:meta-llama/Llama-3.3-70B-Instruct", "Llama 3.3 70B Instruct"),
        ("openai:llama3.3", "Llama 3.3"),
        (RULE_BASED, RULE_BASED),
        ("Dana: on call", "Dana: on call"),
        ("", ""),
    ],
)
def test_a_model_is_named_as_people_name_it(label: str, name: str) -> None:
    assert name_for_people(label) == name
