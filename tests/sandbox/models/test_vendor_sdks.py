"""The stand-ins satisfy the vendors' own SDKs, unmodified, and account for tokens as the vendors do."""

from __future__ import annotations

import json
import math
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import anthropic
import openai
import pytest
from google import genai
from google.genai import types as genai_types

from sandbox.core import Fault, Sandbox
from sandbox.models.prompt_cache import MINIMUM_TOKENS
from sandbox.models.schema_instance import LABEL
from sandbox.models.scripts import Script
from tests.sandbox.models.running import model_sandbox

KEY = "sandbox-key"
LONG = "A rule that never changes. " * (MINIMUM_TOKENS // 4)
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"mood": {"type": "string", "enum": ["calm", "cross"]}, "score": {"type": "integer", "minimum": 3}},
    "required": ["mood", "score"],
    "additionalProperties": False,
}


@pytest.fixture
async def served() -> AsyncIterator[tuple[Sandbox, str]]:
    async with model_sandbox() as pair:
        yield pair


@pytest.fixture
async def claude(served: tuple[Sandbox, str]) -> AsyncIterator[anthropic.AsyncAnthropic]:
    async with anthropic.AsyncAnthropic(api_key=KEY, base_url=f"{served[1]}/anthropic", max_retries=0) as client:
        yield client


@pytest.fixture
async def gpt(served: tuple[Sandbox, str]) -> AsyncIterator[openai.AsyncOpenAI]:
    async with openai.AsyncOpenAI(api_key=KEY, base_url=f"{served[1]}/openai/v1", max_retries=0) as client:
        yield client


@pytest.fixture
def gemini(served: tuple[Sandbox, str]) -> genai.Client:
    options = genai_types.HttpOptions(base_url=f"{served[1]}/gemini")
    return genai.Client(api_key=KEY, vertexai=False, http_options=options)


async def test_anthropic_answers_a_question_with_a_labelled_text(claude: anthropic.AsyncAnthropic) -> None:
    message = await claude.messages.create(
        model="claude-sonnet-5-5", max_tokens=100, messages=[{"role": "user", "content": "Hello"}]
    )
    assert message.stop_reason == "end_turn"
    assert [block.text for block in message.content if block.type == "text"] == [LABEL]


async def test_anthropic_calls_the_tool_that_it_is_told_to_call(claude: anthropic.AsyncAnthropic) -> None:
    message = await claude.messages.create(
        model="claude-sonnet-5-5",
        max_tokens=100,
        messages=[{"role": "user", "content": "Hello"}],
        tools=[{"name": "feel", "input_schema": SCHEMA}],
        tool_choice={"type": "tool", "name": "feel"},
    )
    assert message.stop_reason == "tool_use"
    assert [block.input for block in message.content if block.type == "tool_use"] == [{"mood": "calm", "score": 3}]


async def test_anthropic_streams_what_it_would_have_said_at_once(
    served: tuple[Sandbox, str], claude: anthropic.AsyncAnthropic
) -> None:
    text = "word " * 100
    served[0].models.add_script(Script(when=["story"], steps=[{"text": text}]))
    async with claude.messages.stream(
        model="claude-sonnet-5-5", max_tokens=200, messages=[{"role": "user", "content": "A story"}]
    ) as stream:
        pieces = [piece async for piece in stream.text_stream]
        final = await stream.get_final_message()
    assert len(pieces) > 1
    assert "".join(pieces) == text
    assert final.usage.output_tokens == len(text) // 4


async def _cached_call(client: anthropic.AsyncAnthropic, system: str) -> tuple[int, int, int]:
    message = await client.messages.create(
        model="claude-sonnet-5-5",
        max_tokens=100,
        system=[{"type": "text", "text": system, "cache_control": {"type": "ephemeral"}}],
        messages=[{"role": "user", "content": "Hello"}],
    )
    usage = message.usage
    return usage.input_tokens, usage.cache_creation_input_tokens or 0, usage.cache_read_input_tokens or 0


