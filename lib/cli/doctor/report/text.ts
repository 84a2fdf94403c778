/**
 * What doctor tells, for a person.
 *
 * @module
 */

import type { Model } from "../../../kimi/models/catalog.ts";
import { duration } from "../../../kimi/util/time.ts";
import type { DoctorReport, LoginReport, OnlineReport, OpencodeReport } from "./types.ts";
import type { Finding } from "../checks/finding.ts";
import type { Answered } from "../online.ts";
import type { SampleRequest } from "./sample_request.ts";
import { type Stream, styled, wrapped } from "../../shared/terminal.ts";

/** A row of a section: a name, a value, and where that comes from. */
type Row = readonly [name: string, value: string, source?: string];

/** The part of a report that is of no use to those who read reports of faults. */
type Part = "deviations" | "request";

/** Width of the names. */
const NAME_WIDTH = 20;

/**
 * Writes a report.
 *
 * @param report The report.
 * @param out Where it will be read.
 * @param omitted Parts to leave out.
 * @returns The text, with a newline at its end.
 */
export function doctorText(report: DoctorReport, out: Stream, ...omitted: readonly Part[]): string {
  const { version, kimiCli, client, runtime, online, request, notLookedAt, findings } = report;
  const isWanted = (part: Part) => !omitted.includes(part);
  const problems = findings.filter(({ severity }) => severity === "problem");
  const notes = findings.filter(({ severity }) => severity === "note");
  const parts = [
    ...section(out, `opencode-kimi-full ${version}`, [
      ["runtime", runtime],
      [
        "speaks as",
        client === "kimi-cli" ? `kimi-cli ${kimiCli}` : `opencode-kimi-full ${version}`,
      ],
    ]),
    ...section(out, "What is sent", [
      ...report.headers.map(({ name, value, source }): Row => [name, value ?? "not known", source]),
      ...report.hosts.map(({ name, value, source }): Row => [name, value ?? "", source]),
    ]),
    ...section(out, "Login", loginRows(report.login)),
    ...section(out, "opencode", opencodeRows(report.opencode)),
    ...(online === undefined ? [] : section(out, "Online", onlineRows(online))),
    ...(request !== undefined && isWanted("request") ? requestLines(out, request) : []),
    ...(isWanted("deviations")
      ? list(
        out,
        "What deliberately differs from kimi-cli",
        report.deviations.map(({ what }) => what),
      )
      : []),
    ...list(
      out,
      "Not looked at",
      notLookedAt.map(({ what, flag }) => `${what}: ${flag} is missing`),
    ),
    ...findingLines(out, "Notes", notes, "dim"),
    ...findingLines(out, `Problems: ${problems.length}`, problems, "red"),
    ...(problems.length > 0 ? [] : ["", styled(out, "green", "No problem was found")]),
  ];
  return `${parts.join("\n").trimStart()}\n`;
}

/**
 * Writes a report as a block to be pasted into a report of a fault.
 *
 * @param report The report.
 * @returns The text, in the form of Markdown.
 */
export function doctorBlock(report: DoctorReport): string {
  const plain = { write() {}, isTerminal: false, columns: 80, hasColour: false };
  return `\`\`\`text\n${doctorText(report, plain, "deviations")}\`\`\`\n`;
}

function section(out: Stream, title: string, rows: readonly Row[]): readonly string[] {
  return ["", styled(out, "bold", title), ...rows.flatMap((row) => rowLines(out, row))];
}

function rowLines(out: Stream, [name, value, source = ""]: Row): readonly string[] {
  const left = `  ${name.padEnd(NAME_WIDTH)}`;
  if (source === "") return [left + indented(out, value, left.length)];
  const from = styled(out, "dim", `(${source})`);
  const fits = left.length + value.length + source.length + 3 <= out.columns;
  return fits ? [`${left}${value} ${from}`] : [`${left}${value}`, " ".repeat(left.length) + from];
}

/** A text with its further lines below its first. */
function indented(out: Stream, text: string, width: number): string {
  const narrow = { ...out, isTerminal: out.isTerminal, columns: out.columns - width };
  return wrapped(narrow, text).replaceAll("\n", `\n${" ".repeat(width)}`);
}

function list(out: Stream, title: string, lines: readonly string[]): readonly string[] {
  if (lines.length === 0) return [];
  return ["", styled(out, "bold", title), ...lines.map((line) => `  - ${indented(out, line, 4)}`)];
}

function findingLines(
  out: Stream,
  title: string,
  findings: readonly Finding[],
  style: "red" | "dim",
): readonly string[] {
  if (findings.length === 0) return [];
  const lines = findings.flatMap(({ id, what, cure }) => [
    `  ${styled(out, style, `${id}:`)} ${indented(out, `${id}: ${what}`, 4).slice(id.length + 2)}`,
    ...(cure === "" ? [] : [`    cure: ${cure}`]),
  ]);
  return ["", styled(out, "bold", title), ...lines];
}

function span(seconds: number): string {
  return duration(seconds * 1000);
}

function loginRows(
  { source, state, region, accessExpiresIn, refreshAge, claims, lock }: LoginReport,
) {
  const rows: Row[] = [["kept in", source]];
  if (accessExpiresIn === null || refreshAge === null) {
    rows.push(["login", state === "absent" ? "none" : state]);
  } else {
    const left = accessExpiresIn > 0
      ? `expires in ${span(accessExpiresIn)}`
      : `expired ${span(-accessExpiresIn)} ago, and is refreshed by the next request`;
    rows.push(["access token", left], ["refresh token", `${span(Math.max(0, refreshAge))} old`]);
    if (region !== null) rows.push(["account", `kimi.${region}`]);
    rows.push(...Object.entries(claims).map(([name, value]): Row => [`claim "${name}"`, value]));
  }
  return [...rows, ["lock", lock] as const];
}

function opencodeRows(
  { version, configuration, plugins, otherPlugins, hasProviderEntry }: OpencodeReport,
): readonly Row[] {
  const others = typeof otherPlugins === "number" ? `${otherPlugins}` : otherPlugins.join(", ");
  return [
    ["version", version ?? "not known"],
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
    ["provider entry", hasProviderEntry ? "the plugin's, and yours over it" : "the plugin's own"],
  ];
}

function onlineRows({ oauth, api, clockAhead, models }: OnlineReport): readonly Row[] {
  const clock = clockAhead === null
    ? "not known"
    : Math.abs(clockAhead) < 2
    ? "right"
    : `${Math.abs(clockAhead)} s ${clockAhead > 0 ? "ahead" : "behind"}`;
  return [
    ["OAuth host", answerText(oauth)],
    ["API", answerText(api)],
    ["this clock", clock],
    ...(models ?? []).map((model): Row => ["model", modelText(model)]),
  ];
}

function answerText(answered: Answered): string {
  switch (answered.state) {
    case "reached":
      return "reached";
    case "not-reached":
      return `not reached: ${answered.fault}`;
    case "refused":
      return answered.status === 0
        ? `not asked: ${answered.why}`
        : `reached, but it refuses (HTTP ${answered.status})`;
    case "denied":
      return "not looked at";
  }
}

function modelText({ id, name, contextLength, efforts = [], thinking, protocol }: Model): string {
  if (protocol !== undefined) return `${id}: left out, since it speaks the protocol "${protocol}"`;
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
  { method, url, headers, body }: SampleRequest,
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
