/** Services of 2.x and an opencode 1.x on one login: one refresh at a time, and each token sent once. */

import { assert, assertEquals } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import { startScript } from "../../../support/chaos/process.ts";
import { type FakeKimi, startFakeKimi } from "../../../support/fake/kimi.ts";
import { openCredentials } from "../../../support/opencode_v2/host.ts";
import type { Order, Report } from "./shared.ts";

const ID = "kimi-for-coding-oauth";

/** A refresh is due after this; the token still lives for 200 s. */
const DUE_MS = 700_000;

interface Process {
  readonly order: (order: Order) => Promise<Report>;
  readonly end: () => Promise<void>;
}

/** Starts a process, and waits until its plugin is set up. */
async function start(script: string, args: string[], home: string, fake: FakeKimi) {
  const child = startScript(script, { args, home, fake, stdin: "piped" });
  const writer = child.stdin.getWriter();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  const report = async (): Promise<Report> => {
    while (!rest.includes("\n")) {
      const { value, done } = await reader.read();
      if (done) throw new Error(`${script} ended: ${rest}`);
      rest += value;
    }
    const [line = "", ...more] = rest.split("\n");
    rest = more.join("\n");
    return JSON.parse(line);
  };
  await report();
  const started: Process = {
    async order(order) {
      await writer.write(new TextEncoder().encode(JSON.stringify(order)));
      return await report();
    },
    async end() {
      await writer.close();
      await reader.cancel();
      await child.status;
    },
  };
  return started;
}

/** Puts a login into auth.json and, as opencode 2.x imports it, into the table. */
async function prepare(home: string, fake: FakeKimi) {
  const folder = join(home, "data", "opencode");
  await Deno.mkdir(folder, { recursive: true });
  const { access_token: access, refresh_token: refresh } = fake.issueTokens();
  const login = { type: "oauth", access, refresh, expires: Date.now() + 900_000 };
  const auth = join(folder, "auth.json");
  await Deno.writeTextFile(auth, JSON.stringify({ [ID]: login }), { mode: 0o600 });
  const db = join(folder, "opencode.db");
  const table = openCredentials(db);
  table.add(ID, "Kimi", { ...login, methodID: "oauth" });
  table.close();
  return { auth, db };
}

const script = (name: string) => fromFileUrl(new URL(`./${name}.ts`, import.meta.url));

Deno.test("contract 9: three services with three folders each, and a 1.x, refresh one login once a generation", async () => {
  await using fake = await startFakeKimi();
  const home = await Deno.makeTempDir({ prefix: "kimi-chaos-v2-" });
  const processes: Process[] = [];
  try {
    const { auth, db } = await prepare(home, fake);
    const second = () => start(script("second"), [db], home, fake);
    const first = start(script("first"), [auth], home, fake);
    processes.push(...await Promise.all([second(), second(), second(), first]));
    for (let round = 1, ahead = 0; round <= 6; round++) {
      // In turn: the token is due, and the service ends it early.
      if (round % 2 === 1) {
        ahead += DUE_MS;
        fake.settings.clockOffset += DUE_MS / 1000;
      } else fake.expireAccessTokens();
      const reports = await Promise.all(processes.map(({ order }) => order({ ahead })));
      assertEquals(
        reports.flatMap(({ outcomes }) => outcomes),
        Array.from({ length: 10 }, () => "done"),
        `round ${round}`,
      );
      assertEquals([fake.refreshes, fake.revokedChains], [round, 0], `round ${round}`);
    }
    const table = openCredentials(db);
    const [row] = table.list(ID);
    table.close();
    const entry = JSON.parse(await Deno.readTextFile(auth))[ID];
    assertEquals(Object.keys(entry).sort(), ["access", "expires", "refresh", "type"]);
    const ages = [entry, row?.value].map((login) => Number(login?.expires));
    assert(ages[0]! >= ages[1]!, "no row is newer than the file");
    const sent = fake.requestsOf("refresh").map(({ body }) => body);
    assertEquals(new Set(sent).size, sent.length, "each refresh token was sent once");
  } finally {
    await Promise.all(processes.map(({ end }) => end()));
    await Deno.remove(home, { recursive: true });
  }
});
