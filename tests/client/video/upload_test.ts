import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { uploadVideo } from "../../../lib/client/video/upload.ts";
import { KimiError } from "../../../lib/kimi/errors/kimi_error.ts";
import { startServices } from "../tools/fixtures.ts";

function clip(text = "a clip"): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`\0\0\0\x18ftypisom\0\0\0\0${text}`);
}

Deno.test("uploadVideo() sends kimi-cli's form, and the same data once", async () => {
  await using services = await startServices();
  const { access, kimi } = services;
  const uploads = new Map();
  const first = await uploadVideo(access, uploads, "a.mp4", clip());
  assertEquals(await uploadVideo(access, uploads, "b.mp4", clip()), first);
  assertEquals(await uploadVideo(access, uploads, "c.mov", clip("other")), "ms://file-fake-2");
  assertEquals(first, "ms://file-fake-1");
  const [request, second] = kimi.requestsOf("files");
  assertMatch(
    request?.body ?? "",
    /name="purpose"\r\n\r\nvideo\r\n.*name="file"; filename="upload\.mp4"\r\nContent-Type: video\/mp4\r\n/s,
  );
  assertMatch(second?.body ?? "", /filename="upload\.mov"\r\nContent-Type: video\/quicktime/);
  const headers = new Map(request?.headers.map(([name, value]) => [name.toLowerCase(), value]));
  assertEquals([headers.get("accept"), headers.get("x-msh-platform")], [
    "application/json",
    "kimi_cli",
  ]);
  assertEquals(headers.has("x-msh-tool-call-id"), false);
});

Deno.test("uploadVideo() uploads the same data again for another account", async () => {
  await using services = await startServices();
  const { access, kimi } = services;
  const uploads = new Map();
  const urls: string[] = [];
  for (const user of ["fake-user", "other-user", "fake-user"]) {
    kimi.settings.user = user;
    const { access_token } = kimi.issueTokens();
    const credential = { ...await access.tokens.current(), access: access_token };
    const tokens = { ...access.tokens, current: () => Promise.resolve(credential) };
    urls.push(await uploadVideo({ ...access, tokens }, uploads, "a.mp4", clip()));
  }
  assertEquals(urls, ["ms://file-fake-1", "ms://file-fake-2", "ms://file-fake-1"]);
});

Deno.test("uploadVideo() sends kimi-code's fields in its order", async () => {
  await using services = await startServices("kimi-code");
  await uploadVideo(services.access, new Map(), "a.mp4", clip());
  assertMatch(services.kimi.requestsOf("files")[0]?.body ?? "", /name="file".*name="purpose"/s);
});

Deno.test("contract 10: a 401 of an upload makes one refresh and one second upload", async () => {
  await using services = await startServices();
  services.kimi.expireAccessTokens();
  assertEquals(await uploadVideo(services.access, new Map(), "a.mp4", clip()), "ms://file-fake-1");
  assertEquals(services.kimi.requestsOf("files").map(({ status }) => status), [401, 200]);
});

Deno.test("uploadVideo() rejects what is no video, without a request", async () => {
  await using services = await startServices();
  for (const [name, data] of [["a.txt", clip()], ["a.mp4", clip().slice(4)]] as const) {
    await assertRejects(
      () => uploadVideo(services.access, new Map(), name, data),
      TypeError,
      "its data is no video that Kimi takes",
    );
  }
  const large = new Uint8Array(100 * 1024 * 1024 + 1);
  large.set(clip());
  await assertRejects(
    () => uploadVideo(services.access, new Map(), "a.mp4", large),
    RangeError,
    "it is larger than 100 MB",
  );
  assertEquals(services.kimi.requests, []);
});

Deno.test("uploadVideo() asks again after a failure", async () => {
  await using services = await startServices();
  const uploads = new Map();
  services.kimi.settings.faults.push(
    { kind: "files", answer: { status: 500 } },
    { kind: "files", answer: { status: 200, body: { other: 1 } } },
  );
  for (const code of ["server_error", "invalid_answer"]) {
    const error = await assertRejects(
      () => uploadVideo(services.access, uploads, "a.mp4", clip()),
      KimiError,
    );
    assertEquals(error.code, code);
  }
  assertEquals(await uploadVideo(services.access, uploads, "a.mp4", clip()), "ms://file-fake-1");
});
