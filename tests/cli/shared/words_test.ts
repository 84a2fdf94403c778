/** The commands name their own option if Kimi refuses the client's identity. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { login } from "../../../lib/cli/login/login.ts";
import { usage } from "../../../lib/cli/usage/usage.ts";
import type { RequestKind } from "../../support/fake/types.ts";
import { runUnderDeno } from "../process.ts";
import { onStage } from "../login/stage.ts";

const FLAGS =
  "Kimi refused this client's identity: set --client kimi-code to send that of Kimi's " +
  "current client, or --client opencode to send our own name";

const error = { type: "access_terminated_error", message: "only available for Coding Agents" };
const refusal = (kind: RequestKind) => ({ kind, answer: { status: 403, body: { error } } });

Deno.test("login names --client if Kimi refuses the client's identity", async () => {
  await onStage(async ({ kimi, home }) => {
    kimi.settings.faults.push(refusal("device"));
    const { code, stdout, stderr } = await runUnderDeno(login, ["--json"], { home, kimi });
    assertEquals(code, 1);
    assertStringIncludes(stderr, FLAGS);
    assertStringIncludes(JSON.parse(stdout).message, FLAGS);
  });
});

Deno.test("usage names --client if Kimi refuses the client's identity", async () => {
  await onStage(async ({ kimi, home }) => {
    await runUnderDeno(login, [], { home, kimi });
    kimi.settings.faults.push(refusal("usages"));
    const { code, stderr } = await runUnderDeno(usage, [], { home, kimi });
    assertEquals(code, 1);
    assertStringIncludes(stderr, FLAGS);
  });
});
