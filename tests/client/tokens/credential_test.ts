import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  type Credential,
  credentialFromTokens,
  fromAuthEntry,
  needsRefresh,
  remainingSeconds,
  toAuthEntry,
} from "../../../lib/client/tokens/credential.ts";
import type { JsonObject } from "../../../lib/kimi/util/json.ts";
import { readClaims } from "../../../lib/kimi/util/jwt.ts";
import { NOW } from "../../support/environment.ts";
import { assertGolden, deepFreeze, jsonWith, readRows, utf16 } from "../../support/vectors.ts";
import { SECRET, setup, tokenAnswer } from "../fixtures.ts";

/** The service's answers never hold another lifetime than one above 0: others are read as none. */
function login(expiresIn: number | undefined, accessToken = `${SECRET}-a`): Credential {
  const tokens = { accessToken, refreshToken: `${SECRET}-r` };
  return credentialFromTokens(expiresIn && expiresIn > 0 ? { ...tokens, expiresIn } : tokens, NOW);
}

function jwt(claims: JsonObject): string {
  const bytes = new TextEncoder().encode(JSON.stringify(claims));
  return `e30.${bytes.toBase64({ alphabet: "base64url", omitPadding: true })}.x`;
}

function stored(changes: JsonObject = {}): Credential | undefined {
  return fromAuthEntry({ type: "oauth", access: "a", refresh: "r", expires: NOW, ...changes });
}

/** The seconds from which on nothing is refreshed; undefined where all is. */
function thresholdOf(credential: Credential): number | undefined {
  const most = credential.lifetime * 1000 + 60_000;
  const fresh = (left: number) => !needsRefresh(credential, credential.expires - left);
  let [low, high] = [0, Math.floor(most)];
  if (!fresh(high)) return undefined;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (fresh(middle)) high = middle;
    else low = middle + 1;
  }
  return low / 1000;
}

interface Row {
  readonly name: string;
  readonly input: {
    readonly expires_in?: number;
    readonly remaining?: number;
    readonly token?: JsonObject | readonly unknown[] | null;
    readonly now?: number;
    readonly force?: boolean;
  };
  readonly output: number | boolean;
}

function rows(name: string): readonly Row[] {
  return readRows<Row>("refresh").filter((row) => row.name.startsWith(name));
}

/** A token file of kimi-cli's as the entry of auth.json that would hold the same. */
function entryOf(token: Row["input"]["token"]): unknown {
  if (token === null || token === undefined || !("access_token" in token)) return token;
  const { access_token: access, refresh_token: refresh, expires_at } = token;
  const expires = typeof expires_at === "number" ? { expires: expires_at * 1000 } : {};
  return { type: "oauth", access, refresh, ...expires };
}

const JUMPED = "contract 9: a clock that jumped shows in more being left than the token ever had";
const UNTOLD = "contract 9: a lifetime that is not told is 900 seconds, of which half is 450";

