/** The account that opencode uses in a folder, and its changes. */

import { messageOf } from "../../kimi/errors/kimi_error.ts";
import { PROVIDER_ID } from "../../kimi/identity/constants.ts";
import { objectOf } from "../../kimi/util/json.ts";
import type { Core } from "./core.ts";
import { fromRow, type RowLogin } from "./login/row.ts";
import { hasFunction } from "./host.ts";
import { ownModels } from "./models.ts";
import type { HostContext } from "./types.ts";

/** The account of one folder. */
export interface Account {
  /** Reads what the user wrote about the models, once; never fails. */
  readonly models: () => Promise<void>;
  /** Reads the row in use, which opencode may refresh first. */
  readonly row: () => Promise<RowLogin | undefined>;
  /** Takes the login of the row in use for ours; false if there is no row. */
  readonly follow: () => Promise<boolean>;
  /** Tells opencode that the account has to log in, or no longer; never fails. */
  readonly mark: (problem: string | undefined) => Promise<void>;
  /** Asks for the models of each account that the user changes to; never fails. */
  readonly watch: (signal: AbortSignal) => Promise<void>;
}

const CHANGES: ReadonlySet<unknown> = new Set(["credential.switched", "credential.updated"]);

/** A login sends both events. */
const DEBOUNCE_MS = 500;

/** Before events are asked for again. */
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;

/** Creates the account of a folder. */
export function createAccount(host: HostContext, core: Core): Account {
  const { integration, event, model } = host;
  const { environment, provider, logins } = core;
  const { connection } = integration;
  let isMarked = false;

  async function row(): Promise<RowLogin | undefined> {
    const used = await connection?.active(PROVIDER_ID);
    if (connection === undefined || used === undefined) return undefined;
    return fromRow(await connection.resolve(used));
  }

  async function follow(): Promise<boolean> {
    const used = await row();
    if (used !== undefined) await logins.follow(used);
    return used !== undefined;
  }

  let reading: Promise<void> | undefined;

  async function readModels(): Promise<void> {
    if (!hasFunction({ model }, "model", "list")) return;
    try {
      provider.offer(ownModels(await model?.list?.()));
    } catch (error) {
      environment.log("debug", messageOf(error));
    }
  }

  async function mark(problem: string | undefined): Promise<void> {
    if (connection === undefined || !("status" in connection)) return;
    if (problem === undefined && !isMarked) return;
    try {
      const used = await connection.active(PROVIDER_ID);
      if (used === undefined) return;
      isMarked = problem !== undefined;
      const status = problem === undefined
        ? undefined
        : { status: "needs_auth", message: problem } as const;
      await connection.status?.({ integrationID: PROVIDER_ID, connection: used, status });
    } catch (error) {
      environment.log("debug", messageOf(error));
    }
  }

  async function onChange(): Promise<void> {
    try {
      if (await follow()) await provider.askModelsAnew();
    } catch (error) {
      environment.log("debug", messageOf(error));
    }
  }

  async function watch(signal: AbortSignal): Promise<void> {
    if (event === undefined) return;
    let disarm = () => {};
    for (let pause = FIRST_PAUSE_MS; !signal.aborted; pause = longer(pause)) {
      try {
        for await (const change of event.subscribe({ signal })) {
          pause = FIRST_PAUSE_MS;
          if (!isOurs(change)) continue;
          disarm();
          disarm = environment.alarm(DEBOUNCE_MS, () => void core.oneAtATime(onChange));
        }
      } catch (error) {
        environment.log("debug", messageOf(error));
      }
      await environment.sleep(pause, signal).catch(() => {});
    }
    disarm();
  }

  return { row, follow, mark, watch, models: () => reading ??= readModels() };
}

function longer(pause: number): number {
  return Math.min(pause * 2, LONGEST_PAUSE_MS);
}

/** `credential.updated` does not say whose it is. */
function isOurs(change: unknown): boolean {
  const { type, data } = objectOf(change);
  const { integrationID = PROVIDER_ID } = objectOf(data);
  return CHANGES.has(type) && integrationID === PROVIDER_ID;
}
