/** The text of an HTML page, for a model. */

/** Elements whose content is not text of the page. */
const HIDDEN = new Set(
  "script style noscript template iframe svg object head title textarea select".split(" "),
);

/** Elements that stand within a line; all others begin one. */
const INLINE = new Set(
  ("a abbr b bdi bdo button cite code data del dfn em font i ins kbd label mark q s samp small span " +
    "strong sub sup time tt u var wbr").split(" "),
);

const NAMED: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
  nbsp: " ",
};

/** Makes plain text of HTML: the title, then the lines of the page, without scripts, styles and tags. */
export function htmlText(html: string): string {
  const [, title = ""] = /<title\b[^<>]*>([^<]*)/i.exec(html) ?? [];
  const lines = [title, ...withoutTags(html).split("\n")];
  return lines.map((line) => decoded(line).replace(/\s+/g, " ").trim())
    .filter((line) => line !== "").join("\n");
}

/** What stands between the tags, in one pass: pages of other people must not take long. */
function withoutTags(html: string): string {
  const lower = html.toLowerCase();
  const tag = /<(\/?)([a-z][\w:-]*)/y;
  const texts: string[] = [];
  let from = 0;
  for (let at = html.indexOf("<"); at !== -1; at = html.indexOf("<", from)) {
    texts.push(oneLine(html.slice(from, at)));
    tag.lastIndex = at;
    const [, slash, name = ""] = tag.exec(lower) ?? [];
    if (name === "" && !/[!?/]/.test(html.charAt(at + 1))) {
      texts.push("<");
      from = at + 1;
      continue;
    }
    const isComment = html.startsWith("<!--", at);
    const end = isComment ? html.indexOf("-->", at + 4) : html.indexOf(">", at);
    if (end === -1) return texts.join("");
    from = end + (isComment ? 3 : 1);
    if (!INLINE.has(name) && name !== "") texts.push("\n");
    if (slash === "" && HIDDEN.has(name)) from = lower.indexOf(`</${name}`, from);
    if (from === -1) return texts.join("");
  }
  return texts.join("") + oneLine(html.slice(from));
}

/** A line break in HTML is a space. */
function oneLine(text: string): string {
  return text.replaceAll("\n", " ");
}

function decoded(text: string): string {
  return text.replace(
    /&(?:#(\d{1,7})|#x([\da-f]{1,6})|([a-z]{2,6}));/gi,
    (whole, dec, hex, name) => {
      if (name !== undefined) return NAMED[String(name).toLowerCase()] ?? whole;
      const code = dec === undefined ? parseInt(hex, 16) : Number(dec);
      return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
    },
  );
}
