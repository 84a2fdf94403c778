/** The files of .github: what workflows may do and run, and what issues ask for. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { parse } from "yaml";
import { PUBLISH } from "../../scripts/release.ts";
import { ROOT } from "../support/source.ts";

interface Step {
  readonly if?: string;
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
const pins = read("pins.yml");
const workflows = [...Deno.readDirSync(FOLDER)].map(({ name }) => read(name));
const jobs = workflows.flatMap((workflow) => Object.values(workflow.jobs));
const steps = jobs.flatMap((job) => job.steps);
const commands = steps.flatMap(({ run }) => run ?? []);

Deno.test("every action is pinned by its commit, with the release beside it", () => {
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

Deno.test("workflows may only read the repository, and the job that publishes may request a token", () => {
  for (const workflow of workflows) {
    assertEquals(workflow.permissions, { contents: "read" });
    for (const [name, { permissions }] of Object.entries(workflow.jobs)) {
      if (permissions === undefined) continue;
      assertEquals([workflow, name], [release, "publish"]);
      assertEquals(permissions, { contents: "read", "id-token": "write" });
    }
  }
});

Deno.test("no checkout keeps a token, no workflow has a secret or runs on another repository's event", () => {
  for (const { uses, with: options } of steps) {
    if (uses?.startsWith("actions/checkout@")) {
      assertEquals(options?.["persist-credentials"], false);
    }
  }
  for (const { text, on } of workflows) {
    assert(!/\bsecrets\b/.test(text));
    assert(!Object.hasOwn(on, "pull_request_target") && !Object.hasOwn(on, "workflow_run"));
  }
  // An expression would become code of the shell.
  for (const command of commands) assert(!command.includes("${{"), command);
});

Deno.test("every job has a limit of at most 90 minutes", () => {
  for (const job of jobs) assert((job["timeout-minutes"] ?? 360) <= 90);
});

Deno.test("CI runs .ci/run on three operating systems, and deno task ok on one", () => {
  const { test, ok } = ci.jobs;
  const systems = test?.strategy?.matrix.os.map((os) => os.split("-")[0]);
  assertEquals(systems?.toSorted(), ["macos", "ubuntu", "windows"]);
  assertEquals(test?.["runs-on"], "${{ matrix.os }}");
  assertEquals(test?.steps.at(-1), { run: "bash .ci/run", shell: "bash" });
  assertEquals(ok?.steps.at(-1)?.run, "npx -y deno@2.9.6 task ok");
});

Deno.test("a tag is published after its checks, by the commands that deno task release prints", () => {
  assertEquals(release.on, { push: { tags: ["v*"] } });
  const { check, publish } = release.jobs;
  assertEquals(check?.steps.at(-1)?.run, "npx -y deno@2.9.6 task release");
  assertEquals(publish?.needs, "check");
  const ran = publish?.steps.flatMap(({ run }) => run ?? []);
  assertEquals(ran, ["npx -y deno@2.9.6 task build", ...PUBLISH]);
});

Deno.test("the pins are checked weekly, and the text of an issue is kept even if that fails", () => {
  assertMatch(String(pins.on.schedule && JSON.stringify(pins.on.schedule)), /"\d+ \d+ \* \* \d"/);
  const [check, upload] = pins.jobs.pins?.steps.slice(-2) ?? [];
  const file = "new-releases.md";
  assertEquals(check?.run, `npx -y deno@2.9.6 task pins --try --issue ${file}`);
  assertEquals(upload?.if, "always()");
  assert(upload?.uses?.startsWith("actions/upload-artifact@"));
  assertEquals(upload?.with?.path, file);
  assertEquals(upload?.with?.["if-no-files-found"], "ignore");
});

Deno.test("every task of a workflow exists, and runs with the Deno of .ci/run", () => {
  const { tasks } = JSON.parse(Deno.readTextFileSync(join(ROOT, "deno.json")));
  const named = commands.flatMap((command) => /\btask (\S+)/.exec(command)?.[1] ?? []);
  assert(named.length >= 3);
  for (const name of named) assert(Object.hasOwn(tasks, name), name);
  const script = Deno.readTextFileSync(join(ROOT, ".ci/run"));
  const versions = [...commands, script].flatMap((text) => text.match(/\bdeno@\S+/g) ?? []);
  assertEquals(new Set(versions), new Set(["deno@2.9.6"]));
});

Deno.test("a bug report requires the output of doctor --report", () => {
  const read = (name: string) =>
    parse(Deno.readTextFileSync(join(ROOT, `.github/ISSUE_TEMPLATE/${name}.yml`)));
  const report = read("bug_report").body.find(({ id }: { id?: string }) => id === "report");
  assert(report.attributes.description.includes("npx opencode-kimi-full doctor --report"));
  assertEquals(report.validations, { required: true });
  assert(read("feature_request").body.length > 0);
  assertEquals(read("config"), { blank_issues_enabled: false });
});
