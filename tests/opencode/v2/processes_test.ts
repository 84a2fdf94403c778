import { assertEquals } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { environmentOf } from "../../cli/process.ts";
import { runProcess } from "../../support/process.ts";
import { openCredentials } from "../../support/opencode_v2/host.ts";
import { settled, stage } from "./stage.ts";

const WORKER = fromFileUrl(new URL("./worker.ts", import.meta.url));

Deno.test("contract 9: three services of three folders, and a 1.x beside them, rotate one login once", async () => {
  const folder = await Deno.makeTempDir({ prefix: "kimi-v2-" });
  const table = openCredentials(`${folder}/rows.db`);
  try {
    await using at = await stage({ table, folder });
    await at.logIn();
    await settled(at);
    for (let generation = 1; generation <= 2; generation++) {
      at.pass(850);
      const workers = ["2", "2", "2", "1"].map((host) => {
        const args = [WORKER, host, folder, String(at.fake.settings.clockOffset)];
        return runProcess(Deno.execPath(), {
          args: ["run", "-A", "--quiet", ...args],
          env: environmentOf({ home: { path: folder }, kimi: at.fake }),
          timeout: 120_000,
        });
      });
      const said = (await Promise.all(workers)).map(({ stdout, stderr }) => stdout + stderr);
      const done = JSON.stringify(["done", "done", "done"]);
      assertEquals(said, [`${done}\n`, `${done}\n`, `${done}\n`, '["done"]\n']);
      assertEquals([at.fake.refreshes, at.fake.revokedChains], [generation, 0]);
      assertEquals(table.list()[0]?.value.refresh, at.entry()?.refresh);
    }
  } finally {
    table.close();
    await Deno.remove(folder, { recursive: true });
  }
});
