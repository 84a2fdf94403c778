/**
 * What must hold of a journey, by the numbers of the contracts in `AGENTS.md`.
 *
 * @module
 */
import { TOKEN_MARKER } from "../fake/kimi.ts";
import type { Journey } from "./journey.ts";
import { MODEL } from "./opencode.ts";
import { PLAIN_KEY } from "../../e2e/plain_provider.ts";
import {
  budgetFaults,
  type Chat,
  chatsOf,
  effortFaults,
  headerFaults,
  headerOf,
  identityOf,
  keyFaults,
  messageFaults,
  pairingFaults,
  prefixFaults,
} from "./wire.ts";

/** One promise, and how to see whether it was kept. */
export interface Check {
  readonly contract: number;
  readonly holds: string;
  /** What is wrong, one line for each fault. */
  faults(journey: Journey): string[];
}

const CONTEXT = 262_144;

const NOT_LOGGED_IN = "Not logged in to Kimi: run opencode auth login -p kimi-for-coding-oauth " +
  '-m "Kimi account (kimi.com)"';

/** Every check, in the order of the contracts. */
export const CHECKS: readonly Check[] = [
  {
    contract: 1,
    holds: "every chat body has kimi-cli's keys in kimi-cli's order",
    faults: (journey) => chats(journey).flatMap(keyFaults),
  },
  {
    contract: 2,
    holds: "messages have kimi-cli's keys, and a tool call no blank content",
    faults: (journey) => chats(journey).flatMap(messageFaults),
  },
  {
    contract: 2,
    holds: "the tool's answer goes back under the id of its call",
    faults: (journey) => pairingFaults(last(main(journey))),
  },
  {
    contract: 3,
    holds: "tools are sent, and the strict service accepts every schema and body",
    faults: (journey) => [
      ...tell(last(main(journey)).parsed.tools.length > 0, "no tools"),
      ...chats(journey).filter(({ status }) => status !== 200 && status !== 401)
        .map(({ status, answer }) => `${status} ${answer}`),
    ],
  },
  {
    contract: 4,
    holds: "max_completion_tokens is what the context leaves",
    faults: (journey) => main(journey).flatMap((chat) => budgetFaults(chat, CONTEXT)),
  },
  {
    contract: 5,
    holds: "without a choice thinking is enabled alone; the title is asked without thinking",
    faults: (journey) => [
      ...tell(titles(journey).length > 0, "no title was asked"),
      ...titles(journey).flatMap((chat) => effortFaults(chat, "off")),
      ...firstTurn(journey).flatMap((chat) => effortFaults(chat, undefined)),
    ],
  },
  {
    contract: 5,
    holds: "effort high is sent as the pair of thinking and reasoning_effort",
    faults: (journey) => secondTurn(journey).flatMap((chat) => effortFaults(chat, "high")),
  },
  {
    contract: 6,
    holds: "prompt_cache_key is the session id, in every request of the session",
    faults: (journey) => {
      const { first: { sessionID = "" }, second } = journey;
      return [
        ...tell(/^ses_\w+$/.test(sessionID), `the session is ${sessionID}`),
        ...tell(second.sessionID === sessionID, "the second turn has a session of its own"),
        ...chats(journey).map(({ parsed }) => parsed.prompt_cache_key)
          .filter((key) => key !== sessionID).map((key) => `${key} in place of ${sessionID}`),
      ];
    },
  },
  {
    contract: 6,
    holds: "earlier messages keep their bytes from turn to turn",
    faults: (journey) => prefixFaults(main(journey)),
  },
  {
    contract: 7,
    holds: "no header passes but the allowed, with one identity on every request",
    faults: ({ requests, deviceId }) => [
      ...requests.flatMap(headerFaults),
      ...requests.filter(({ kind }) => kind !== "models").filter((request) =>
        identityOf(request) !== identityOf(first(requests)) ||
        headerOf(request.headers, "x-msh-device-id") !== deviceId
      ).map(({ kind }) => `${kind} has another identity`),
    ],
  },
  {
    contract: 8,
    holds: "tokens are in auth.json and in no other file or output",
    faults: ({ holdingTokens, login, first, second, refused }) => [
      ...tell(holdingTokens.join() === ".local/share/opencode/auth.json", holdingTokens.join()),
      ...[login, first, second, refused].filter(({ stdout, stderr }) =>
        `${stdout}${stderr}`.includes(TOKEN_MARKER)
      ).map(() => "an output holds a token"),
    ],
  },
  {
    contract: 9,
    holds: "an expired token is refreshed once",
    faults: ({ requests }) => {
      const refreshes = requests.filter(({ kind }) => kind === "refresh");
      return tell(refreshes.length === 1, `${refreshes.length} refreshes`);
    },
  },
  {
    contract: 10,
    holds: "a 401 is followed by one retry with the same bytes and the new token",
    faults: (journey) => retryFaults(secondTurn(journey)),
  },
  {
    contract: 12,
    holds: "the model is listed before the login, beside the other provider's",
    faults: ({ models }) =>
      [MODEL, "plain/parrot"].filter((model) => !models.includes(model)).map((model) =>
        `${model} is not listed`
      ),
  },
  {
    contract: 12,
    holds: "requests of another provider are opencode's own",
    faults: ({ plain, plainHeaders }) => [
      ...tell(plain.text === "plain answer", `the other provider's answer is ${plain.text}`),
      ...plainHeaders.filter((headers) =>
        !headers.includes("user-agent,opencode/") || /x-msh|kimicli/i.test(headers) ||
        !headers.includes(`authorization,Bearer ${PLAIN_KEY}`)
      ),
    ],
  },
  {
    contract: 13,
    holds: "a question before the login says how to log in, and asks nobody",
    faults: ({ refused, early }) => [
      ...tell(`${refused.stdout}${refused.stderr}`.includes(NOT_LOGGED_IN), refused.stderr),
      ...early.map(({ kind }) => `${kind} was sent before the login`),
    ],
  },
  {
    contract: 14,
    holds: "answers come through, and opencode shows the cache hit",
    faults: ({ first, second }) => [
      ...tell(first.text === "The tool said: hi", `first answer: ${first.text}`),
      ...tell(second.text === "Hello from the fake Kimi.", `second answer: ${second.text}`),
      ...tell(second.cached > 0, "no cached tokens"),
    ],
  },
];

