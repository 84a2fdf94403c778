"""Calls kimi-cli's own code: {"job": [case, ...]} on stdin, {"job": [result, ...]} on stdout."""

import asyncio
import json
import os
import platform
import plistlib
import socket
import sys
from contextlib import ExitStack, suppress
from types import SimpleNamespace
from typing import Any
from unittest import mock

from conversations import bodies, compact, merges
from kimi_cli import llm
from kimi_cli.auth import oauth
from kimi_cli.config import Config, LLMProvider, LoopControl, OAuthRef
from kosong.utils.jsonschema import ensure_property_types
from pydantic import SecretStr

Json = dict[str, Any]

# The time on the clock, in seconds since 1970.
NOW = 1_800_000_000.0

REF = OAuthRef(storage="file", key=oauth.KIMI_CODE_OAUTH_KEY)
PROVIDER = LLMProvider(
    type="kimi", base_url="http://127.0.0.1:9", api_key=SecretStr(""), oauth=REF
)


async def schema(case: Json) -> str:
    """Parameters of a tool as they are sent."""
    return compact(ensure_property_types(case))


async def tokens(case: Json) -> int:
    """Estimated tokens of a text."""
    return llm._estimate_text_tokens(case["text"] * case["times"])


async def budget(case: Json) -> int:
    """The cap of an answer; the margin is KimiSoul's (_compute_completion_overrides)."""
    margin = llm.DEFAULT_COMPLETION_TOKEN_SAFETY_MARGIN if case["context"] > 0 else 0
    return llm.compute_max_completion_tokens(
        max_context_size=case["context"],
        input_tokens=case["input"] + margin,
        response_budget=case.get("cap"),
        fallback_budget=LoopControl().reserved_context_size,
    )


async def headers(case: Json) -> list[list[str]]:
    """The headers of every chat request on this machine."""
    facts = case["facts"]
    windows = SimpleNamespace(build=facts.get("windowsBuild"))
    names = ("node", "system", "release", "machine", "version")
    patches = {name: mock.Mock(return_value=facts[name]) for name in names}
    patches["mac_ver"] = mock.Mock(return_value=(facts.get("macVersion", ""), ("", "", ""), ""))
    with (
        mock.patch.multiple(platform, **patches),
        mock.patch.object(sys, "getwindowsversion", create=True, return_value=windows),
        mock.patch.object(oauth, "get_device_id", return_value=facts["id"]),
    ):
        manager: Any = SimpleNamespace(common_headers=oauth._common_headers)
        return [list(pair) for pair in llm._kimi_default_headers(PROVIDER, manager).items()]


async def machine(case: Json) -> list[str]:
    """The headers of a machine that the system describes like this to Python's platform module."""
    view = case["python"]
    patches = [
        mock.patch.object(platform, "_uname_cache", None),
        mock.patch.object(oauth, "get_device_id", return_value="0"),
        mock.patch.object(socket, "gethostname", return_value=case["os"]["hostname"]),
    ]
    if "wmi" in view:
        wmi = view["wmi"]
        answers = {
            "OS": (wmi["version"], str(wmi["productType"]), "Multiprocessor Free", "0", "0"),
            "CPU": (str(wmi["cpu"]),),
        }
        windows = SimpleNamespace(build=view["build"])
        patches += [
            mock.patch.object(platform.os, "uname", side_effect=AttributeError),
            mock.patch.object(platform.sys, "platform", "win32"),
            mock.patch.object(sys, "getwindowsversion", create=True, return_value=windows),
            mock.patch.object(platform, "_node", return_value=view["node"]),
            mock.patch.object(platform, "_wmi_query", side_effect=lambda table, *_: answers[table]),
        ]
    else:
        plist = view.get("plist")
        product = plist and plistlib.loads(plist.encode())["ProductVersion"]
        mac = product and (product, ("", "", ""), view["uname"][4])
        patches += [
            mock.patch.object(platform.os, "uname", return_value=tuple(view["uname"])),
            mock.patch.object(platform, "_mac_ver_xml", return_value=mac),
        ]
    with ExitStack() as patched:
        for patch in patches:
            patched.enter_context(patch)
        headers = oauth._common_headers()
    return [headers[f"X-Msh-{name}"] for name in ("Device-Name", "Device-Model", "Os-Version")]


async def refreshes(case: Json) -> bool:
    """Whether OAuthManager.ensure_fresh refreshes."""
    token = oauth.OAuthToken(
        access_token="access",
        refresh_token="refresh",
        expires_at=NOW + case["remaining"],
        scope="kimi-code",
        token_type="Bearer",
        expires_in=case["lifetime"],
    )
    oauth.save_tokens(REF, token)
    manager = oauth.OAuthManager(Config(providers={"managed:kimi-code": PROVIDER}))
    asked = mock.AsyncMock(return_value=token)
    clock = SimpleNamespace(time=lambda: NOW)
    with mock.patch.object(oauth, "refresh_token", asked), mock.patch.object(oauth, "time", clock):
        await manager.ensure_fresh()
    return asked.await_count > 0


async def form(case: Json) -> None:
    """Sends one OAuth form to KIMI_CODE_OAUTH_HOST; the caller reads it there."""
    if case["kind"] == "device":
        await oauth.request_device_authorization()
    elif case["kind"] == "poll":
        authorization = oauth.DeviceAuthorization("", case["token"], "", "", None, 5)
        await oauth._request_device_token(authorization)
    else:
        # The fake does not know the token.
        with suppress(oauth.OAuthError):
            await oauth.refresh_token(case["token"], max_retries=1)


JOBS = {
    "conversations": bodies,
    "turns": bodies,
    "spellings": bodies,
    "switches": bodies,
    "vectors": bodies,
    "repairs": bodies,
    "merged": merges,
    "schemas": schema,
    "tokens": tokens,
    "budgets": budget,
    "headers": headers,
    "machines": machine,
    "refreshes": refreshes,
    "forms": form,
}


async def main() -> None:
    """Runs the jobs one after another."""
    os.environ["KIMI_DISABLE_TELEMETRY"] = "1"
    jobs: dict[str, list[Any]] = json.load(sys.stdin)
    results = {name: [await JOBS[name](case) for case in cases] for name, cases in jobs.items()}
    json.dump(results, sys.stdout)


if __name__ == "__main__":
    asyncio.run(main())
