/** Formats the report for a person. */

import { PACKAGE_NAME } from "../../../kimi/identity/constants.ts";
import type { Model } from "../../../kimi/models/catalog.ts";
import { duration } from "../../../kimi/util/time.ts";
import type { Finding } from "../checks/finding.ts";
import type { HostAnswer } from "../online.ts";
import { type Stream, styled, wrapped } from "../../shared/terminal.ts";
import type { DoctorReport } from "./redact.ts";

/** A name, a value, and the source of the value. */
type Row = readonly [name: string, value: string, source?: string];

const NAME_WIDTH = 20;

/** Formats a report as a block of Markdown, to paste into a bug report. */
export function formatBlock(report: DoctorReport): string {
  const plain = { write() {}, isTerminal: false, columns: 80, hasColour: false };
  return `\`\`\`text\n${formatReport({ ...report, deviations: [] }, plain)}\`\`\`\n`;
}

export function formatReport(report: DoctorReport, out: Stream): string {
  const { version, client, clientSource, online, request, findings, deviations, notLookedAt } =
    report;
  const problems = findings.filter(({ severity }) => severity === "problem");
  const notes = findings.filter(({ severity }) => severity === "note");
  const program: readonly Row[] = [["runtime", report.runtime], ["client", client, clientSource]];
  const sent: readonly Row[] = [...report.headers, ...report.hosts]
    .map(({ name, value, source }) => [name, value ?? "unknown", source]);
  const servers: readonly Row[] = (report.mcp ?? [])
    .map(({ name, tools }) => [name, `${tools ?? "did not list its"} tools`]);
  const rows = (all: readonly Row[]) => all.flatMap((row) => rowLines(out, row));
  const list = (lines: readonly string[]) => lines.map((line) => `  - ${wrapped(out, line, 4)}`);
  const sections: readonly (readonly [title: string, lines: readonly string[]])[] = [
    [`${PACKAGE_NAME} ${version}`, rows(program)],
    ["Sent to Kimi", rows(sent)],
    ["What other clients would send", rows(otherClientRows(report))],
    ["Variables in force", list(report.variables.map(({ name, value }) => `${name}=${value}`))],
    ["Login", rows(loginRows(report.login))],
    ["opencode", rows(opencodeRows(report.opencode))],
    ["Online", online === undefined ? [] : rows(onlineRows(online))],
    ["MCP servers", rows(servers)],
    ["A sample chat request", request === undefined ? [] : requestLines(request)],
    ["Intended differences from Kimi's client", list(deviations.map(({ what }) => what))],
    ["Not looked at", list(notLookedAt.map(({ what, flag }) => `${what}: ${flag} is missing`))],
    ["Notes", findingLines(out, notes, "dim")],
    [`Problems: ${problems.length}`, findingLines(out, problems, "red")],
  ];
  const parts = sections.filter(([, lines]) => lines.length > 0).map(([title, lines]) =>
    [styled(out, "bold", title), ...lines, ""].join("\n")
  );
  if (problems.length === 0) parts.push(styled(out, "green", "No problems found"), "");
  return parts.join("\n");
}

function rowLines(out: Stream, [name, value, source = ""]: Row): readonly string[] {
  const left = `  ${name.padEnd(NAME_WIDTH)}`;
  if (source === "") return [left + wrapped(out, value, left.length)];
  const from = styled(out, "dim", `(${source})`);
  const fits = left.length + value.length + source.length + 3 <= out.columns;
  return fits ? [`${left}${value} ${from}`] : [`${left}${value}`, " ".repeat(left.length) + from];
}

function findingLines(out: Stream, findings: readonly Finding[], style: "red" | "dim") {
  return findings.flatMap(({ id, what, fix }) => [
    `  ${styled(out, style, `${id}:`)} ${wrapped(out, `${id}: ${what}`, 4).slice(id.length + 2)}`,
    ...(fix === "" ? [] : [`    fix: ${fix}`]),
  ]);
}