function chats({ requests }: Journey): Chat[] {
  const found = chatsOf(requests);
  required(found[0]);
  return found;
}

function main(journey: Journey): Chat[] {
  return chats(journey).filter(({ title }) => !title);
}

function titles(journey: Journey): Chat[] {
  return chats(journey).filter(({ title }) => title);
}

function firstTurn(journey: Journey): Chat[] {
  return main(journey).filter(({ at }) => at < journey.expiredAt);
}

function secondTurn(journey: Journey): Chat[] {
  const turn = main(journey).filter(({ at }) => at >= journey.expiredAt);
  required(turn[0]);
  return turn;
}

function retryFaults(turn: readonly Chat[]): string[] {
  const [refused, retried] = turn;
  if (refused?.status !== 401 || retried?.status !== 200) {
    return [`the turn went ${turn.map(({ status }) => status).join(", ")}`];
  }
  const tokens = [refused, retried].map(({ headers }) => headerOf(headers, "authorization"));
  return [
    ...tell(refused.body === retried.body, "the retry has other bytes"),
    ...tell(tokens[0] !== tokens[1], "the retry has the old token"),
  ];
}

function first<T>(items: readonly T[]): T {
  return required(items[0]);
}

function last<T>(items: readonly T[]): T {
  return required(items.at(-1));
}

function required<T>(item: T | undefined): T {
  if (item === undefined) throw new Error("nothing was recorded");
  return item;
}

function tell(holds: boolean, fault: string): string[] {
  return holds ? [] : [fault];
}
