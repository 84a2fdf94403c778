"""The exact chat bodies that kimi-cli's own code sends for conversations."""

import json
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest import mock

import httpx
from kimi_cli.config import LLMModel, LLMProvider, LoopControl
from kimi_cli.llm import LLM, create_llm, with_kimi_generation_overrides
from kimi_cli.soul.context import Context
from kimi_cli.soul.dynamic_injection import normalize_history
from kimi_cli.soul.kimisoul import KimiSoul
from kosong.message import ContentPart, ImageURLPart, Message, TextPart, ThinkPart, ToolCall
from kosong.tooling import Tool
from pydantic import SecretStr

Json = dict[str, Any]

# Nothing listens here: the transport below answers.
BASE_URL = "http://127.0.0.1:9/coding/v1"


class Recorder(httpx.AsyncBaseTransport):
    """Keeps the bytes of the last request and answers with an empty stream."""

    def __init__(self) -> None:
        self.body = ""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.body = (await request.aread()).decode("utf-8")
        headers = {"content-type": "text/event-stream"}
        return httpx.Response(200, headers=headers, content=b"data: [DONE]\n\n")


RECORDER = Recorder()
HTTP_CLIENT = httpx.AsyncClient(transport=RECORDER)


async def bodies(case: Json) -> list[str]:
    """One body for the whole conversation; with `totals`, one for each of its requests."""
    with environment(case.get("variables", {})):
        llm = make_llm(case)
    tools = [Tool(**tool) for tool in case["tools"]]
    system = case.get("system") or ""
    messages = [message_of(raw) for raw in case["messages"]]
    if "totals" not in case:
        return [await body(llm, system, tools, messages, 0)]
    return await turn_by_turn(llm, system, tools, messages, case["totals"])


async def turn_by_turn(
    llm: LLM,
    system: str,
    tools: Sequence[Tool],
    messages: Sequence[Message],
    totals: Sequence[int | None],
) -> list[str]:
    """Grows a real Context as KimiSoul._step and _grow_context do, one request for each total."""
    sent: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        context = Context(Path(folder) / "context.jsonl")
        remaining = list(messages)
        for total in totals:
            end = next(
                (index for index, message in enumerate(remaining) if message.role == "assistant"),
                len(remaining),
            )
            await context.append_message(remaining[:end])
            floor = context.token_count_with_pending
            sent.append(await body(llm, system, tools, context.history, floor))
            if end < len(remaining):
                await context.append_message(remaining[end])
                if total is not None:
                    await context.update_token_count(total)
            remaining = remaining[end + 1 :]
    return sent


async def body(
    llm: LLM,
    system: str,
    tools: Sequence[Tool],
    history: Sequence[Message],
    floor: int,
) -> str:
    """Sends one request through KimiSoul's budget, kosong and the openai library."""
    soul = SimpleNamespace(_runtime=SimpleNamespace(llm=llm), _loop_control=LoopControl())
    overrides = KimiSoul._compute_completion_overrides(
        soul,  # type: ignore[arg-type]
        llm.chat_provider,
        system_prompt=system,
        tools=tools,
        history=history,
        input_tokens_floor=floor,
    )
    provider = with_kimi_generation_overrides(llm.chat_provider, overrides)
    async for _ in await provider.generate(system, tools, history):
        pass
    return RECORDER.body


def make_llm(case: Json) -> LLM:
    """Makes the provider as kimi-cli does when it starts; kosong sets a named effort."""
    provider = LLMProvider(type="kimi", base_url=BASE_URL, api_key=SecretStr("key"))
    model = LLMModel(
        provider="managed:kimi-code",
        model="kimi-for-coding",
        max_context_size=case["context"],
        capabilities={"thinking", "image_in"},
    )
    effort = case["effort"]
    with mock.patch("kosong.chat_provider.kimi.create_openai_client", new=make_client):
        llm = create_llm(provider, model, thinking=effort != "off", session_id=case["session"])
    assert llm is not None
    if effort not in ("default", "off"):
        llm.chat_provider = llm.chat_provider.with_generation_kwargs(reasoning_effort=effort)
    return llm


def make_client(*, api_key: str, base_url: str, client_kwargs: Json) -> Any:
    """kosong's own client with our transport."""
    from kosong.chat_provider.openai_common import create_openai_client

    kwargs = {**client_kwargs, "http_client": HTTP_CLIENT}
    return create_openai_client(api_key=api_key, base_url=base_url, client_kwargs=kwargs)


@contextmanager
def environment(variables: dict[str, str]) -> Iterator[None]:
    """Sets kimi-cli's variables, and removes others of that prefix."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("KIMI_MODEL_")}
    with mock.patch.dict(os.environ, {**kept, **variables}, clear=True):
        yield


def message_of(raw: Json) -> Message:
    """A message of a conversation as kosong holds it."""
    if raw["role"] == "user":
        parts = raw.get("parts") or [{"type": "text", "text": raw["text"]}]
        return Message(role="user", content=[part_of(part) for part in parts])
    if raw["role"] == "tool":
        return Message(role="tool", content=raw.get("text", ""), tool_call_id=raw["id"])
    content: list[ContentPart] = []
    if "think" in raw:
        content.append(ThinkPart(think=raw["think"]))
    if raw.get("text"):
        content.append(TextPart(text=raw["text"]))
    calls = [call_of(call) for call in raw.get("calls", [])]
    return Message(role="assistant", content=content, tool_calls=calls or None)


def part_of(part: Json) -> ContentPart:
    """A text or an image."""
    if part["type"] == "text":
        return TextPart(text=part["text"])
    url = f"data:{part['mediaType']};base64,{part['image']}"
    return ImageURLPart(image_url=ImageURLPart.ImageURL(url=url))


def call_of(call: Json) -> ToolCall:
    """A tool call; `arguments` is the JSON text."""
    function = ToolCall.FunctionBody(name=call["name"], arguments=call["arguments"])
    return ToolCall(id=call["id"], function=function)


async def merges(case: Json) -> bool:
    """Whether KimiSoul would merge messages of the conversation before it sends them."""
    history = [message_of(raw) for raw in case["messages"]]
    return len(normalize_history(history)) != len(history)


def compact(value: Any) -> str:
    """JSON as the openai library writes it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
