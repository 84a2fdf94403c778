import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import process from "node:process";
import { COMMANDS } from "../../../lib/cli/commands.ts";
import { denialOf, explainDenial, formatFlag } from "../../../lib/cli/shared/deno_permissions.ts";
import { commandPermissions, type Permission } from "../../../lib/cli/shared/permissions.ts";
import { KimiError } from "../../../lib/kimi/errors/kimi_error.ts";
import { ROOT } from "../process.ts";

const PERMISSIONS: readonly Permission[] = [
  { flag: "--allow-net", value: "auth.kimi.com,api.kimi.com", why: "ask Kimi" },
  { flag: "--allow-read", value: "$HOME/.kimi", why: "read the id" },
  { flag: "--allow-read", value: "$HOME/data/opencode", why: "read the login" },
];

function denied(said: string): Error {
  return Object.assign(new Error(said), { name: "NotCapable" });
}

/** The error of this Deno for an access without permissions. */
async function errorOf(access: string): Promise<Error> {
  const script = `try { ${access} } catch ({ name, message }) {
    console.log(JSON.stringify({ name, message })); }`;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--no-config", "--quiet", "-"],
    ...{ stdin: "piped", stdout: "piped", stderr: "inherit" },
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(script));
  await writer.close();
  const { name, message } = JSON.parse(await new Response(child.stdout).text());
  await child.status;
  return Object.assign(new Error(message), { name });
}

for (
  const [access, flag, target] of [
    ['await fetch("https://auth.kimi.com/")', "--allow-net", "auth.kimi.com:443"],
    ['await Deno.readTextFile("/etc/hosts")', "--allow-read", "/etc/hosts"],
    ['await Deno.writeTextFile("/tmp/a b", "")', "--allow-write", "/tmp/a b"],
    ['Deno.env.get("HOME")', "--allow-env", "HOME"],
    ["Deno.hostname()", "--allow-sys", "hostname"],
    ['new Deno.Command("uname").outputSync()', "--allow-run", "uname"],
    ["process.kill(1, 0)", "--allow-run", undefined],
  ] as const
) {
  Deno.test(`denialOf() reads the error of ${access} in this Deno`, async () => {
    assertEquals(denialOf(await errorOf(access)), { flag, target });
  });
}

Deno.test("denialOf() finds a denial in the causes of an error and ignores other errors", () => {
  const cause = denied('Requires env access to "X", run again with the --allow-env flag');
  const error = new KimiError("network", "No answer", { cause });
  assertEquals(denialOf(error), { flag: "--allow-env", target: "X" });
  assertEquals(denialOf(new Error(cause.message)), undefined);
  assertEquals(denialOf(denied("Something else")), undefined);
  assertEquals(denialOf("text"), undefined);
});

Deno.test("explainDenial() names the flag with all values that the command needs, and why", () => {
  const say = (flag: string, target?: string) => explainDenial({ flag, target }, PERMISSIONS);
  assertEquals(
    say("--allow-net", "auth.kimi.com:443"),
    "Deno denied access to auth.kimi.com:443, which is needed to ask Kimi: run again with " +
      "--allow-net=auth.kimi.com,api.kimi.com",
  );
  assertMatch(
    say("--allow-read", "/root/data/opencode/auth.json"),
    /needed to read the login: run again with --allow-read="\$HOME\/data\/opencode"$/,
  );
  assertMatch(say("--allow-read", "/root/.kimi"), /needed to read the id: /);
  assertMatch(
    say("--allow-read", "/x/opencode"),
    /needed to read the id, and to read the login: run again with .* --allow-read=\/x\/opencode$/,
  );
  assertMatch(
    say("--allow-write", "/x/auth.json.0f5c1b1e.tmp"),
    /access to \/x\/auth\.json\.0f5c1b1e\.tmp: run again with --allow-write=\/x$/,
  );
  assertMatch(say("--allow-net", "example.com:1"), / --allow-net=example\.com:1$/);
  assertEquals(
    say("--allow-run", "uname"),
    "Deno denied access to uname: run again with --allow-run=uname",
  );
  assertEquals(say("--allow-run"), "Deno denied access: run again with --allow-run");
});

Deno.test("formatFlag() quotes a flag for a shell", () => {
  assertEquals(formatFlag({ flag: "--allow-run", value: "" }), "--allow-run");
  assertEquals(formatFlag({ flag: "--allow-run", value: "uname" }), "--allow-run=uname");
  assertEquals(formatFlag({ flag: "--allow-read", value: "$HOME/x" }), '--allow-read="$HOME/x"');
  assertEquals(formatFlag({ flag: "--allow-read", value: "/a b" }), '--allow-read="/a b"');
});

Deno.test("deno.json has the permissions of each command on Linux, except for folders in the home", async () => {
  const { permissions } = JSON.parse(await Deno.readTextFile(join(ROOT, "deno.json")));
  const wanted: Record<string, Record<string, string[]>> = {};
  for (const name of ["login", "doctor", "usage"] as const) {
    const set: Record<string, string[]> = {};
    for (const { flag, value } of commandPermissions(name, "linux")) {
      const kind = flag.slice("--allow-".length);
      if (kind === "read" || kind === "write") continue;
      set[kind] = [...set[kind] ?? [], ...value.split(",")];
    }
    wanted[name] = set;
  }
  assertEquals(permissions, wanted);
});

Deno.test("each command has the permissions of the table", () => {
  for (const { name, permissions } of COMMANDS) {
    assert(name === "login" || name === "doctor" || name === "usage");
    const flags = (list: readonly Permission[]) => list.map(formatFlag).sort();
    assertEquals(flags(permissions), flags(commandPermissions(name, process.platform)));
  }
});

for (const command of COMMANDS) {
  Deno.test({
    name: `docs/commands.md shows the smallest set of flags of ${command.name}`,
    ignore: Deno.build.os !== "linux",
    async fn() {
      const page = await Deno.readTextFile(join(ROOT, "docs/commands.md"));
      const end = page.indexOf(` jsr:@kimi/full/${command.name}\n\`\`\``);
      const line = page.slice(page.lastIndexOf("deno run", end), end);
      const shown = [...line.matchAll(/(--allow-\w+)="?([^\s"]+)/g)]
        .flatMap(([, flag, value = ""]) => value.split(",").map((item) => `${flag}=${item}`));
      const wanted = command.permissions
        .flatMap(({ flag, value }) => value.split(",").map((item) => `${flag}=${item}`));
      assertEquals(shown.sort(), wanted.sort());
    },
  });
}
