/**
 * Checks the packages as users get them: the tarball of npm, under every runtime and from a registry,
 * and what JSR would publish. Tools come from npm into `.cache/`, the first time.
 *
 * Ends with 1 where anything does not hold.
 *
 * @module
 */
import { fromFileUrl, join } from "@std/path";
import { type Check, once, runChecks } from "./check_package/check.ts";
import { checkFiles, checkSecondBuild } from "./check_package/files.ts";
import { installChecks } from "./check_package/installs.ts";
import { checkBrowser, checkDocs, checkJsr } from "./check_package/library.ts";
import { checkPublint, checkTypesWrong } from "./check_package/linters.ts";
import { openRegistry, type Registry } from "./check_package/registry.ts";
import { runtimeChecks } from "./check_package/runtimes.ts";
import { openSubject, type Subject } from "./check_package/subject.ts";
import { typeChecks } from "./check_package/types.ts";
import { write } from "./parity/report.ts";

const LIBRARY = fromFileUrl(new URL("../mod.ts", import.meta.url));

function checksOf(subject: Subject, registry: () => Promise<Registry>): readonly Check[] {
  const { work, installed } = subject;
  return [
    { holds: "npm's tarball has the files that it should have", run: () => checkFiles(subject) },
    { holds: "a second build gives the same tarball", run: () => checkSecondBuild(subject) },
    { holds: "publint is content", run: () => checkPublint(subject) },
    { holds: "are-the-types-wrong is content", run: () => checkTypesWrong(subject) },
    ...runtimeChecks(subject),
    ...typeChecks(subject),
    { holds: "mod.ts runs in a browser", run: () => checkBrowser(LIBRARY, work) },
    {
      holds: "the library of npm's tarball runs in a browser",
      run: () => checkBrowser(join(installed, "dist/mod.js"), work),
    },
    { holds: "deno doc --lint is content", run: checkDocs },
    { holds: "JSR would publish the files that it should", run: checkJsr },
    ...installChecks(subject, registry),
  ];
}

async function main(): Promise<number> {
  const started = performance.now();
  await using made = new AsyncDisposableStack();
  write("Both packages, as users get them\n\n");
  const subject = once(async () => made.use(await openSubject()));
  const first: Check = {
    holds: "npm's package can be built, packed and installed",
    run: async () => (await subject()).manifest.version,
  };
  let failed = await runChecks([first], write);
  if (failed === 0) {
    const opened = await subject();
    const registry = once(async () => made.use(await openRegistry(opened)));
    failed = await runChecks(checksOf(opened, registry), write);
  }
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  write(`\n${failed === 0 ? "All of it holds" : "Not all of it holds"}. ${seconds} s\n`);
  return failed === 0 ? 0 : 1;
}

if (import.meta.main) Deno.exit(await main());
