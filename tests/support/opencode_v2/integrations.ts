/** What transforms register for logins, and the rows' tokens (integration.ts 0cf6dc2d, promise/integration.ts 70372061915). */

import { AsyncLocalStorage } from "node:async_hooks";
import { checkCredential, type CredentialTable } from "./credentials.ts";
import { type Callback, type Clock, isFunction, isObject, type Json, refuse } from "./types.ts";

/** A way to log in. */
export interface Method {
  readonly id: string;
  readonly label: string;
  readonly form: readonly Json[];
  readonly authorize: Callback;
  readonly refresh: Callback | undefined;
  readonly describe: Callback | undefined;
}

/** An integration as transforms made it. */
export interface Integration {
  readonly id: string;
  name: string;
  readonly methods: Method[];
}

/** Integrations by their ids. */
export type Integrations = Map<string, Integration>;

/** A token is refreshed in its last five minutes. */
export const REFRESH_BEFORE_MS = 300_000;

/** The editor of `ctx.integration.transform`. */
export function integrationEditor(integrations: Integrations): object {
  const at = (id: string): Integration => {
    const found = integrations.get(id) ?? { id, name: id, methods: [] };
    integrations.set(id, found);
    return found;
  };
  return {
    list: () => [...integrations.values()].map(({ id, name }) => ({ id, name })),
    get: (id: string) => integrations.get(id),
    update(id: string, change: Callback) {
      const draft = { id, name: at(id).name };
      change(draft);
      at(id).name = draft.name;
    },
    remove: (id: string) => void integrations.delete(id),
    method: {
      list: (id: string) => integrations.get(id)?.methods ?? [],
      update(given: unknown) {
        const { integrationID, method } = methodOf(given);
        const { methods } = at(integrationID);
        const place = methods.findIndex(({ id }) => id === method.id);
        methods.splice(place === -1 ? methods.length : place, place === -1 ? 0 : 1, method);
      },
      remove(id: string, gone: Json) {
        const { methods } = at(id);
        methods.splice(0, methods.length, ...methods.filter((method) => method.id !== gone.id));
      },
    },
  };
}

function methodOf(given: unknown): { readonly integrationID: string; readonly method: Method } {
  if (!isObject(given) || !isObject(given.method)) throw new TypeError("a method is missing");
  const { integrationID, method, authorize, refresh, label: describe } = given;
  const { id, label, type, form = [] } = method;
  if (typeof integrationID !== "string" || typeof id !== "string" || typeof label !== "string") {
    throw new TypeError("integrationID, method.id and method.label are strings");
  }
  refuse(type !== "oauth", `the fake host knows methods of the type oauth, not ${String(type)}`);
  if (!isFunction(authorize)) throw new TypeError("authorize is a function");
  // `form` is the list of fields itself, not an object with fields.
  if (!Array.isArray(form)) throw new TypeError("form is a list of fields");
  return {
    integrationID,
    method: {
      ...{ id, label, form, authorize },
      refresh: isFunction(refresh) ? refresh : undefined,
      describe: isFunction(describe) ? describe : undefined,
    },
  };
}

/** What a connection stands for, at `ctx.integration.connection.resolve`. */
export interface Resolver {
  readonly active: (integrationID: string) => Json | undefined;
  /** The row's value, refreshed if it is due; rejects if its refresh does. */
  readonly resolve: (connection: unknown) => Promise<Json>;
}

/** What is shared by the locations of one process. */
export interface Flights {
  readonly pending: Map<string, Promise<Json>>;
}

interface ResolverParts {
  readonly table: CredentialTable;
  readonly clock: Clock;
  readonly integrations: () => Integrations;
  readonly flights: Flights | undefined;
}

/** Makes the resolver of one location. */
export function createResolver({ table, clock, integrations, flights }: ResolverParts): Resolver {
  const refreshing = new AsyncLocalStorage<string>();
  const methodsOf = (id: string) => integrations().get(id)?.methods ?? [];
  const refresh = async (id: string, value: Json, call: Callback, integrationID: string) => {
    const given = await refreshing.run(id, async () => await call(structuredClone(value)));
    const stored = checkCredential(given, methodsOf(integrationID).map((method) => method.id));
    // Stored as it is, without an event; what the plugin leaves out is gone.
    table.update(id, stored);
    return stored;
  };
  return {
    active(integrationID) {
      const row = table.active(integrationID);
      const { id, label, value } = row ?? {};
      return row && { type: "credential", id, label, method: "oauth", methodID: value?.methodID };
    },
    async resolve(connection) {
      const id = isObject(connection) ? String(connection.id) : "";
      refuse(refreshing.getStore() === id, "connection.resolve was called within refresh");
      const row = table.get(id);
      if (row === undefined) throw new Error(`credential ${id} not found`);
      const method = methodsOf(row.integrationID).find((one) => one.id === row.value.methodID);
      const isDue = Number(row.value.expires) <= clock.now() + REFRESH_BEFORE_MS;
      if (!isDue || method?.refresh === undefined) return row.value;
      const start = () => refresh(id, row.value, method.refresh!, row.integrationID);
      if (flights === undefined) return await start();
      const flight = flights.pending.get(id) ?? start();
      flights.pending.set(id, flight);
      return await flight.finally(() => flights.pending.delete(id));
    },
  };
}
