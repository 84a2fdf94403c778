/** The browser on each system: when it is opened, and by which arguments, which no shell reads. */

import { assertEquals, assertRejects } from "@std/assert";
import { browserProgram, seesBrowser, startProgram } from "../../lib/runtime/browser.ts";

const URL = "https://www.kimi.com/code/authorize_device?user_code=ABCD-1234&x=%25&y='\"`$(id)";

for (
  const [platform, ...program] of [
    ["darwin", "open"],
    // `cmd /c start` would read & and % itself.
    ["win32", "rundll32", "url.dll,FileProtocolHandler"],
    ["linux", "xdg-open"],
    ["freebsd", "xdg-open"],
  ] as const
) {
  Deno.test(`the URL is one whole argument of the program on ${platform}`, () => {
    assertEquals<readonly string[]>(browserProgram(URL, platform), [...program, URL]);
  });
}

Deno.test("macOS and Windows have a display always, the others where a variable says so", () => {
  const cases = [["darwin", true], ["win32", true], ["linux", false], ["freebsd", false]] as const;
  for (const [platform, sees] of cases) {
    assertEquals(seesBrowser(platform, {}), sees, platform);
    assertEquals(seesBrowser(platform, { DISPLAY: "", WAYLAND_DISPLAY: "" }), sees, platform);
    assertEquals(seesBrowser(platform, { DISPLAY: ":0" }), true, platform);
    assertEquals(seesBrowser(platform, { WAYLAND_DISPLAY: "wayland-0" }), true, platform);
  }
});

Deno.test("over SSH no browser is opened on any system: it would be on another machine's screen", () => {
  for (const platform of ["darwin", "win32", "linux", "freebsd"]) {
    for (const name of ["SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY"]) {
      const variables = { DISPLAY: ":0", [name]: "10.0.0.1 1 10.0.0.2 22" };
      assertEquals(seesBrowser(platform, variables), false, `${platform}, ${name}`);
    }
  }
});

Deno.test("a program that is not there is an error, to be told to the user", async () => {
  await assertRejects(() => startProgram(["no-such-program-of-kimi", URL]));
});
