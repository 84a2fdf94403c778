import { assert, assertEquals } from "@std/assert";
import { KimiError } from "../../../lib/kimi/errors/kimi_error.ts";

Deno.test("an error of another entry's KimiError class is a KimiError too", () => {
  class Other extends Error {
    override readonly name = "KimiError";
    readonly code = "network";
  }
  assert(new Other() instanceof KimiError && new KimiError("network", "") instanceof KimiError);
  assertEquals(new Error("KimiError") instanceof KimiError, false);
});
