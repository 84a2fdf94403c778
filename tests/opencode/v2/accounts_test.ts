import { assert, assertEquals } from "@std/assert";
import { ID, settled, type Stage, stage } from "./stage.ts";

/** A login of another user, as the fake has no second one. */
function otherUser(at: Stage, name: string, expires = at.environment.time + 900_000) {
  const claims = btoa(JSON.stringify({ user_id: name, iat: 1, exp: 901 })).replaceAll("=", "");
  const refresh = `${name}-refresh`;
  return { type: "oauth", methodID: "oauth", access: `e.${claims}.s-${name}`, refresh, expires };
}

function entries(at: Stage): Readonly<Record<string, Readonly<Record<string, unknown>>>> {
  return JSON.parse(Deno.readTextFileSync(`${at.folder}/auth.json`));
}

Deno.test("auth.json follows the account in use, and the other's login waits there", async () => {
  await using at = await stage();
  await at.logIn();
  const first = at.entry();
  const [row] = at.host.table.list(ID);
  const other = otherUser(at, "u2");
  at.host.table.add(ID, "Second", other);
  await at.ask();
  assertEquals(at.entry()?.refresh, "u2-refresh");
  assertEquals(entries(at)[`${ID}.2`], first);
  at.host.activate(row!.id);
  await settled(at);
  assertEquals((await at.ask()).is, "done");
  assertEquals(at.entry()?.access, row?.value.access);
  assertEquals(entries(at)[`${ID}.2`]?.refresh, "u2-refresh");
  assertEquals(Object.keys(entries(at)).length, 2);
  assertEquals(at.fake.revokedChains, 0);
});

Deno.test("a waiting login that was refreshed after its row is the one that comes back", async () => {
  await using at = await stage();
  await at.logIn();
  const [row] = at.host.table.list(ID);
  at.pass(500);
  assertEquals((await at.ask()).is, "done", "refreshes the file beside the question");
  await settled(at);
  assertEquals(at.fake.refreshes, 1);
  assert(at.entry()?.refresh !== row?.value.refresh);
  at.host.table.add(ID, "Second", otherUser(at, "u2"));
  await at.ask();
  at.host.activate(row!.id);
  assertEquals((await at.ask()).is, "done");
  assertEquals([at.fake.refreshes, at.fake.revokedChains], [1, 0]);
});

Deno.test("a new login of another account leaves the old one waiting", async () => {
  await using at = await stage();
  const { type, access, refresh, expires } = otherUser(at, "u2");
  at.write({ [ID]: { type, access, refresh, expires } });
  await at.logIn();
  assertEquals(entries(at)[`${ID}.2`]?.refresh, "u2-refresh");
  assertEquals((await at.ask()).is, "done");
});

Deno.test("the models are those of the account that the user changes to, asked for once for all folders", async () => {
  await using at = await stage({ options: { discover: true } });
  await at.logIn();
  const [row] = at.host.table.list(ID);
  await at.host.location("/other");
  await settled(at);
  const count = at.fake.requestsOf("models").length;
  assert(count >= 1);
  at.host.activate(row!.id);
  await settled(at);
  assertEquals(at.fake.requestsOf("models").length, count + 1);
  const offered = at.fake.settings.models.map(({ id }) => `${ID}/${id}`).toSorted();
  assertEquals(at.location.models(), offered);
});
