import { assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { COMMANDS } from "../../../lib/cli/commands.ts";
import {
  denialOf,
  explainDenial,
  flagOf,
  type Permission,
} from "../../../lib/cli/shared/deno_permissions.ts";
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

/** What this Deno says of an access, without any permission. */
async function sayingOf(access: string): Promise<Error> {
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
  Deno.test(`what this Deno says of ${access} is understood`, async () => {
    assertEquals(denialOf(await sayingOf(access)), { flag, target });
  });
}

Deno.test("a denial is found in what caused an error, and in no other error", () => {
  const cause = denied('Requires env access to "X", run again with the --allow-env flag');
  const error = new KimiError("network", "No answer", { cause });
  assertEquals(denialOf(error), { flag: "--allow-env", target: "X" });
  assertEquals(denialOf(new Error(cause.message)), undefined);
  assertEquals(denialOf(denied("Something else")), undefined);
  assertEquals(denialOf("text"), undefined);
});

Deno.test("a denial names the flag with all that the command wants of it, and why", () => {
  const say = (flag: string, target?: string) => explainDenial({ flag, target }, PERMISSIONS);
  assertEquals(
    say("--allow-net", "auth.kimi.com:443"),
    "Deno denied the access to auth.kimi.com:443: --allow-net is missing, which is needed to ask " +
      "Kimi. Run again with --allow-net=auth.kimi.com,api.kimi.com",
  );
  assertMatch(
    say("--allow-read", "/root/data/opencode/auth.json"),
    /needed to read the login\. Run again with --allow-read="\$HOME\/data\/opencode"$/,
  );
  assertMatch(say("--allow-read", "/root/.kimi"), /needed to read the id\. /);
  assertMatch(
    say("--allow-read", "/x/opencode"),
    /needed to read the id, and to read the login\. Run again with .* --allow-read=\/x\/opencode$/,
  );
  assertMatch(
    say("--allow-write", "/x/auth.json.0f5c1b1e.tmp"),
    /access to \/x\/auth\.json\.0f5c1b1e\.tmp: .* Run again with --allow-write=\/x$/,
  );
  assertMatch(say("--allow-net", "example.com:1"), / --allow-net=example\.com:1$/);
  assertEquals(
    say("--allow-run", "uname"),
    "Deno denied the access to uname: --allow-run is missing. Run again with --allow-run=uname",
  );
  assertMatch(
    say("--allow-run"),
    /^Deno denied an access: --allow-run is missing\. .* --allow-run$/,
  );
});

Deno.test("a flag is typed as a shell takes it", () => {
  assertEquals(flagOf({ flag: "--allow-run", value: "" }), "--allow-run");
  assertEquals(flagOf({ flag: "--allow-run", value: "uname" }), "--allow-run=uname");
  assertEquals(flagOf({ flag: "--allow-read", value: "$HOME/x" }), '--allow-read="$HOME/x"');
  assertEquals(flagOf({ flag: "--allow-read", value: "/a b" }), '--allow-read="/a b"');
});

Deno.test({
  name: "deno.json names each command's permissions, but for folders: it cannot name the home",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const { permissions } = JSON.parse(await Deno.readTextFile(join(ROOT, "deno.json")));
    const wanted: Record<string, Record<string, string[]>> = {};
    for (const command of COMMANDS) {
      const set: Record<string, string[]> = {};
      for (const { flag, value } of command.permissions) {
        const kind = flag.slice("--allow-".length);
        if (kind === "read" || kind === "write") continue;
        set[kind] = [...set[kind] ?? [], ...value.split(",")];
      }
      wanted[command.name] = set;
    }
    assertEquals(permissions, wanted);
  },
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
