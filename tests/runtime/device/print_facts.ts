/** Prints the identity headers of this machine and the log lines; run under each runtime. */
import process from "node:process";
import { identityHeaders } from "../../../lib/kimi/identity/fingerprint.ts";
import { systemEnvironment } from "../../../lib/runtime/environment.ts";

const logs: string[] = [];
const { device } = systemEnvironment((level, message) => void logs.push(`${level}: ${message}`));
const devices = await Promise.all([device("kimi-cli"), device("kimi-cli")]);
const [headers, again] = devices.map((device) => identityHeaders("kimi-cli", device));
process.stdout.write(JSON.stringify({ headers, again, logs }));
