import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { buildReport } from "../../../../lib/cli/doctor/report/build.ts";
import { redact } from "../../../../lib/cli/doctor/report/redact.ts";
import { createIdMask, createPathMask, shorten } from "../../../../lib/cli/doctor/report/mask.ts";
import { withoutUserInfo } from "../../../../lib/kimi/util/redact.ts";
import { CONFIG, diagnosed, folder } from "../fixtures.ts";

Deno.test("createPathMask() masks the home folder, the working folder, its parents and the user's name", () => {
  const mask = createPathMask("/home/ann", "/srv/work/deep");
  for (
    const [text, masked] of [
      ["/home/ann", "~"],
      ['rm "/home/ann/.kimi/device_id"', 'rm "$HOME/.kimi/device_id"'],
      ["/srv/work/deep/opencode.json is", "./opencode.json is"],
      ["(/srv/work/opencode.json)", "(../opencode.json)"],
      ["/srv/opencode.json, and", "../../opencode.json, and"],
      ["/home/anna/x", "/home/anna/x"],
      ["/mnt/home/ann/x", "/mnt/home/[user]/x"],
      ["@ann/plugin", "@[user]/plugin"],
      ["https://api.kimi.com/coding/v1", "https://api.kimi.com/coding/v1"],
    ] as const
  ) assertEquals(mask(text), masked, text);
});

Deno.test("createPathMask() does not mask a working folder that contains the home folder, or is it", () => {
  for (const directory of ["/", "/home", "/home/ann"]) {
    const mask = createPathMask("/home/ann", directory);
    assertEquals(mask("/home/ann/x and /etc/opencode"), "~/x and /etc/opencode", directory);
  }
  assertEquals(createPathMask("/home/ann/", "/")("/home/ann/x, /mnt/ann/y"), "~/x, /mnt/[user]/y");
});

Deno.test("createPathMask() masks nothing if the home folder is the root", () => {
  const text = "/.kimi/device_id of https://www.kimi.com/code, and /";
  assertEquals(createPathMask("/", "/srv")(text), text);
});

Deno.test("createPathMask() keeps the folder opencode if the user has the same name", () => {
  const mask = createPathMask("/home/opencode", "/srv");
  const path = ".local/share/opencode/auth.json";
  assertEquals(mask(`chmod 600 /home/opencode/${path}`), `chmod 600 ~/${path}`);
});

Deno.test("createIdMask() masks the given ids and those that look like an account's", () => {
  const mask = createIdMask(["cp2n8vqtnn0c1bl1i4v0", "kimi", ""]);
  assertEquals(
    mask(
      "Your account org-78cd08fac9804d20bac9a1f02fc1e6a5 / proj-a418892b55d04bbb92976 " +
        "<cak-f94zcrj6ax1111>, cp2n8vqtnn0c1bl1i4v0 of kimi, org-mode",
    ),
    "Your account [id] / [id] <[id]>, [id] of kimi, org-mode",
  );
});

Deno.test("createPathMask() masks paths of Windows", () => {
  const mask = createPathMask("C:\\Users\\Ann", "C:\\Users\\Ann");
  assertEquals(mask("C:\\Users\\Ann\\.kimi\\device_id"), "~\\.kimi\\device_id");
  assertEquals(mask("D:\\Ann\\x"), "D:\\[user]\\x");
});

Deno.test("shorten() keeps the start of a long id, and nothing of a short one", () => {
  assertEquals(shorten("0123456789abcdef"), "012345…");
  assertEquals(shorten("hello"), "…");
  assertEquals(shorten(""), "");
});

Deno.test("withoutUserInfo() removes user and password from a URL", () => {
  assertEquals(withoutUserInfo("https://a:b@c.example/d@e"), "https://c.example/d@e");
  assertEquals(withoutUserInfo("https://c.example/d"), "https://c.example/d");
  assertEquals(withoutUserInfo("https://a:b@c@d.example/@e"), "https://d.example/@e");
  assertEquals(withoutUserInfo("x@git+https://a:b@c.example/d"), "x@git+https://c.example/d");
  assertEquals(withoutUserInfo("@c/d@1.0.0"), "@c/d@1.0.0");
});

Deno.test("a report for strangers has no folder outside the home, and one for the user has them", async () => {
  const path = "/srv/acme-secret/opencode-kimi-full";
  const given = {
    files: { [CONFIG]: JSON.stringify({ plugin: [path] }), "/srv/acme-keys": folder([]) },
    variables: { KIMI_SHARE_DIR: "/srv/acme-keys/kimi", OPENCODE_CONFIG: "/srv/acme-conf/x.json" },
  };
  const context = { ...await diagnosed(given), online: undefined };
  const whole = buildReport(context, { request: false, runtime: "Test 1" });
  const strange = JSON.stringify(redact(whole, context, true));
  assert(!strange.includes("acme"), strange);
  assertStringIncludes(strange, "[folder]/opencode-kimi-full");
  assertStringIncludes(JSON.stringify(redact(whole, context)), path);
});
