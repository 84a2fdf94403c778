/** Compares the requests of a real client and opencode, and each one's chats repeated by the other. */

import type { JsonObject } from "../../../lib/kimi/util/json.ts";
import type { RealClient } from "../../../tests/support/clients/real_client.ts";
import type { Chat } from "../../../tests/support/opencode/wire.ts";
import type { Pair } from "../run.ts";
import { libraryReplays, pluginReplays } from "./replay.ts";
import { formOf, requestPairs, shapeOf } from "./requests.ts";
import type { Run } from "../run.ts";
import { runSideBySide, type Side, type SideBySide } from "./clients.ts";

const HEADERS = "headers by name and value";

/** The clients' session ids. */
const SESSION = /^(session_)?[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;

/** Asks the client's own code for the bodies of conversations, turn by turn. */
export type AskTurns = (given: readonly JsonObject[]) => Promise<readonly unknown[]>;

/** Runs the client and opencode, and compares what they send. */
export async function compareWire(run: Run, client: RealClient, ask: AskTurns): Promise<void> {
  const sides = await runSideBySide(client, run.home);
  compareLogin(run, client, sides);
  compareChats(run, client, sides);
  run.add(
    `${client.name}'s chats`,
    "their messages and tools given to the plugin: the same bytes, session id and budget too",
    await pluginReplays(client.name, sides.kimi),
  );
  run.add(
    "opencode's chats",
    "their messages and tools given to the client's own code: the same bytes, title too",
    await libraryPairs(ask, sides.opencode),
  );
}

function compareLogin(run: Run, client: RealClient, { kimi, opencode }: SideBySide): void {
  const form = formOf(run.meet);
  const compared = `${HEADERS}; form: order and values, the service's codes and tokens aside`;
  for (const kind of ["device", "poll", "refresh"] as const) {
    run.add(
      `wire: ${kind}`,
      compared,
      requestPairs(client, kimi[kind], opencode[kind], form, run.meet),
    );
  }
  const pairs = requestPairs(client, kimi.models, opencode.models, ({ body }) => body, run.meet);
  run.add("wire: models", `${HEADERS}, token aside; no body`, pairs);
}

function compareChats(run: Run, client: RealClient, { kimi, opencode }: SideBySide): void {
  const kinds = ["chat", "tool answer", "second turn"];
  const compared = `${HEADERS}, token aside; body: keys in order, types, thinking, stream; ` +
    "texts, tools, ids and counts aside";
  for (const [index, theirs] of kimi.chats.entries()) {
    const ours = opencode.chats[index] ?? theirs;
    const session = {
      name: "prompt_cache_key",
      theirs: sessionOf(kimi.chats.slice(0, index + 1), SESSION),
      ours: sessionOf(opencode.chats.slice(0, index + 1), /^ses_\w+$/),
    };
    const pairs = [...requestPairs(client, theirs, ours, shapeOf, run.meet), session];
    run.add(`wire: ${kinds[index]}`, compared, pairs);
  }
  if (opencode.titles.length > 0) run.meet("title", "opencode's request for one");
  run.meet("cache-key", "every chat");
  run.meet("restart", "opencode's second turn");
}

/** A fixed text if all requests so far name one session, in the client's own form. */
function sessionOf(chats: readonly Chat[], form: RegExp): string {
  const keys = [...new Set(chats.map(({ parsed }) => parsed.prompt_cache_key ?? ""))];
  return keys.length === 1 && form.test(keys.join()) ? "the session's id" : keys.join(", ");
}

async function libraryPairs(ask: AskTurns, opencode: Side): Promise<readonly Pair[]> {
  const replays = libraryReplays(opencode);
  const turns = await ask(replays.map(({ given }) => given));
  return replays.flatMap(({ names, sent }, index) => {
    const said = turns[index];
    return sent.map((ours, turn) => ({
      name: names[turn] ?? "",
      theirs: String(Array.isArray(said) ? said[turn] : said),
      ours,
    }));
  });
}
