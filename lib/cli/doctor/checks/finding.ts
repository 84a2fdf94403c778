/** What a check is, and what it returns. */

import type { McpServers } from "../collect/mcp/servers.ts";
import type { Located } from "../collect/path_state.ts";
import type { Diagnosis } from "../diagnosis.ts";
import type { Online } from "../online.ts";

/** Something that is wrong, or useful to know. */
export interface Finding {
  /** A word that stays the same between versions. */
  readonly id: string;
  /** Only a problem counts for the exit code. */
  readonly severity: "problem" | "note";
  readonly what: string;
  /** What to do, in one line; empty for a note that asks for nothing. */
  readonly fix: string;
}

/** Everything that a check may look at; what was not asked for is undefined. */
export type DoctorContext = Diagnosis & {
  readonly online: Online | undefined;
  readonly mcp?: McpServers | undefined;
};

export type Check = (context: DoctorContext) => Iterable<Finding>;

export function problem(id: string, what: string, fix: string): Finding {
  return { id, severity: "problem", what, fix };
}

export function note(id: string, what: string, fix = ""): Finding {
  return { id, severity: "note", what, fix };
}

/** Finds a private file that other users may read or write, or a folder that they may change. */
export function* checkMode(id: string, at: Located, kind: "file" | "folder" = "file") {
  if (!("mode" in at) || at.mode === undefined || at.state !== kind) return;
  const [forbidden, right, fault] = kind === "file"
    ? [0o077, 600, `${at.path} is open to other users`]
    : [0o022, 700, `other users can change ${at.path}`];
  const mode = at.mode.toString(8).padStart(4, "0");
  if ((at.mode & forbidden) === 0) return;
  yield problem(id, `${fault} (mode ${mode})`, `chmod ${right} ${at.path}`);
}

/** Finds a file that cannot be read, and says what follows from it. */
export function* checkReadable(id: string, file: Located, effect: string, fix = "move it away") {
  if (file.state !== "folder" && file.state !== "unreadable") return;
  const why = file.state === "folder" ? "it is a folder" : file.code;
  const isDenied = why === "EACCES" || why === "EPERM";
  const what = `${file.path} cannot be read (${why})${effect}`;
  yield problem(id, what, isDenied ? `as its owner: chmod 600 ${file.path}` : fix);
}
