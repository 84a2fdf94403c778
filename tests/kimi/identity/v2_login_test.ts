import { assertEquals } from "@std/assert";
import { v2LoginCommand } from "../../../lib/kimi/identity/v2_login.ts";

Deno.test("v2LoginCommand() names a login method of opencode 2.x, by default kimi.com's", () => {
  const command = "opencode auth login kimi-for-coding-oauth --method";
  assertEquals(v2LoginCommand(), `${command} oauth`);
  assertEquals(v2LoginCommand("ai"), `${command} oauth-ai`);
});
