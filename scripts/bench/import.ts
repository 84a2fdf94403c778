/**
 * Prints the milliseconds that the import of the named module takes. Runs in Bun.
 *
 * @module
 */
import process from "node:process";

const path = process.argv[2] ?? "";
const start = performance.now();
await import(path);
process.stdout.write(String(performance.now() - start));
