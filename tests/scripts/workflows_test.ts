/** What .github/workflows may do, and what it runs. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { parse } from "yaml";
import { PUBLISH } from "../../scripts/release.ts";
import { ROOT } from "../support/source.ts";

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly shell?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}

interface Job {
  readonly permissions?: Readonly<Record<string, string>>;
  readonly "runs-on": string;
  readonly "timeout-minutes"?: number;
  readonly needs?: string;
  readonly strategy?: { readonly matrix: { readonly os: readonly string[] } };
  readonly steps: readonly Step[];
}

interface Workflow {
  readonly text: string;
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions: unknown;
  readonly jobs: Readonly<Record<string, Job>>;
}

const FOLDER = join(ROOT, ".github/workflows");

function read(name: string): Workflow {
  const text = Deno.readTextFileSync(join(FOLDER, name));
  return { ...parse(text), text };
}

const ci = read("ci.yml");
const release = read("release.yml");
const workflows = [...Deno.readDirSync(FOLDER)].map(({ name }) => read(name));
const jobs = workflows.flatMap((workflow) => Object.values(workflow.jobs));
const steps = jobs.flatMap((job) => job.steps);
const commands = steps.flatMap(({ run }) => run ?? []);

Deno.test("every action is pinned by its commit, with the release's name beside it", () => {
  const used = workflows.flatMap(({ text }) => text.match(/\buses:.*/g) ?? []);
  assertEquals(used.length, steps.filter(({ uses }) => uses !== undefined).length);
  assert(used.length > 0);
  for (const line of used) {
    assertMatch(line, /^uses: actions\/[a-z-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  }
});

Deno.test("an action is the same commit wherever it is used", () => {
  const pins = new Set(steps.flatMap(({ uses }) => uses ?? []));
  assertEquals(new Set([...pins].map((pin) => pin.split("@")[0])).size, pins.size);
});

Deno.test("a workflow may read the repository, and the job that publishes ask for a token", () => {
  for (const workflow of workflows) {
    assertEquals(workflow.permissions, { contents: "read" });
    for (const [name, { permissions }] of Object.entries(workflow.jobs)) {
      if (permissions === undefined) continue;
      assertEquals([workflow, name], [release, "publish"]);
      assertEquals(permissions, { contents: "read", "id-token": "write" });
    }
  }
});

Deno.test("no checkout leaves a token behind, no workflow has a secret or a stranger's event", () => {
  for (const { uses, with: options } of steps) {
    if (uses?.startsWith("actions/checkout@")) {
      assertEquals(options?.["persist-credentials"], false);
    }
  }
  for (const { text, on } of workflows) {
    assert(!/\bsecrets\b/.test(text));
    assert(!Object.hasOwn(on, "pull_request_target") && !Object.hasOwn(on, "workflow_run"));
  }
  // What stands in an expression becomes code of the shell.
  for (const command of commands) assert(!command.includes("${{"), command);
});

Deno.test("every job ends some time", () => {
  for (const job of jobs) assert((job["timeout-minutes"] ?? 360) <= 90);
});

Deno.test("CI runs what .ci/run runs, on three operating systems, and all checks on one", () => {
  const { test, ok } = ci.jobs;
  const systems = test?.strategy?.matrix.os.map((os) => os.split("-")[0]);
  assertEquals(systems?.toSorted(), ["macos", "ubuntu", "windows"]);
  assertEquals(test?.["runs-on"], "${{ matrix.os }}");
  assertEquals(test?.steps.at(-1), { run: "bash .ci/run", shell: "bash" });
  assertEquals(ok?.steps.at(-1)?.run, "npx -y deno@2.9.6 task ok");
});

Deno.test("a tag is published after its checks, by the commands that the release prints", () => {
  assertEquals(release.on, { push: { tags: ["v*"] } });
  const { check, publish } = release.jobs;
  assertEquals(check?.steps.at(-1)?.run, "npx -y deno@2.9.6 task release");
  assertEquals(publish?.needs, "check");
  const ran = publish?.steps.flatMap(({ run }) => run ?? []);
  assertEquals(ran, ["npx -y deno@2.9.6 task build", ...PUBLISH]);
});

Deno.test("every task that a workflow runs is one, under the Deno of .ci/run", () => {
  const { tasks } = JSON.parse(Deno.readTextFileSync(join(ROOT, "deno.json")));
  const named = commands.flatMap((command) => /\btask (\S+)/.exec(command)?.[1] ?? []);
  assert(named.length >= 3);
  for (const name of named) assert(Object.hasOwn(tasks, name), name);
  const script = Deno.readTextFileSync(join(ROOT, ".ci/run"));
  const versions = [...commands, script].flatMap((text) => text.match(/\bdeno@\S+/g) ?? []);
  assertEquals(new Set(versions), new Set(["deno@2.9.6"]));
});
