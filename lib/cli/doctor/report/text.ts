/** Formats the report for a person. */

import type { Model } from "../../../kimi/models/catalog.ts";
import { duration } from "../../../kimi/util/time.ts";
import type { Finding } from "../checks/finding.ts";
import type { HostAnswer } from "../online.ts";
import { type Stream, styled, wrapped } from "../../shared/terminal.ts";
import type { DoctorReport } from "./redact.ts";

/** A name, a value, and the source of the value. */
type Row = readonly [name: string, value: string, source?: string];

/** Width of the names. */
const NAME_WIDTH = 20;

/** Formats a report as a block of Markdown, to paste into a bug report. */
export function formatBlock(report: DoctorReport): string {
  const plain = { write() {}, isTerminal: false, columns: 80, hasColour: false };
  return `\`\`\`text\n${formatReport({ ...report, deviations: [] }, plain)}\`\`\`\n`;
}

/** Formats a report for a stream. */
export function formatReport(report: DoctorReport, out: Stream): string {
  const { version, kimiCli, client, online, request, findings } = report;
  const problems = findings.filter(({ severity }) => severity === "problem");
  const notes = findings.filter(({ severity }) => severity === "note");
  const name = client === "kimi-cli" ? `kimi-cli ${kimiCli}` : `opencode-kimi-full ${version}`;
  const parts = [
    ...section(out, `opencode-kimi-full ${version}`, [
      ["runtime", report.runtime],
      ["client", name],
    ]),
    ...section(out, "Sent to Kimi", [
      ...report.headers.map(({ name, value, source }): Row => [name, value ?? "unknown", source]),
      ...report.hosts.map(({ name, value, source }): Row => [name, value ?? "", source]),
    ]),
    ...section(out, "Login", loginRows(report.login)),
    ...section(out, "opencode", opencodeRows(report.opencode)),
    ...(online === undefined ? [] : section(out, "Online", onlineRows(online))),
    ...(request === undefined ? [] : requestLines(out, request)),
    ...list(out, "Intended differences from kimi-cli", report.deviations.map(({ what }) => what)),
    ...list(
      out,
      "Not looked at",
      report.notLookedAt.map(({ what, flag }) => `${what}: ${flag} is missing`),
    ),
    ...findingLines(out, "Notes", notes, "dim"),
    ...findingLines(out, `Problems: ${problems.length}`, problems, "red"),
    ...(problems.length > 0 ? [] : ["", styled(out, "green", "No problems found")]),
  ];
  return `${parts.join("\n").trimStart()}\n`;
}

function section(out: Stream, title: string, rows: readonly Row[]): readonly string[] {
  return ["", styled(out, "bold", title), ...rows.flatMap((row) => rowLines(out, row))];
}

function rowLines(out: Stream, [name, value, source = ""]: Row): readonly string[] {
  const left = `  ${name.padEnd(NAME_WIDTH)}`;
  if (source === "") return [left + wrapped(out, value, left.length)];
  const from = styled(out, "dim", `(${source})`);
  const fits = left.length + value.length + source.length + 3 <= out.columns;
  return fits ? [`${left}${value} ${from}`] : [`${left}${value}`, " ".repeat(left.length) + from];
}

function list(out: Stream, title: string, lines: readonly string[]): readonly string[] {
  if (lines.length === 0) return [];
  return ["", styled(out, "bold", title), ...lines.map((line) => `  - ${wrapped(out, line, 4)}`)];
}

function findingLines(
  out: Stream,
  title: string,
  findings: readonly Finding[],
  style: "red" | "dim",
): readonly string[] {
  if (findings.length === 0) return [];
  const lines = findings.flatMap(({ id, what, fix }) => [
    `  ${styled(out, style, `${id}:`)} ${wrapped(out, `${id}: ${what}`, 4).slice(id.length + 2)}`,
    ...(fix === "" ? [] : [`    fix: ${fix}`]),
  ]);
  return ["", styled(out, "bold", title), ...lines];
}

function span(seconds: number): string {
  return duration(seconds * 1000);
}

function loginRows(
  { source, state, region, accessExpiresIn, refreshAge, claims, lock }: DoctorReport["login"],
) {
  const rows: Row[] = [["stored in", source]];
  if (accessExpiresIn === null || refreshAge === null) {
    rows.push(["login", state === "absent" ? "none" : state]);
  } else {
    const left = accessExpiresIn > 0
      ? `expires in ${span(accessExpiresIn)}`
      : `expired ${span(-accessExpiresIn)} ago; the next request refreshes it`;
    rows.push(["access token", left], ["refresh token", `${span(Math.max(0, refreshAge))} old`]);
    if (region !== null) rows.push(["account", `kimi.${region}`]);
    rows.push(...Object.entries(claims).map(([name, value]): Row => [`claim "${name}"`, value]));
  }
  return [...rows, ["lock", lock] as const];
}

function opencodeRows(
  { version, configuration, plugins, otherPlugins, hasProviderEntry }: DoctorReport["opencode"],
): readonly Row[] {
  const others = typeof otherPlugins === "number" ? `${otherPlugins}` : otherPlugins.join(", ");
  return [
    ["version", version ?? "unknown"],
    ...(configuration.length === 0 ? ["none"] : configuration).map((path, index): Row => [
      index === 0 ? "configuration" : "",
      path,
    ]),
    ...plugins.map(({ spec, where, installed }): Row => [
      "plugin",
      `${spec} (${installed === null ? "not installed yet" : `installed: ${installed}`})`,
      where,
    ]),
    ["other plugins", others === "" ? "0" : others],
    ["provider entry", hasProviderEntry ? "the plugin's, with your changes" : "the plugin's"],
  ];
}

function onlineRows(
  { oauth, api, clockAhead, models }: NonNullable<DoctorReport["online"]>,
): readonly Row[] {
  const clock = clockAhead === null
    ? "unknown"
    : Math.abs(clockAhead) < 2
    ? "correct"
    : `${Math.abs(clockAhead)} s ${clockAhead > 0 ? "ahead" : "behind"}`;
  return [
    ["OAuth host", answerText(oauth)],
    ["API", answerText(api)],
    ["clock", clock],
    ...(models ?? []).map((model): Row => ["model", modelText(model)]),
  ];
}

function answerText(answer: HostAnswer): string {
  switch (answer.state) {
    case "reached":
      return "reached";
    case "not-reached":
      return `not reached: ${answer.fault}`;
    case "refused":
      return answer.status === 0
        ? `not asked: ${answer.why}`
        : `reached, but it refused the request (HTTP ${answer.status})`;
    case "denied":
      return "not looked at";
  }
}

function modelText({ id, name, contextLength, efforts = [], thinking, protocol }: Model): string {
  if (protocol !== undefined) {
    return `${id}: not offered, because it uses the protocol "${protocol}"`;
  }
  const parts = [
    name === id ? "" : `"${name}"`,
    contextLength === 0 ? "" : `${contextLength} tokens`,
    efforts.length === 0 ? "" : `efforts ${efforts.join(", ")}`,
    thinking === "only" ? "always thinks" : thinking === "no" ? "does not think" : "",
  ];
  return [id, parts.filter((part) => part !== "").join(", ")].join(": ");
}

function requestLines(
  out: Stream,
  { method, url, headers, body }: NonNullable<DoctorReport["request"]>,
): readonly string[] {
  return [
    "",
    styled(out, "bold", "A sample chat request"),
    `${method} ${url}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    "",
    JSON.stringify(body, null, 2),
  ];
}