async def test_anthropic_writes_a_long_prefix_once_and_reads_it_for_five_minutes(
    served: tuple[Sandbox, str], claude: anthropic.AsyncAnthropic
) -> None:
    rest, written, read = await _cached_call(claude, LONG)
    assert written >= MINIMUM_TOKENS
    assert read == 0
    served[0].clock.advance(timedelta(minutes=4))
    assert await _cached_call(claude, LONG) == (rest, 0, written)
    served[0].clock.advance(timedelta(minutes=4))
    assert await _cached_call(claude, LONG) == (rest, 0, written), "reading renews the five minutes"
    served[0].clock.advance(timedelta(minutes=6))
    assert await _cached_call(claude, LONG) == (rest, written, 0)


async def test_anthropic_does_not_cache_a_short_prefix(claude: anthropic.AsyncAnthropic) -> None:
    assert (await _cached_call(claude, "Short."))[1:] == (0, 0)
    assert (await _cached_call(claude, "Short."))[1:] == (0, 0)


async def test_another_prefix_is_another_cache_entry(claude: anthropic.AsyncAnthropic) -> None:
    _, written, _ = await _cached_call(claude, LONG)
    assert (await _cached_call(claude, LONG + "One word more."))[2] == 0
    assert (await _cached_call(claude, LONG))[2] == written


async def test_a_wrong_key_gets_each_vendors_own_refusal(served: tuple[Sandbox, str]) -> None:
    url = served[1]
    async with anthropic.AsyncAnthropic(api_key="wrong", base_url=f"{url}/anthropic", max_retries=0) as claude:
        with pytest.raises(anthropic.AuthenticationError):
            await claude.messages.create(model="m", max_tokens=9, messages=[{"role": "user", "content": "x"}])
    async with openai.AsyncOpenAI(api_key="wrong", base_url=f"{url}/openai/v1", max_retries=0) as gpt:
        with pytest.raises(openai.AuthenticationError):
            await gpt.embeddings.create(model="text-embedding-3-small", input="x")
    options = genai_types.HttpOptions(base_url=f"{url}/gemini")
    gemini = genai.Client(api_key="wrong", vertexai=False, http_options=options)
    with pytest.raises(genai.errors.ClientError) as refused:
        await gemini.aio.models.generate_content(model="gemini-3.8-flash", contents="x")
    assert refused.value.status == "INVALID_ARGUMENT"


async def test_anthropic_refuses_a_request_without_max_tokens(
    served: tuple[Sandbox, str], claude: anthropic.AsyncAnthropic
) -> None:
    with pytest.raises(anthropic.BadRequestError, match="max_tokens"):
        await claude.post("/v1/messages", body={"model": "m", "messages": []}, cast_to=object)


async def test_openai_chat_fills_the_wanted_json_schema(gpt: openai.AsyncOpenAI) -> None:
    completion = await gpt.chat.completions.create(
        model="gpt-6.1-sol",
        messages=[{"role": "user", "content": "Hello"}],
        response_format={"type": "json_schema", "json_schema": {"name": "mood", "schema": SCHEMA, "strict": True}},
    )
    assert json.loads(completion.choices[0].message.content or "") == {"mood": "calm", "score": 3}
    assert completion.usage is not None
    assert completion.usage.total_tokens == completion.usage.prompt_tokens + completion.usage.completion_tokens


async def test_openai_chat_streams_text_and_usage(gpt: openai.AsyncOpenAI) -> None:
    stream = await gpt.chat.completions.create(
        model="gpt-6.1-sol",
        messages=[{"role": "user", "content": "Hello"}],
        stream=True,
        stream_options={"include_usage": True},
    )
    chunks = [chunk async for chunk in stream]
    assert "".join(c.choices[0].delta.content or "" for c in chunks if c.choices) == LABEL
    assert chunks[-1].usage is not None


async def test_openai_responses_calls_a_tool_and_reads_its_cache_the_second_time(gpt: openai.AsyncOpenAI) -> None:
    async def ask() -> openai.types.responses.Response:
        return await gpt.responses.create(
            model="gpt-6.1-sol",
            instructions=LONG,
            input="Hello",
            tools=[{"type": "function", "name": "feel", "parameters": SCHEMA, "strict": True}],
            tool_choice="required",
        )

    first, second = await ask(), await ask()
    assert [json.loads(i.arguments) for i in first.output if i.type == "function_call"] == [
        {"mood": "calm", "score": 3}
    ]
    assert first.usage is not None
    assert second.usage is not None
    assert first.usage.input_tokens_details.cached_tokens == 0
    assert second.usage.input_tokens_details.cached_tokens >= MINIMUM_TOKENS