Deno.test("every row of refresh.json is looked at by some test", () => {
  const known = /^(_refresh_threshold\(|ensure_fresh expires_in=|ensure_fresh token file: )/;
  assertEquals(readRows<Row>("refresh").filter(({ name }) => !known.test(name)), []);
});

Deno.test("contract 9: the threshold of a lifetime is kimi-cli's", () => {
  const never = `${JUMPED}; with less than 240 seconds in all, it is always time`;
  assertGolden({
    rows: rows("_refresh_threshold"),
    ours: ({ input }) => thresholdOf(login(input.expires_in)),
    theirs: ({ output }) => output,
    leftOut: {
      "_refresh_threshold(-1)": UNTOLD,
      "_refresh_threshold(0.5)": never,
      "_refresh_threshold(1)": never,
      "_refresh_threshold(60)": never,
    },
  });
});

Deno.test("contract 9: a token is refreshed when kimi-cli would refresh it", () => {
  assertGolden({
    rows: rows("ensure_fresh expires_in"),
    ours: ({ input: { expires_in, remaining = 0 } }) => {
      const credential = login(expires_in);
      return needsRefresh(credential, credential.expires - remaining * 1000);
    },
    theirs: ({ output }) => output,
    leftOut: {
      "ensure_fresh expires_in=0 remaining=301": UNTOLD,
      "ensure_fresh expires_in=0 remaining=5000": JUMPED,
      "ensure_fresh expires_in=60 remaining=300": JUMPED,
      "ensure_fresh expires_in=60 remaining=300.1": JUMPED,
      "ensure_fresh expires_in=60 remaining=301": JUMPED,
      "ensure_fresh expires_in=60 remaining=5000": JUMPED,
      "ensure_fresh expires_in=600 remaining=5000": JUMPED,
      "ensure_fresh expires_in=602 remaining=5000": JUMPED,
      "ensure_fresh expires_in=3600 remaining=5000": JUMPED,
    },
  });
});

Deno.test("contract 9: an entry with parts missing is refreshed, or not, as kimi-cli's token file", () => {
  assertGolden({
    rows: rows("ensure_fresh token file").filter(({ input }) => input.force === false),
    ours: ({ input: { token, now = 0 } }) => {
      const credential = fromAuthEntry(entryOf(token));
      return credential !== undefined && needsRefresh(credential, now * 1000);
    },
    theirs: ({ output }) => output,
    leftOut: { "ensure_fresh token file: expires_in missing, 301 left; force=False": UNTOLD },
  });
});

Deno.test("contract 10: what is forced after a 401 is refreshed where kimi-cli can refresh it", async () => {
  const forced = rows("ensure_fresh token file").filter(({ input }) => input.force === true);
  assertEquals(forced.length, 6);
  for (const { name, input: { token, now = 0 }, output } of forced) {
    const credential = fromAuthEntry(entryOf(token));
    const { environment, source } = setup(credential, () => tokenAnswer(1));
    environment.time = now * 1000;
    await source.renew(credential?.access ?? "").catch(() => {});
    assertEquals(environment.sent.length > 0, output, name);
  }
});

Deno.test("contract 9: the lifetime is the JWT's own, else the answer's, else 900 seconds", () => {
  const seconds = NOW / 1000;
  const own = jwt({ iat: seconds - 5, exp: seconds + 595 });
  const { lifetime, expires } = login(900, own);
  assertEquals([lifetime, expires], [600, NOW + 600_000]);
  assertEquals(login(120).lifetime, 120);
  assertEquals(login(undefined).lifetime, 900);
  for (
    const claims of [{}, { exp: 5 }, { iat: 5, exp: 5 }, { iat: 9, exp: 5 }, { iat: "x", exp: 9 }]
  ) {
    assertEquals(login(120, jwt(claims)).lifetime, 120);
  }
  assertEquals(stored({ access: own })?.lifetime, 600);
  assertEquals(stored({ access: "opaque" })?.lifetime, 900);
});

Deno.test("contract 9: a clock that jumped is seen by the token's own exp", () => {
  const exp = NOW / 1000 + 900;
  const token = jwt({ iat: exp - 900, exp });
  const left = (expires: number) => {
    const credential = stored({ access: token, expires });
    return credential && remainingSeconds(credential, NOW);
  };
  assertEquals(left(NOW + 700_000), 700);
  assertEquals(left(NOW + 960_000), 960);
  assertEquals(left(NOW + 960_001), 900);
  assertEquals(left(NOW + 86_400_000), 900);
  const opaque = (days: number) => {
    const credential = stored({ expires: NOW + days * 86_400_000 });
    return credential && remainingSeconds(credential, NOW);
  };
  assertEquals([opaque(30), (opaque(30.001) ?? 1) <= 0], [30 * 86_400, true]);
});

Deno.test("an entry is read with its times in milliseconds, in seconds, as text or with a fraction", () => {
  assertEquals(stored()?.expires, NOW);
  assertEquals(stored({ expires: NOW / 1000 })?.expires, NOW);
  assertEquals(stored({ expires: NOW + 0.5 })?.expires, NOW);
  assertEquals(stored({ expires: `${NOW}` })?.expires, NOW);
  for (const expires of [undefined, null, "soon", {}, NaN]) {
    assertEquals(stored({ expires })?.expires, 0);
  }
});

Deno.test("an entry without tokens, or of another kind, is none", () => {
  const wrong = [{ type: "api" }, { type: undefined }, { access: "" }, { refresh: 7 }, {
    access: null,
  }];
  for (const changes of wrong) assertEquals(stored(changes), undefined);
  for (const entry of [null, undefined, [], "oauth", 1]) {
    assertEquals(fromAuthEntry(entry), undefined);
  }
});

Deno.test("a login and its entry hold the same, with whole milliseconds", () => {
  const hosts = { oauth: "https://auth.example", api: "https://api.example/v1" };
  const tokens = { accessToken: "a", refreshToken: "r", expiresIn: 900.0004 };
  const entry = toAuthEntry(credentialFromTokens(tokens, NOW + 0.7, hosts));
  assertEquals(entry, {
    type: "oauth",
    refresh: "r",
    access: "a",
    expires: NOW + 900_001,
    enterpriseUrl: `${hosts.oauth} ${hosts.api}`,
  });
  assertEquals(fromAuthEntry(entry)?.hosts, hosts);
  assertEquals(Object.keys(toAuthEntry(login(900))).includes("enterpriseUrl"), false);
  for (const enterpriseUrl of ["", "https://a.example", "x y", 7, " "]) {
    assertEquals(stored({ enterpriseUrl })?.hosts, undefined);
  }
});

Deno.test("contract 9: the lifetime of a token that does not say it is stored with the login", () => {
  const hosts = { oauth: "https://auth.example", api: "https://api.example/v1" };
  for (const kept of [undefined, hosts]) {
    const tokens = { accessToken: "a", refreshToken: "r", expiresIn: 3_600 };
    const entry = toAuthEntry(credentialFromTokens(tokens, NOW, kept));
    const read = fromAuthEntry(entry);
    assertEquals([read?.lifetime, read?.hosts, read?.isLifetimeAssumed], [3_600, kept, undefined]);
    assertEquals(read && toAuthEntry(read), entry);
  }
  const exp = NOW / 1_000 + 3_600;
  for (const token of [jwt({ iat: exp - 3_600, exp }), `${SECRET}-a`]) {
    const expiresIn = token.startsWith("e30") ? 3_600 : 900;
    assertEquals(toAuthEntry(login(expiresIn, token)).enterpriseUrl, undefined);
  }
  for (const enterpriseUrl of ["- - 0", "- - -5", "- - 1e9", "- - 99999999999", "- -", "- - x"]) {
    const read = stored({ enterpriseUrl });
    assertEquals([read?.lifetime, read?.isLifetimeAssumed], [900, true], enterpriseUrl);
  }
});

Deno.test("arbitrary entries and tokens never throw, and what is read has numbers to reckon with", () => {
  const any = jsonWith(["type", "oauth", "access", "refresh", "expires", "enterpriseUrl"]);
  const token = fc.oneof(
    utf16,
    any.map((claims) => jwt(Object(claims))),
    utf16.map((part) => `a.${part}.b`),
  );
  const claims = jsonWith(["iat", "exp"]).map((claims) => jwt(Object(claims)));
  fc.assert(fc.property(any, fc.oneof(token, claims), any, (raw, access, expires) => {
    readClaims(access);
    for (const entry of [raw, { type: "oauth", access, refresh: "r", expires }]) {
      const credential = fromAuthEntry(deepFreeze(entry));
      if (credential === undefined) continue;
      assert(!Number.isNaN(credential.expires), `${credential.expires}`);
      assert(credential.lifetime > 0, `${credential.lifetime}`);
      assert(!Number.isNaN(remainingSeconds(credential, NOW)));
    }
  }));
});
