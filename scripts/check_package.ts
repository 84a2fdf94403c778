/**
 * Checks npm's package as users get it: its tarball, in every runtime and from a registry. Tools come
 * from npm into `.cache/` the first time. Exits with 1 if a check fails.
 */
import { type Check, once, runChecks } from "./check_package/check.ts";
import {
  checkFiles,
  checkPublint,
  checkSecondBuild,
  checkTypesWrong,
} from "./check_package/files.ts";
import { installChecks } from "./check_package/installs.ts";
import { installPackage, type Package } from "./check_package/package.ts";
import { openRegistry, type Registry } from "./check_package/registry.ts";
import { runtimeChecks } from "./check_package/runtimes.ts";
import { typeChecks } from "./check_package/types.ts";
import { write } from "./shared/write.ts";

function checksOf(subject: Package, registry: () => Promise<Registry>): readonly Check[] {
  return [
    { holds: "the tarball holds what it should and nothing else", run: () => checkFiles(subject) },
    { holds: "a second build makes the same tarball", run: () => checkSecondBuild(subject) },
    { holds: "publint finds nothing", run: () => checkPublint(subject) },
    { holds: "are-the-types-wrong finds nothing", run: () => checkTypesWrong(subject) },
    ...runtimeChecks(subject),
    ...typeChecks(subject),
    ...installChecks(subject, registry),
  ];
}

async function main(): Promise<number> {
  await using made = new AsyncDisposableStack();
  write("The npm package, as users get it\n\n");
  const subject = once(async () => made.use(await installPackage()));
  const first: Check = {
    holds: "the package can be built, packed and installed",
    run: async () => (await subject()).manifest.version,
  };
  if (await runChecks([first], write) > 0) return 1;
  const opened = await subject();
  const registry = once(async () => made.use(await openRegistry(opened)));
  const failed = await runChecks(checksOf(opened, registry), write);
  write(failed === 0 ? "\nAll checks passed\n" : `\n${failed} checks failed\n`);
  return failed === 0 ? 0 : 1;
}

if (import.meta.main) Deno.exit(await main());
