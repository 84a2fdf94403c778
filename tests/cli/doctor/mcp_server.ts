/** A small MCP server on the standard streams; its first argument holds its tools, as JSON. */

const pages: readonly (readonly unknown[])[] = JSON.parse(Deno.args[0] ?? "[]");

/** What it answers to a request. */
export function answerTo(
  { id, method, params }: { id?: number; method?: string; params?: { cursor?: string } },
  pages: readonly (readonly unknown[])[],
): object | undefined {
  if (id === undefined) return undefined;
  if (method === "initialize") {
    return { jsonrpc: "2.0", id, result: { protocolVersion: "2025-06-18", capabilities: {} } };
  }
  const page = Number(params?.cursor ?? 0);
  const next = page + 1 < pages.length ? { nextCursor: `${page + 1}` } : {};
  return { jsonrpc: "2.0", id, result: { tools: pages[page] ?? [], ...next } };
}

if (import.meta.main) {
  const print = (line: string) => Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
  print("this line is not a message");
  const lines = Deno.stdin.readable.pipeThrough(new TextDecoderStream());
  for await (const text of lines) {
    for (const line of text.split("\n").filter((line) => line !== "")) {
      const answer = answerTo(JSON.parse(line), pages);
      if (answer !== undefined) print(JSON.stringify(answer));
    }
  }
}
