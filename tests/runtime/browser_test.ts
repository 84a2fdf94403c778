import { assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import { browserProgram, seesBrowser, startProgram } from "../../lib/runtime/browser.ts";

const URL = "https://www.kimi.com/code/authorize_device?user_code=ABCD-1234&x=$(id);'\"";

Deno.test("each system's own program opens a URL, which no shell reads", () => {
  assertEquals(browserProgram(URL, "linux"), ["xdg-open", URL]);
  assertEquals(browserProgram(URL, "freebsd"), ["xdg-open", URL]);
  assertEquals(browserProgram(URL, "darwin"), ["open", URL]);
  assertEquals(browserProgram(URL, "win32"), ["rundll32", "url.dll,FileProtocolHandler", URL]);
});

Deno.test("a browser is seen on the machine's own display, and never over SSH", () => {
  const ssh = { SSH_CONNECTION: "1 2 3 4" };
  assertEquals(seesBrowser("linux", { DISPLAY: ":0" }), true);
  assertEquals(seesBrowser("linux", { WAYLAND_DISPLAY: "wayland-0" }), true);
  assertEquals(seesBrowser("linux", {}), false);
  assertEquals(seesBrowser("linux", { DISPLAY: "" }), false);
  assertEquals(seesBrowser("linux", { DISPLAY: ":0", ...ssh }), false);
  assertEquals(seesBrowser("darwin", {}), true);
  assertEquals(seesBrowser("darwin", { SSH_TTY: "/dev/ttys001" }), false);
  assertEquals(seesBrowser("win32", {}), true);
  assertEquals(seesBrowser("win32", { SSH_CLIENT: "1 2 3" }), false);
});

Deno.test({
  name: "a program gets its arguments as they are, and one that is not there is an error",
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
