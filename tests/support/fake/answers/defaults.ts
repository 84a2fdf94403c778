import type { FakeSettings, StreamSettings } from "../types.ts";

/** Client id of both regions, the only one accepted (kimi_cli/auth/oauth.py, 1.51.0). */
export const CLIENT_ID = "17e5f671-d194-4dfb-9706-5516cb48c098";

/** The release whose identity is demanded by `identity: "kimi-cli"`. */
export const KIMI_CLI_VERSION = "1.51.0";

/** The release whose identity is demanded by `identity: "kimi-code"`. */
export const KIMI_CODE_VERSION = "2.1.0";

/** Event by event, at once, whole. */
export const PLAIN_STREAM: StreamSettings = {
  delay: 0,
  cut: 0,
  crlf: false,
  errorAfter: null,
  dropAfter: null,
};

// Fields as the service's /coding/v1/models returns them.
const MODEL = {
  id: "kimi-for-coding",
  object: "model",
  created: 1761264000,
  type: "model",
  display_name: "Kimi For Coding",
  context_length: 262144,
  supports_reasoning: true,
  supports_image_in: true,
  supports_video_in: true,
  supports_tool_use: true,
  supports_thinking_type: "both",
  think_efforts: {
    support: true,
    valid_efforts: ["low", "medium", "high"],
    default_effort: "high",
  },
};

/** The older shape; numbers are decimal strings (getpaseo/paseo#3024). */
export const OLDER_USAGES = {
  user: { membership: { level: "LEVEL_INTERMEDIATE" } },
  usage: {
    limit: "100",
    used: "26",
    remaining: "74",
    resetTime: "2030-01-08T15:53:05.519605Z",
  },
  limits: [{
    window: { duration: 300, timeUnit: "TIME_UNIT_MINUTE" },
    detail: {
      limit: "100",
      used: "27",
      remaining: "73",
      resetTime: "2030-01-01T14:53:05.519605Z",
    },
  }],
  parallel: { limit: "30" },
  totalQuota: {},
  subType: "TYPE_PURCHASE",
};

/** The shape that kimi-code 2.1.0 reads, with its wallet. */
export const NEWER_USAGES = {
  user: { membership: { level: "LEVEL_INTERMEDIATE" } },
  usages: {
    limit_5h: { used_ratio: 0.27, reset_time: "2030-01-01T14:53:05.519605123Z" },
    limit_7d: { used_ratio: "0.26", reset_time: "2030-01-08T15:53:05Z" },
    limit_month_total: { used_ratio: 0.4, reset_time: "2030-02-01T00:00:00Z" },
    limit_month_code: { used_ratio: 0.935, reset_time: "2030-02-01T00:00:00Z" },
  },
  boosterWallet: {
    balance: { type: "BOOSTER", amount: "20000000000", amountLeft: "15000000000" },
    monthlyChargeLimitEnabled: true,
    monthlyChargeLimit: { currency: "USD", priceInCents: "20000" },
    monthlyUsed: { currency: "USD", priceInCents: "5000" },
  },
  parallel: { limit: "30" },
};

/** Default settings: the known behaviour of the real service. */
export function defaultSettings(): FakeSettings {
  return {
    identity: "kimi-cli",
    user: "fake-user",
    tokenLifetime: 900,
    keepOlderAccessTokens: true,
    clockOffset: 0,
    deviceInterval: 5,
    deviceExpiresIn: 900,
    enforceInterval: false,
    autoAuthorizeAfterPolls: 1,
    models: [MODEL],
    usages: OLDER_USAGES,
    usagesPath: "usages",
    // 1 while thinking, 0.6 without; 0.95 is the only top_p (HKUDS/nanobot#4967).
    allowedTemperatures: [1],
    allowedTemperaturesOff: [0.6],
    allowedTopP: [0.95],
    strictBodies: true,
    faults: [],
    stream: {},
    answers: [],
    keepAlive: true,
    traceId: null,
    seed: 1,
  };
}
