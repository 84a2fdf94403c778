import { assertEquals } from "@std/assert";
import { pathMask, shortened, withoutUser } from "../../lib/cli/mask.ts";

Deno.test("home, working folder, those above it and the user's name are masked in any sentence", () => {
  const mask = pathMask("/home/ann", "/srv/work/deep");
  for (
    const [text, masked] of [
      ["/home/ann", "~"],
      ['rm "/home/ann/.kimi/device_id"', 'rm "~/.kimi/device_id"'],
      ["/srv/work/deep/opencode.json is", "./opencode.json is"],
      ["(/srv/work/opencode.json)", "(../opencode.json)"],
      ["/srv/opencode.json, and", "../../opencode.json, and"],
      ["/home/anna/x", "/home/anna/x"],
      ["/mnt/home/ann/x", "/mnt/home/[user]/x"],
      ["https://api.kimi.com/coding/v1", "https://api.kimi.com/coding/v1"],
    ] as const
  ) assertEquals(mask(text), masked, text);
});

Deno.test("a working folder above the home folder, or the home folder itself, hides nothing of paths", () => {
  for (const directory of ["/", "/home", "/home/ann"]) {
    const mask = pathMask("/home/ann", directory);
    assertEquals(mask("/home/ann/x and /etc/opencode"), "~/x and /etc/opencode", directory);
  }
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
});