async def test_openai_responses_stream_ends_with_the_whole_response(gpt: openai.AsyncOpenAI) -> None:
    async with gpt.responses.stream(model="gpt-6.1-sol", input="Hello") as stream:
        kinds = [event.type async for event in stream]
        final = await stream.get_final_response()
    assert kinds[0] == "response.created"
    assert kinds[-1] == "response.completed"
    assert final.output_text == LABEL


async def test_openai_embeddings_are_unit_vectors_that_texts_with_shared_words_come_near(
    gpt: openai.AsyncOpenAI,
) -> None:
    texts = ["printer offline again", "printer offline", "monthly retainer invoice"]
    answer = await gpt.embeddings.create(model="text-embedding-3-small", input=texts)
    again = await gpt.embeddings.create(model="text-embedding-3-small", input=texts, encoding_format="float")
    one, near, far = (item.embedding for item in answer.data)
    assert len(one) == 1536
    assert math.isclose(sum(x * x for x in one), 1.0, abs_tol=1e-5)
    assert sum(a * b for a, b in zip(one, near, strict=True)) > sum(a * b for a, b in zip(one, far, strict=True))
    assert again.data[0].embedding == pytest.approx(one, abs=1e-6)


async def test_gemini_answers_calls_functions_and_streams(gemini: genai.Client) -> None:
    declaration = genai_types.FunctionDeclaration(name="feel", parameters_json_schema=SCHEMA)
    forced = genai_types.GenerateContentConfig(
        tools=[genai_types.Tool(function_declarations=[declaration])],
        tool_config=genai_types.ToolConfig(
            function_calling_config=genai_types.FunctionCallingConfig(mode=genai_types.FunctionCallingConfigMode.ANY)
        ),
        automatic_function_calling=genai_types.AutomaticFunctionCallingConfig(disable=True),
    )
    called = await gemini.aio.models.generate_content(model="gemini-3.8-flash", contents="Hello", config=forced)
    assert [call.args for call in called.function_calls or []] == [{"mood": "calm", "score": 3}]
    stream = await gemini.aio.models.generate_content_stream(model="gemini-3.8-flash", contents="Hello")
    assert "".join([chunk.text or "" async for chunk in stream]) == LABEL


async def test_a_fault_reaches_the_sdk_as_the_vendors_error(
    served: tuple[Sandbox, str], claude: anthropic.AsyncAnthropic
) -> None:
    served[0].faults.add(Fault("models", "status", path="/anthropic/", status=529))
    with pytest.raises(anthropic.APIStatusError) as refused:
        await claude.messages.create(model="m", max_tokens=9, messages=[{"role": "user", "content": "x"}])
    assert refused.value.status_code == 529


async def test_a_script_takes_its_steps_as_the_conversation_grows(
    served: tuple[Sandbox, str], claude: anthropic.AsyncAnthropic
) -> None:
    script = Script(
        when=[r"ticket (?P<key>[A-Z]+-\d+)"],
        steps=[{"tools": [{"name": "read", "arguments": {"key": "{{key}}"}}]}, {"text": "{{key}} is done."}],
    )
    served[0].models.add_script(script)
    question: anthropic.types.MessageParam = {"role": "user", "content": "What about ticket CPE-7?"}
    tools: list[anthropic.types.ToolParam] = [{"name": "read", "input_schema": {"type": "object"}}]
    first = await claude.messages.create(model="m", max_tokens=99, messages=[question], tools=tools)
    use = next(block for block in first.content if block.type == "tool_use")
    assert use.input == {"key": "CPE-7"}
    result: anthropic.types.MessageParam = {
        "role": "user",
        "content": [{"type": "tool_result", "tool_use_id": use.id, "content": "Done"}],
    }
    said: anthropic.types.MessageParam = {
        "role": "assistant",
        "content": [{"type": "tool_use", "id": use.id, "name": "read", "input": {"key": "CPE-7"}}],
    }
    second = await claude.messages.create(model="m", max_tokens=99, messages=[question, said, result], tools=tools)
    assert [block.text for block in second.content if block.type == "text"] == ["CPE-7 is done."]
