/** Prints the milliseconds that importing the named module takes. Runs in Bun. */

import process from "node:process";

const path = process.argv[2] ?? "";
const start = performance.now();
await import(path);
process.stdout.write(String(performance.now() - start));
