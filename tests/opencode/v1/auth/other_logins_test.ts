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
      await store.write(fresh, lent);
      assertEquals(kept(), fresh.refresh);
      assertEquals(await file.read(), replaceEntry(text, ID, toAuthEntry(fresh)));
      // As an opencode leaves it that stores another provider's login meanwhile.
      overwrite(lent);
      await store.write(login(900, "2"), fresh);
      assertEquals(kept(), "SECRET-r2");
      await store.write(login(900, "3"), login(900, "2"));
      assertEquals(kept(), "SECRET-r3");
    });
  }
});

Deno.test("contract 11: with OPENCODE_AUTH_CONTENT, the file's own login of another account stays", async () => {
  const lent = jwtLogin(900, 300);
  await inFolder({ variable: lent }, async ({ store, overwrite, file, environment }) => {
    overwrite(login(100, "another"));
    const text = await file.read();
    await store.write(fresh, lent);
    await store.settle();
    assertEquals([await file.read(), environment.sleeps], [text, []]);
  });
});

Deno.test("with OPENCODE_AUTH_CONTENT, a file that opencode is just writing is waited for", async () => {
  const lent = jwtLogin(900, 300);
  await inFolder({ variable: lent }, async ({ store, overwrite, kept, file, environment }) => {
    await Deno.truncate(file.path);
    environment.onSleep = () => overwrite(undefined);
    await store.write(fresh, lent);
    assertEquals(kept(), fresh.refresh);
  });
});

Deno.test("an opencode that took the file for empty, as another was writing it, costs no login of others", () =>
  inFolder({}, async (opencode) => {
    const alone = (entry: unknown) =>
      Deno.writeTextFileSync(opencode.file.path, JSON.stringify(entry));
    opencode.afterSet = () => alone({ [ID]: toAuthEntry(fresh) });
    await opencode.store.write(fresh, used);
    assertEquals(opencode.kept(), fresh.refresh);
    assertEquals(JSON.parse(await opencode.file.read() ?? "").other, OTHER);
    // The other opencode found nothing, and stores what its user has logged in to.
    opencode.afterSet = () => alone({ new: OTHER });
    await opencode.store.write(login(900, "2"), fresh);
    assertEquals(opencode.kept(), "SECRET-r2");
    opencode.afterSet = () => undefined;
    await opencode.store.write(login(900, "3"), login(900, "2"));
    opencode.environment.onSleep = () => {
      opencode.environment.onSleep = () => {};
      alone({ newer: OTHER });
    };
    await opencode.store.settle();
    const { [ID]: own, ...others } = JSON.parse(await opencode.file.read() ?? "");
    assertEquals([own.refresh, others], ["SECRET-r3", { other: OTHER, new: OTHER, newer: OTHER }]);
  }));

Deno.test("another provider's logout while a refresh is stored stays, where one login of others is left", () =>
  inFolder({}, async ({ store, file, kept, ...opencode }) => {
    await file.replace(replaceEntry(await file.read(), "second", OTHER));
    opencode.environment.onSleep = () => opencode.overwrite(fresh);
    await store.write(fresh, used);
    await store.settle();
    assertEquals([kept(), Object.keys(JSON.parse(await file.read() ?? ""))], [fresh.refresh, [
      "other",
      ID,
    ]]);
  }));