function loginRows(
  { source, state, region, accessExpiresIn, loginExpiresIn, refreshAge, claims, lock }:
    DoctorReport["login"],
): readonly Row[] {
  const span = (seconds: number) => duration(seconds * 1000);
  if (accessExpiresIn === null || loginExpiresIn === null || refreshAge === null) {
    return [["stored in", source], ["login", state.replace("absent", "none")], ["lock", lock]];
  }
  const left = accessExpiresIn > 0
    ? `expires in ${span(accessExpiresIn)}`
    : `expired ${span(-accessExpiresIn)} ago; the next request refreshes it`;
  const end = loginExpiresIn > 0
    ? `ends in ${span(loginExpiresIn)}; each refresh extends this`
    : `ended ${span(-loginExpiresIn)} ago`;
  return [
    ["stored in", source],
    ["login", end],
    ["access token", left],
    ["refresh token", `${span(refreshAge)} old`],
    ...(region === null ? [] : [["account", `kimi.${region}`] as const]),
    ...Object.entries(claims).map(([name, value]): Row => [`claim "${name}"`, value]),
    ["lock", lock],
  ];
}

/** Only the headers that differ from those in force, and Kimi's own clients on this machine. */
function otherClientRows({ clients, headers, installedClients }: DoctorReport): readonly Row[] {
  const sent = new Set(headers.map(({ name, value }) => `${name} ${value}`));
  const others = clients.flatMap(({ client, headers }) => {
    const other = headers.filter(({ name, value }) => !sent.has(`${name} ${value}`));
    const texts = other.map(({ name, value }) => `${name}: ${value ?? "unknown"}`);
    return texts.map((text, index): Row => [index === 0 ? client : "", text]);
  });
  const found: readonly Row[] | undefined = installedClients
    ?.map(({ path, version }) => ["installed here", clientName(version), path]);
  const none: Row = ["installed here", "none"];
  return [...others, ...(found?.length === 0 ? [none] : found ?? [])];
}

/** kimi-cli prints `kimi, version 1.51.0`, and kimi-code only the number. */
function clientName(version: string | null): string {
  return version?.replace(/^(?=\d)/, "kimi-code ").replace(/^kimi, version/, "kimi-cli") ??
    "unknown";
}

function opencodeRows(
  { version, installed, logins, configuration, plugins, otherPlugins, hasProviderEntry }:
    DoctorReport["opencode"],
): readonly Row[] {
  const changes = hasProviderEntry ? "the plugin's, with your changes" : "the plugin's";
  const isUnknown = hasProviderEntry === null;
  const [first = isUnknown ? "not looked at" : "none", ...more] = configuration;
  return [
    ["last run", version ?? "unknown"],
    ...(installed ?? []).map((at): Row => ["installed", at.version ?? "unknown", at.path]),
    ...(logins ?? []).map((login): Row => [
      login.isActive ? "2.x login in use" : "2.x login",
      loginText(login),
    ]),
    ["configuration", first],
    ...more.map((path): Row => ["", path]),
    ...plugins.map(({ spec, where, installed }): Row => {
      const state = installed ? `installed: ${installed}` : "not installed by opencode 1.x";
      return ["plugin", `${spec} (${state})`, where];
    }),
    ["other plugins", [otherPlugins].flat().join(", ") || "0"],
    ["provider entry", isUnknown ? "not looked at" : changes],
  ];
}

function loginText(
  { label, method, expiresIn, holds }: NonNullable<DoctorReport["opencode"]["logins"]>[number],
): string {
  const span = (seconds: number) =>
    seconds > 0 ? `expires in ${duration(seconds * 1000)}` : "expired";
  const known = [method ?? "no method", ...(expiresIn === null ? [] : [span(expiresIn)])];
  return `"${label}" (${known.join(", ")}): ${holds}`;
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
    ...(models ?? []).map((model): Row => ["model", `${model.id}: ${modelText(model)}`]),
  ];
}

function answerText(answer: HostAnswer): string {
  if (answer.state === "reached") return "reached";
  if (answer.state === "denied") return "not looked at";
  if (answer.state === "not-reached") return `not reached: ${answer.fault}`;
  return answer.status === 0
    ? `not asked: ${answer.why}`
    : `reached, but it refused the request (HTTP ${answer.status})`;
}

function modelText({ id, name, contextLength, efforts = [], thinking, protocol }: Model): string {
  if (protocol !== undefined) return `not offered, because it uses the protocol "${protocol}"`;
  const parts = [
    name === id ? "" : `"${name}"`,
    contextLength === 0 ? "" : `${contextLength} tokens`,
    efforts.length === 0 ? "" : `efforts ${efforts.join(", ")}`,
    thinking === "only" ? "always thinks" : thinking === "no" ? "does not think" : "",
  ];
  return parts.filter((part) => part !== "").join(", ");
}

function requestLines({ method, url, headers, body }: NonNullable<DoctorReport["request"]>) {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return [`${method} ${url}`, ...lines, "", JSON.stringify(body, null, 2)];
}
