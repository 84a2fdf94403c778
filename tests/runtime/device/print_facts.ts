/**
 * Prints the identity headers of this machine as the real environment gives them, and what it
 * logged: run under each runtime.
 *
 * @module
 */
import process from "node:process";
import { identityHeaders } from "../../../lib/kimi/identity/fingerprint.ts";
import { systemEnvironment } from "../../../lib/runtime/environment.ts";

const logs: string[] = [];
const { device } = systemEnvironment((level, message) => void logs.push(`${level}: ${message}`));
const devices = await Promise.all([device(), device()]);
const [headers, again] = devices.map((device) => identityHeaders("kimi-cli", device));
process.stdout.write(JSON.stringify({ headers, again, logs }));
