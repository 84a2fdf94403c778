import { assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import { browserProgram, canShowBrowser, startProgram } from "../../lib/runtime/browser.ts";

const URL = "https://www.kimi.com/code/authorize_device?user_code=ABCD-1234&x=$(id);'\"";

Deno.test("browserProgram() passes the URL unchanged to the opener of each platform", () => {
  assertEquals(browserProgram(URL, "linux"), ["xdg-open", URL]);
  assertEquals(browserProgram(URL, "freebsd"), ["xdg-open", URL]);
  assertEquals(browserProgram(URL, "darwin"), ["open", URL]);
  assertEquals(browserProgram(URL, "win32"), ["rundll32", "url.dll,FileProtocolHandler", URL]);
});

Deno.test("canShowBrowser() is true with a local display and false over SSH", () => {
  const ssh = { SSH_CONNECTION: "1 2 3 4" };
  assertEquals(canShowBrowser("linux", { DISPLAY: ":0" }), true);
  assertEquals(canShowBrowser("linux", { WAYLAND_DISPLAY: "wayland-0" }), true);
  assertEquals(canShowBrowser("linux", {}), false);
  assertEquals(canShowBrowser("linux", { DISPLAY: "" }), false);
  assertEquals(canShowBrowser("linux", { DISPLAY: ":0", ...ssh }), false);
  assertEquals(canShowBrowser("darwin", {}), true);
  assertEquals(canShowBrowser("darwin", { SSH_TTY: "/dev/ttys001" }), false);
  assertEquals(canShowBrowser("win32", {}), true);
  assertEquals(canShowBrowser("win32", { SSH_CLIENT: "1 2 3" }), false);
});

Deno.test({
  name: "startProgram() passes arguments unchanged and rejects if the program does not exist",
  ignore: Deno.build.os === "windows",
  async fn() {
    const folder = await Deno.makeTempDir({ prefix: "kimi-browser-" });
    try {
      const seen = join(folder, "seen");
      const program = join(folder, "open");
      await Deno.writeTextFile(
        program,
        `#!/bin/sh\nprintf %s "$1" > "$0.part"\nmv "$0.part" ${seen}\n`,
      );
      await Deno.chmod(program, 0o700);
      const watcher = Deno.watchFs(folder);
      await startProgram([program, URL]);
      for await (const { paths } of watcher) if (paths.includes(seen)) break;
      assertEquals(await Deno.readTextFile(seen), URL);
      await assertRejects(() => startProgram([join(folder, "missing"), URL]));
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
