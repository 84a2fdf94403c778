/** Asks for a permission within a tool, as opencode 1.18 and 1.14 have it. */

import { isObject } from "../../../kimi/util/json.ts";

/** Where Effect keeps the fiber that runs. Source: effect 4 `internal/core.ts`. */
const CURRENT_FIBER = "~effect/Fiber/currentFiber";

const CANNOT_ASK =
  "This opencode has no way to ask for permission that the plugin knows: turn its tools " +
  'off, with the option "tools": false';

/** What runs at this moment; to be called before a tool waits for anything. */
export function currentFiber(): unknown {
  return Reflect.get(globalThis, CURRENT_FIBER);
}

/**
 * Waits for the user's permission; rejects with opencode's own error if it is denied. opencode 1.18 gives a
 * tool a promise, 1.14 an Effect, which only a fiber can run: one is made of the class of the fiber that runs
 * the tool, as Effect's own `runFork` does.
 */
export async function permitted(asked: unknown, fiber: unknown): Promise<void> {
  if (asked instanceof Promise) return void await asked;
  const child = childOf(fiber);
  if (child === undefined || !isObject(asked)) throw new Error(CANNOT_ASK);
  await new Promise<void>((resolve, reject) => {
    child.evaluate(asked);
    child.addObserver((exit) => {
      if (isObject(exit) && exit._tag === "Success") resolve();
      else reject(errorOf(exit));
    });
  });
}

interface Fiber {
  readonly evaluate: (effect: unknown) => void;
  readonly addObserver: (observer: (exit: unknown) => void) => void;
}

function childOf(fiber: unknown): Fiber | undefined {
  if (!isObject(fiber) || typeof fiber.constructor !== "function") return undefined;
  const child: unknown = Reflect.construct(fiber.constructor, [fiber.context, true]);
  return isFiber(child) ? child : undefined;
}

function isFiber(value: unknown): value is Fiber {
  return isObject(value) && typeof value.evaluate === "function" &&
    typeof value.addObserver === "function";
}

/** The error inside of a failed exit. */
function errorOf(exit: unknown): unknown {
  const cause = isObject(exit) && isObject(exit.cause) ? exit.cause : {};
  const [reason] = Array.isArray(cause.reasons) ? cause.reasons : [];
  const error = isObject(reason) ? reason.defect ?? reason.error : undefined;
  return error ?? new Error("opencode did not give the permission");
}
