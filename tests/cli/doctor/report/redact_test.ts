import { assertEquals } from "@std/assert";
import {
  idMask,
  pathMask,
  shortened,
  withoutUser,
} from "../../../../lib/cli/doctor/report/redact.ts";

Deno.test("home, working folder, those above it and the user's name are masked in any sentence", () => {
  const mask = pathMask("/home/ann", "/srv/work/deep");
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

Deno.test("a working folder above the home folder, or the home folder itself, hides nothing of paths", () => {
  for (const directory of ["/", "/home", "/home/ann"]) {
    const mask = pathMask("/home/ann", directory);
    assertEquals(mask("/home/ann/x and /etc/opencode"), "~/x and /etc/opencode", directory);
  }
  assertEquals(pathMask("/home/ann/", "/")("/home/ann/x, /mnt/ann/y"), "~/x, /mnt/[user]/y");
});

Deno.test("where the home folder is the root of all, it hides nothing", () => {
  const text = "/.kimi/device_id of https://www.kimi.com/code, and /";
  assertEquals(pathMask("/", "/srv")(text), text);
});

Deno.test("a user with the name of opencode's folders can copy the cures", () => {
  const mask = pathMask("/home/opencode", "/srv");
  const path = ".local/share/opencode/auth.json";
  assertEquals(mask(`chmod 600 /home/opencode/${path}`), `chmod 600 ~/${path}`);
});

Deno.test("ids of the account are masked where they are known, or look like one", () => {
  const mask = idMask(["cp2n8vqtnn0c1bl1i4v0", "kimi", ""]);
  assertEquals(
    mask(
      "Your account org-78cd08fac9804d20bac9a1f02fc1e6a5 / proj-a418892b55d04bbb92976 " +
        "<cak-f94zcrj6ax1111>, cp2n8vqtnn0c1bl1i4v0 of kimi, org-mode",
    ),
    "Your account [id] / [id] <[id]>, [id] of kimi, org-mode",
  );
});

Deno.test("paths of Windows are masked too", () => {
  const mask = pathMask("C:\\Users\\Ann", "C:\\Users\\Ann");
  assertEquals(mask("C:\\Users\\Ann\\.kimi\\device_id"), "~\\.kimi\\device_id");
  assertEquals(mask("D:\\Ann\\x"), "D:\\[user]\\x");
});

Deno.test("ids are shortened, and short ones hidden", () => {
  assertEquals(shortened("0123456789abcdef"), "012345…");
  assertEquals(shortened("hello"), "…");
  assertEquals(shortened(""), "");
});

Deno.test("user and password leave a URL", () => {
  assertEquals(withoutUser("https://a:b@c.example/d@e"), "https://c.example/d@e");
  assertEquals(withoutUser("https://c.example/d"), "https://c.example/d");
  assertEquals(withoutUser("https://a:b@c@d.example/@e"), "https://d.example/@e");
  assertEquals(withoutUser("x@git+https://a:b@c.example/d"), "x@git+https://c.example/d");
  assertEquals(withoutUser("@c/d@1.0.0"), "@c/d@1.0.0");
});
