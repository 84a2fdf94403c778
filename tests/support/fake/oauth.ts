import { CLIENT_ID } from "./answers/defaults.ts";
import { type FakeAnswer, type FakeRequest, headerValues, json } from "./http.ts";
import type { TokenStore } from "./tokens.ts";
import type { FakeSettings } from "./types.ts";

interface Device {
  readonly bornAt: number;
  state: "pending" | "authorized" | "denied" | "used";
  polls: number;
  interval: number;
  polledAt: number;
}

/** The OAuth host. */
export interface OAuthHost {
  answer(request: FakeRequest): FakeAnswer;
  /** Confirms or refuses every pending device code. */
  settle(state: "authorized" | "denied"): void;
}

const GRANT = "The provided authorization grant is invalid";
const DESCRIPTIONS: Readonly<Record<string, string>> = {
  authorization_pending: "The authorization request is still pending",
  slow_down: "The client is polling too often",
  expired_token: "The device code has expired",
  access_denied: "The user denied the request",
  invalid_client: "Client authentication failed",
  invalid_scope: "The requested scope is invalid",
  invalid_request: "The request is malformed",
  invalid_grant: GRANT,
  unsupported_grant_type: "The grant type is not supported",
};

function oauthError(error: string): FakeAnswer {
  return json(400, { error, error_description: DESCRIPTIONS[error] ?? error });
}

function refuseForm(request: FakeRequest, form: URLSearchParams): FakeAnswer | undefined {
  const type = headerValues(request, "Content-Type").join();
  if (!type.startsWith("application/x-www-form-urlencoded")) return oauthError("invalid_request");
  if (form.get("client_id") !== CLIENT_ID) return oauthError("invalid_client");
  if ((form.get("scope") ?? "kimi-code") !== "kimi-code") return oauthError("invalid_scope");
  return undefined;
}

function makeUserCode(): string {
  const [a, b] = crypto.getRandomValues(new Uint32Array(2));
  const letters = Array.from("0123", (_, i) => "BCDFGHJKLMNPQRST"[((a ?? 0) >> (i * 4)) & 15]);
  return `${letters.join("")}-${String((b ?? 0) % 10000).padStart(4, "0")}`;
}

/** Returns a poll's error, or `undefined` if the token can be sent. */
function pollError(device: Device, settings: FakeSettings, now: number): string | undefined {
  const early = now - device.polledAt < device.interval;
  device.polledAt = now;
  device.polls++;
  if (device.state === "used") return "invalid_grant";
  if (now >= device.bornAt + settings.deviceExpiresIn) return "expired_token";
  if (device.state === "denied") return "access_denied";
  if (settings.enforceInterval && early) {
    device.interval += 5; // RFC 8628 §3.5
    return "slow_down";
  }
  const auto = settings.autoAuthorizeAfterPolls;
  if (device.state === "pending" && auto !== null && device.polls > auto) {
    device.state = "authorized";
  }
  return device.state === "authorized" ? undefined : "authorization_pending";
}

interface Context {
  readonly settings: FakeSettings;
  readonly tokens: TokenStore;
  readonly devices: Map<string, Device>;
  now(): number;
}

function begin({ settings, devices, now }: Context): FakeAnswer {
  const code = `FAKEDEVICE${crypto.randomUUID()}`;
  const user_code = makeUserCode();
  const interval = settings.deviceInterval;
  devices.set(code, { bornAt: now(), state: "pending", polls: 0, interval, polledAt: -Infinity });
  // Clients show only https URLs, so the page is on the real host, not on the fake.
  const verification_uri = "https://www.kimi.com/code/authorize_device";
  return json(200, {
    user_code,
    device_code: code,
    verification_uri,
    verification_uri_complete: `${verification_uri}?user_code=${user_code}`,
    expires_in: settings.deviceExpiresIn,
    interval,
  });
}

function poll({ settings, tokens, devices, now }: Context, form: URLSearchParams): FakeAnswer {
  if (form.get("grant_type") !== "urn:ietf:params:oauth:grant-type:device_code") {
    return oauthError("unsupported_grant_type");
  }
  const device = devices.get(form.get("device_code") ?? "");
  if (device === undefined) return oauthError("invalid_grant");
  const error = pollError(device, settings, now());
  if (error !== undefined) return oauthError(error);
  device.state = "used";
  return json(200, tokens.issue(settings.tokenLifetime));
}

function refresh({ settings, tokens }: Context, form: URLSearchParams): FakeAnswer {
  const { tokenLifetime, keepOlderAccessTokens } = settings;
  const token = form.get("refresh_token") ?? "";
  const issued = tokens.rotate(token, tokenLifetime, keepOlderAccessTokens);
  return issued === undefined ? oauthError("invalid_grant") : json(200, issued);
}

/** Creates an OAuth host over a store of tokens; `now` returns seconds since the epoch. */
export function createOAuthHost(
  settings: FakeSettings,
  tokens: TokenStore,
  now: () => number,
): OAuthHost {
  const devices = new Map<string, Device>();
  const context: Context = { settings, tokens, devices, now };
  return {
    answer(request) {
      const form = new URLSearchParams(request.text);
      const refusal = refuseForm(request, form);
      if (refusal !== undefined) return refusal;
      if (request.kind === "device") return begin(context);
      return request.kind === "refresh" ? refresh(context, form) : poll(context, form);
    },
    settle(state) {
      for (const device of devices.values()) if (device.state === "pending") device.state = state;
    },
  };
}
