import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { toAuthEntry } from "../../../lib/client/tokens/credential.ts";
import { parkedLogin, parkOther } from "../../../lib/opencode/v2/login/parked.ts";
import { fromRow, toRow } from "../../../lib/opencode/v2/login/row.ts";
import { targetOf } from "../../../lib/opencode/v2/chat/target.ts";
import { login } from "../../client/fixtures.ts";
import { ROW } from "./native.ts";

const AI = { oauth: "https://auth.kimi.ai", api: "https://api.kimi.ai/coding/v1" };
const OWN = { oauth: "https://login.example", api: "https://api.example/v1" };

Deno.test("a row gives back the login that it was made of", () => {
  for (const hosts of [undefined, AI, OWN]) {
    const made = login(900, "0", hosts);
    const row = toRow(made);
    assertEquals(Object.keys(row.metadata ?? {}), ["kimiForCoding"]);
    const read = fromRow(JSON.parse(JSON.stringify(row)));
    assert(read !== undefined);
    assertEquals(toAuthEntry(read.credential), toAuthEntry(made));
    assert(read.isOf(made));
    assertEquals(row.methodID, hosts === AI ? "oauth-ai" : "oauth");
  }
});

Deno.test("a row without our metadata belongs to its account in any region, ours only to its own", () => {
  assert(fromRow(ROW)?.isOf(login(900, "0", AI)));
  assert(!fromRow(toRow(login()))?.isOf(login(900, "0", AI)));
  assert(!fromRow({ ...ROW, methodID: "oauth-ai" })?.isOf(login()));
});

Deno.test("fromRow() reads any value without throwing", () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => {
    fromRow(value);
    fromRow({ ...ROW, metadata: value, expires: value });
  }));
  for (const odd of [undefined, null, {}, { ...ROW, access: "" }, { ...ROW, type: "key" }]) {
    assertEquals(fromRow(odd), undefined);
  }
});

Deno.test("a login of another account waits in a slot, and the two change places", () => {
  const entry = (name: string, expires = 2e12) => {
    const claims = btoa(JSON.stringify({ user_id: name })).replaceAll("=", "");
    return { type: "oauth", access: `h.${claims}.s`, refresh: `${name}-r`, expires };
  };
  const id = "kimi-for-coding-oauth";
  const all = (entries: object) => JSON.stringify({ other: 1, ...entries });
  const before = all({ [id]: entry("u1") });
  assertEquals(parkOther(before, before), before, "the same account needs no slot");
  assertEquals(parkOther(before, undefined), before);
  const parked = JSON.parse(parkOther(all({ [id]: entry("u2") }), before));
  assertEquals([parked[`${id}.2`].refresh, parked.other], ["u1-r", 1]);
  const moved = JSON.stringify(parked);
  assertEquals(parkedLogin(moved, ({ refresh }) => refresh === "u1-r")?.refresh, "u1-r");
  const back = JSON.parse(parkOther(JSON.stringify({ ...parked, [id]: entry("u1") }), moved));
  assertEquals([back[`${id}.2`].refresh, Object.keys(back).length], ["u2-r", 3]);
  const third = JSON.parse(parkOther(JSON.stringify({ ...parked, [id]: entry("u3") }), moved));
  assertEquals([third[`${id}.2`].refresh, third[`${id}.3`].refresh], ["u1-r", "u2-r"]);
});

Deno.test("contract 8: targetOf() knows Kimi's hosts, those of the login, and no others", () => {
  const base = "https://api.kimi.com/coding/v1";
  const path = "/chat/completions";
  const rows = [
    [`${base}${path}`, undefined, `${base}${path}`],
    [`https://api.kimi.ai/coding/v1${path}`, undefined, `${base}${path}`],
    [`https://api.kimi.com.evil.example/coding/v1${path}`, undefined, undefined],
    [`https://api.kimi.com@evil.example${path}`, undefined, undefined],
    [`http://api.kimi.com/coding/v1${path}`, undefined, undefined],
    [`https://api.example/v1${path}`, undefined, undefined],
    [`https://api.example/v1${path}`, OWN, `https://api.example/v1${path}`],
    [`http://127.0.0.1:9${path}`, undefined, `http://127.0.0.1:9${path}`],
    ["not a url", undefined, undefined],
  ] as const;
  for (const [url, known, want] of rows) assertEquals(targetOf(url, base, known), want, url);
});
