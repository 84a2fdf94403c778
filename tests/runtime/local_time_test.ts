import { assertEquals } from "@std/assert";
import { runProcess } from "../support/process.ts";

const MODULE = new URL("../../lib/runtime/clock.ts", import.meta.url).href;
const CODE = `
  import { localTime } from ${JSON.stringify(MODULE)};
  console.log(localTime(Date.UTC(2030, 0, 1, 14, 53)), localTime(Date.UTC(2030, 6, 1, 22, 5, 59)));
`;

Deno.test("localTime() uses the time zone of the machine, in summer and winter, in any language", async () => {
  const { PATH = "", HOME = "" } = Deno.env.toObject();
  const inZone = async (TZ: string, LANG = "en_US.UTF-8") => {
    const args = ["eval", "--no-lock", CODE];
    const env = { PATH, HOME, TZ, LANG, LC_ALL: LANG };
    const { stdout, stderr } = await runProcess(Deno.execPath(), { args, env, timeout: 60_000 });
    assertEquals(stderr, "");
    return stdout.trim();
  };
  assertEquals(
    await Promise.all([
      inZone("UTC"),
      inZone("Europe/Berlin"),
      inZone("America/New_York", "ar_EG.UTF-8"),
      inZone("Asia/Kathmandu", "C"),
    ]),
    [
      "2030-01-01 14:53 2030-07-01 22:05",
      "2030-01-01 15:53 2030-07-02 00:05",
      "2030-01-01 09:53 2030-07-01 18:05",
      "2030-01-01 20:38 2030-07-02 03:50",
    ],
  );
});
