/**
 * Another plugin beside ours in the real opencode, and what each changes of the other's.
 *
 * @module
 */
import { join } from "@std/path";
import { type JsonObject, objectOf, parseObject } from "../../../lib/kimi/util/json.ts";
import { startFakeKimi, TOKEN_MARKER } from "../fake/kimi.ts";
import type { OpencodeVersion } from "../tools.ts";
import {
  ID,
  LOGIN,
  type Neighbour,
  openBeside,
  type Order,
  pluginsOf,
  QUIET,
} from "./neighbours.ts";
import { type Answer, type Opencode, succeeded } from "./opencode.ts";
import { serve } from "./server.ts";
import {
  type Chat,
  chatsOf,
  effortFaults,
  headerFaults,
  keyFaults,
  messageFaults,
  pairingFaults,
  prefixFaults,
} from "./wire.ts";

/** A promise, and what was seen against it. */
export interface Promised {
  readonly holds: string;
  readonly faults: readonly string[];
}

/** Puts a plugin beside ours, asks twice, and compares with each of them alone. */
export async function meet(
  neighbour: Neighbour,
  version: OpencodeVersion,
  ours: string,
  order: Order,
): Promise<readonly Promised[]> {
  await using kimi = await startFakeKimi({ deviceInterval: 1 });
  const setting = { version, kimi, neighbour };
  await using both = await openBeside(pluginsOf(ours, neighbour, order), setting);
  await using alone = await openBeside([ours], setting);
  await using without = await openBeside([neighbour.spec], setting);
  const [models, own, theirs] = [
    await modelsOf(both),
    await modelsOf(alone),
    await modelsOf(without),
  ];
  kimi.forgetRequests();
  const first = await both.ask("What does it print? [[bash]]");
  const second = await both.ask("Thank you", { continue: true, variant: "high" });
  const chats = chatsOf(kimi.requests);
  return [
    {
      holds: "the strict service accepts every request of ours",
      faults: [...requestFaults(chats), ...kimi.requests.flatMap(headerFaults)],
    },
    ...turnPromises(chats, first, second),
    { holds: "each login stays where it is", faults: await loginFaults(both, neighbour) },
    {
      holds: "our models and variants are as without the neighbour",
      faults: differences(ofProvider(models, true), ofProvider(own, true)),
    },
    {
      holds: "the neighbour's models and variants are as without us",
      faults: differences(ofProvider(models, false), ofProvider(theirs, false)),
    },
  ];
}

function turnPromises(chats: readonly Chat[], first: Answer, second: Answer): Promised[] {
  const main = chats.filter(({ title }) => !title);
  // opencode-dcp puts marks into messages, and takes them out of answers, but for the blanks around.
  const said = [first, second].map(({ text }) => text.trim()).join(" / ");
  return [
    {
      holds: "a tool runs, and both answers come through",
      faults: [
        ...tell(said === "The tool said: hi / Hello from the fake Kimi.", said + first.stderr),
        ...main.slice(-1).flatMap(pairingFaults),
      ],
    },
    {
      holds: "earlier messages keep their bytes, and the second answer reads the cache",
      faults: [...prefixFaults(main), ...tell(second.cached > 0, "no cached tokens")],
    },
    {
      holds: "nothing chosen thinks, effort high is sent, and titles are asked without thinking",
      faults: [
        ...main.slice(0, -1).flatMap((chat) => effortFaults(chat, undefined)),
        ...main.slice(-1).flatMap((chat) => effortFaults(chat, "high")),
        ...chats.filter(({ title }) => title).flatMap((chat) => effortFaults(chat, "off")),
      ],
    },
  ];
}

/** Looks for what opencode shows of a plugin once it is loaded; of two for one provider, the later logs in. */
export async function findTrace(
  neighbour: Neighbour,
  version: OpencodeVersion,
  ours: string,
): Promise<Promised> {
  await using kimi = await startFakeKimi();
  const plugins = pluginsOf(ours, neighbour, "ours first");
  await using opencode = await openBeside(plugins, { version, kimi, neighbour });
  await using server = await serve(opencode, { kimi, env: QUIET });
  const paths = ["/provider/auth", "/agent", "/experimental/tool/ids"];
  const shown = JSON.stringify(await Promise.all(paths.map((path) => server.call("GET", path))));
  const { sign } = neighbour;
  return {
    holds: `opencode shows "${sign}" of it`,
    faults: tell(shown.includes(sign), "it is not loaded"),
  };
}

function requestFaults(chats: readonly Chat[]): string[] {
  return [
    ...tell(chats.length >= 3, `${chats.length} chat requests`),
    ...chats.filter(({ status }) => status !== 200).map(({ status, answer }) =>
      `${status} ${answer}`
    ),
    ...chats.flatMap(keyFaults),
    ...chats.flatMap(messageFaults),
  ];
}

async function loginFaults(opencode: Opencode, { provider }: Neighbour): Promise<string[]> {
  const auth = await opencode.readAuth();
  const theirs = objectOf(parseObject(auth)?.[provider ?? ""]);
  const holding: string[] = [];
  for (const file of await opencode.listFiles()) {
    if (file.startsWith(".cache/opencode/packages/")) continue;
    const bytes = await Deno.readFile(join(opencode.home, file));
    if (new TextDecoder("latin1").decode(bytes).includes(TOKEN_MARKER)) holding.push(file);
  }
  return [
    ...tell(
      provider === undefined || provider === ID || auth.includes(`"${provider}": ${LOGIN}`),
      `the login of ${provider} became ${JSON.stringify(theirs)}`,
    ),
    ...tell(holding.join() === ".local/share/opencode/auth.json", `tokens in ${holding.join()}`),
  ];
}

type Models = ReadonlyMap<string, JsonObject>;

/** `opencode models --verbose`: an id in a line, then its JSON. */
async function modelsOf(opencode: Opencode): Promise<Models> {
  const { stdout } = succeeded(await opencode.command(["models", "--verbose"]));
  const blocks = stdout.matchAll(/^(\S+\/\S+)\n(\{\n[\s\S]*?\n\})$/gm);
  return new Map(Array.from(blocks, ([, id = "", json = ""]) => [id, objectOf(parseObject(json))]));
}

function ofProvider(models: Models, isOurs: boolean): Models {
  return new Map([...models].filter(([id]) => id.startsWith(`${ID}/`) === isOurs));
}

function differences(found: Models, wanted: Models): string[] {
  const ids = new Set([...found.keys(), ...wanted.keys()]);
  return [
    ...tell(wanted.size > 0, "no models"),
    ...[...ids].filter((id) => JSON.stringify(found.get(id)) !== JSON.stringify(wanted.get(id)))
      .map((
        id,
      ) => `${id}: ${JSON.stringify(found.get(id))} in place of ${JSON.stringify(wanted.get(id))}`),
  ];
}

function tell(holds: boolean, fault: string): string[] {
  return holds ? [] : [fault];
}
