/**
 * Imports the installed package as a user's program does, and prints what it saw. Runs in Node, Bun and
 * Deno, in a project that has the package.
 */
import { readdir, readFile } from "node:fs/promises";
import process from "node:process";

const folder = new URL("./node_modules/opencode-kimi-full/", import.meta.url);
const manifest = JSON.parse(await readFile(new URL("package.json", folder), "utf8"));
const programs = Object.values(manifest.bin ?? {}).map((path) => new URL(path, folder).href);

const entries = {};
for (const entry of Object.keys(manifest.exports)) {
  if (entry !== "./package.json") entries[entry] = await import(manifest.name + entry.slice(1));
}

// No test may reach a part that is imported on demand.
let parts = 0;
for (const name of await readdir(new URL("dist/", folder))) {
  const { href } = new URL(`dist/${name}`, folder);
  if (!name.endsWith(".js") || programs.includes(href)) continue;
  await import(href);
  parts++;
}

const { chatBody, VERSION } = { ...entries["./protocol"], ...entries["."] };
const { body } = chatBody(
  { model: "kimi-for-coding", messages: [{ role: "user", content: "hi" }], stream: true },
  { contextLength: 262144, settings: { problems: [] }, userKeys: [], answered: new Map() },
);

const client = { auth: { set: () => Promise.resolve() } };
const hooks = await entries["./server"].default.server({ client });
const config = {};
await hooks.config(config);

process.stdout.write(JSON.stringify({
  version: VERSION,
  entries: Object.keys(entries).length,
  parts,
  budget: body.max_completion_tokens,
  models: Object.keys(config.provider["kimi-for-coding-oauth"].models),
}));
process.exit(0);
