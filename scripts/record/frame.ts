/** What a terminal showed at one moment. */
export interface Frame {
  /** How long it is shown. */
  readonly milliseconds: number;
  readonly rows: readonly (readonly Cell[])[];
  readonly cursor?: { readonly column: number; readonly row: number };
}

/** One character on the screen. */
export interface Cell {
  readonly text: string;
  /** In columns: 1, or 2. */
  readonly width: number;
  readonly style: Style;
}

/** How a character looks; a colour is a number of the palette or `#rrggbb`. */
export interface Style {
  readonly foreground?: number | string;
  readonly background?: number | string;
  readonly bold?: true;
  readonly dim?: true;
  readonly italic?: true;
  readonly underline?: true;
}

/** The same frame with another text for one; what follows it keeps its column. */
export function withText(frame: Frame, from: string, to: string): Frame {
  return { ...frame, rows: frame.rows.map((row) => rowWithText(row, from, to)) };
}

function rowWithText(row: readonly Cell[], from: string, to: string): readonly Cell[] {
  const at = row.map(({ text }) => text).join("").indexOf(from);
  const first = row[at];
  if (first === undefined) return row;
  const end = row.findIndex(({ text }, index) => index >= at + from.length && text === " ");
  const rest = end === -1 ? row.length : end;
  const put = [...to].map((text) => ({ ...first, text }));
  const pad = Array.from({ length: from.length - put.length }, () => ({ ...first, text: " " }));
  return [
    ...row.slice(0, at),
    ...put,
    ...row.slice(at + from.length, rest),
    ...pad,
    ...row.slice(rest),
  ];
}
