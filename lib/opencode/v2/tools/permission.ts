/**
 * What an agent's rules say about a call of a tool. opencode 2.x asks for permission within its own tools
 * only, and gives a plugin no way to do so. Source: types of 2.0.16 `promise/permission.d.ts`, and a public
 * list of the members of 2.0.10's context.
 */

import { objectOf } from "../../../kimi/util/json.ts";
import type { HostContext } from "../types.ts";

/** Rejects if a call may not run. */
export async function assertAllowed(
  { agent }: HostContext,
  agentID: unknown,
  action: string,
  resource: string,
): Promise<void> {
  const answer = objectOf(await agent?.get?.({ agentID: String(agentID) }));
  const { permissions } = objectOf(answer.data ?? answer);
  const effect = effectOf(Array.isArray(permissions) ? permissions : [], action, resource);
  if (effect === "allow") return;
  throw new Error(
    effect === "deny"
      ? `The permission ${action} is denied by opencode's configuration`
      : `The permission ${action} is set to ask, and opencode 2.x lets no plugin ask: ` +
        "the user can set it to allow or deny",
  );
}

/** The last rule that fits wins; without one, opencode asks. Source: core `permission.ts`. */
function effectOf(rules: readonly unknown[], action: string, resource: string): unknown {
  const rule = rules.map(objectOf).findLast((rule) =>
    fits(action, rule.action) && fits(resource, rule.resource)
  );
  return rule?.effect;
}

/** Source: core `util/wildcard.ts`; a pattern that ends with ` *` fits without that end too. */
function fits(given: string, pattern: unknown): boolean {
  if (typeof pattern !== "string") return false;
  const [value = "", wanted = ""] = [given, pattern].map((each) => each.replaceAll("\\", "/"));
  return isGlobOf(wanted, value) || (wanted.endsWith(" *") && isGlobOf(wanted.slice(0, -2), value));
}

function isGlobOf(glob: string, value: string): boolean {
  const source = glob.replace(/[.+^${}()|[\]\\]/g, "\\$&").replace(/\*+/g, ".*").replace(
    /\?/g,
    ".",
  );
  return new RegExp(`^${source}$`, "s").test(value);
}
