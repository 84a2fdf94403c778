import { assertEquals } from "@std/assert";
import { replaceEntry } from "../../../../lib/client/auth_json/edit.ts";
import { toAuthEntry } from "../../../../lib/client/tokens/credential.ts";
import { jwtLogin, login } from "../../../client/fixtures.ts";
import { ID } from "../fixtures.ts";
import { inFolder, OTHER } from "./stored_login.ts";

const used = login();
const fresh = login(900, "1");

Deno.test("contract 11: with OPENCODE_AUTH_CONTENT, what is refreshed stands beside all that the file holds", async () => {
  const lent = jwtLogin(900, 300);
  for (const before of [undefined, lent]) {
    await inFolder({ variable: lent }, async ({ store, overwrite, kept, file }) => {
      overwrite(before);
      const text = await file.read();
      await store.update(lent, fresh);
      assertEquals(kept(), fresh.refresh);
      assertEquals(await file.read(), replaceEntry(text, ID, toAuthEntry(fresh)));
      // As an opencode leaves it that stores another provider's login meanwhile.
      overwrite(lent);
      await store.update(fresh, login(900, "2"));
      assertEquals(kept(), "SECRET-r2");
      await store.update(login(900, "2"), login(900, "3"));
      assertEquals(kept(), "SECRET-r3");
    });
  }
});

Deno.test("contract 11: with OPENCODE_AUTH_CONTENT, the file's own login of another account stays", async () => {
  const lent = jwtLogin(900, 300);
  await inFolder({ variable: lent }, async ({ store, overwrite, file, environment }) => {
    overwrite(login(100, "another"));
    const text = await file.read();
    assertEquals(await store.update(lent, fresh), "superseded");
    assertEquals([await file.read(), environment.sleeps], [text, []]);
  });
});

Deno.test("with OPENCODE_AUTH_CONTENT, a file that opencode is just writing is waited for", async () => {
  const lent = jwtLogin(900, 300);
  await inFolder({ variable: lent }, async ({ store, overwrite, kept, file, environment }) => {
    await Deno.truncate(file.path);
    environment.onSleep = () => void (environment.sleeps.length === 1 && overwrite(undefined));
    await store.update(lent, fresh);
    assertEquals(kept(), fresh.refresh);
  });
});

Deno.test("another provider's logout while a refresh is stored stays, where one login of others is left", () =>
  inFolder({}, async ({ store, file, kept, ...opencode }) => {
    await file.replace(replaceEntry(await file.read(), "second", OTHER));
    opencode.environment.onSleep = () => opencode.overwrite(fresh);
    await store.update(used, fresh);
    assertEquals([kept(), Object.keys(JSON.parse(await file.read() ?? ""))], [fresh.refresh, [
      "other",
      ID,
    ]]);
  }));
