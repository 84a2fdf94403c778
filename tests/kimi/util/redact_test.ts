import { assertEquals } from "@std/assert";
import { withoutSecrets } from "../../../lib/kimi/util/redact.ts";

Deno.test("withoutSecrets() also finds a secret as a form or a URL has it", () => {
  const form = new URLSearchParams({ refresh_token: "a+b/c= d" });
  const text = `a+b/c= d, ${form}, ${encodeURIComponent("a+b/c= d")}`;
  assertEquals(withoutSecrets(text, ["a+b/c= d"]), "[…], refresh_token=[…], […]");
});
