/**
 * Records the README's picture: a login and a question in the real opencode, against a fake Kimi on
 * this machine. svg-term-cli draws it.
 */
import { fromFileUrl, join } from "@std/path";
import { environment, openOpencode } from "../../tests/support/opencode/opencode.ts";
import { installTool, opencodeProgram } from "../../tests/support/tools.ts";
import { type FakeKimi, startFakeKimi, TOKEN_MARKER } from "../../tests/support/fake/kimi.ts";
import { buildNpm } from "../build_npm.ts";
import { run } from "../shared/run.ts";
import { write } from "../shared/write.ts";
import { openTerminal, type Terminal } from "./terminal.ts";

const PICTURE = fromFileUrl(new URL("../../.github/session.svg", import.meta.url));
const VERSION = "1.18.33";
const NAME = "opencode-kimi-full";
const MAX_BYTES = 150_000;
const SVG_TERM = "2.1.1";

const CAPTION = {
  title: "opencode-kimi-full in opencode",
  description:
    "A terminal: opencode.json names the plugin. opencode auth login shows a URL and a " +
    "code, then that the login was successful. In opencode, Kimi is asked a question, thinks, runs " +
    "a shell command, and answers.",
};

/** svg-term's background, and opencode's. */
const [GREY, BLACK] = ["rgb(40,45,53)", "rgb(10,10,10)"];

const CONFIG = `{
  "$schema": "https://opencode.ai/config.json",
  "plugin": ["${NAME}"]
}
`;
const PROGRAM = 'name="${1:-world}"\necho "Hello, $name!"\n';
const QUESTION = "What does hello.sh print for Kimi?";

/** The answers of the fake. */
const ANSWERS = [
  {
    reasoning: "It is a shell script: the quickest way to know is to run it with that argument.",
    text: "I will run it.",
    toolCalls: [{
      name: "bash",
      arguments: '{"command":"sh hello.sh Kimi","description":"Runs hello.sh for Kimi"}',
    }],
  },
  { text: "It prints `Hello, Kimi!` The name is its first argument, and `world` without one." },
];

async function record(): Promise<string> {
  await using kimi = await startFakeKimi({
    deviceInterval: 1,
    autoAuthorizeAfterPolls: 4,
    stream: { delay: 80 },
  });
  const config = { plugin: [NAME] };
  await using opencode = await openOpencode({ version: VERSION, config, kimi });
  const { home } = opencode;
  await Deno.writeTextFile(join(home, ".config/opencode/opencode.json"), CONFIG);
  await Deno.writeTextFile(join(home, "project/hello.sh"), PROGRAM);
  // opencode looks here before it asks a registry.
  await buildNpm(join(home, `.cache/opencode/packages/${NAME}@latest/node_modules/${NAME}`));
  const bin = join(home, "bin");
  await Deno.mkdir(bin);
  await Deno.symlink(await opencodeProgram(VERSION), join(bin, "opencode"));
  // The first start creates opencode's database, and reports it.
  await opencode.models();
  const given = environment(home, { kimi });
  await using terminal = await openTerminal({
    columns: 100,
    rows: 28,
    program: "sh",
    cwd: join(home, "project"),
    env: {
      ...given,
      PATH: `${bin}:${given.PATH}`,
      PS1: "\x1b[32m$\x1b[0m ",
      LANG: "C.UTF-8",
      TERM: "xterm-256color",
      COLORTERM: "truecolor",
    },
  });
  await play(terminal, kimi);
  // opencode prints the path of the folder; the line keeps its width.
  const folder = join(home, "project");
  return terminal.cast().replaceAll(folder, "~/project".padEnd(folder.length));
}

async function play(terminal: Terminal, kimi: FakeKimi): Promise<void> {
  const { press, show, type, until } = terminal;
  const enter = async (line: string) => {
    await type(line);
    show(400);
    press("\r");
  };
  const passing = async (pattern: RegExp, milliseconds: number) => {
    await until(pattern, { moving: true });
    show(milliseconds);
  };
  await until(/\$ $/m);
  show(600);
  await enter("cat ~/.config/opencode/opencode.json");
  await until(/plugin[\s\S]+\$ $/m);
  show(1_800);
  await enter('opencode auth login -p kimi-for-coding-oauth -m "Kimi account (kimi.com)"');
  await passing(/Go to[\s\S]+(?:Waiting|Done)/, 3_500);
  await until(/Done[\s\S]+\$ $/m);
  show(1_800);
  press("clear\r");
  await until(/^\$ \s*$/);
  await enter("opencode -m kimi-for-coding-oauth/kimi-for-coding");
  await until(/Ask anything[\s\S]+commands/);
  show(1_500);
  kimi.settings.answers.push(...ANSWERS);
  await enter(QUESTION);
  // On a busy machine some of these have passed before they are looked for.
  for (const turns of ["⠋⠙⠹", "⠸⠼⠴", "⠦⠧⠇⠏"]) {
    await passing(new RegExp(`[${turns}] Thinking|Thought`), 350);
  }
  await passing(/I will run it/, 700);
  await passing(/Hello, Kimi!\s+┃/, 1_200);
  await until(/is its first argument[\s\S]+Build · Kimi for Coding · /);
  show(8_000);
}

/** Draws a cast; adds a caption, and the last frame for those who want no motion. */
async function draw(cast: string): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "kimi-record-" });
  try {
    const [input, output] = [join(folder, "session.cast"), join(folder, "session.svg")];
    await Deno.writeTextFile(input, cast);
    const tool = join(await installTool(`svg-term-cli@${SVG_TERM}`), "node_modules/svg-term-cli");
    // Its optimizer removes the spaces at the ends of a text.
    const how = ["--no-optimize", "--in", input, "--out", output];
    await run("node", [join(tool, "lib/cli.js"), ...how]);
    const svg = await Deno.readTextFile(output);
    const last = svg.match(/translateX\([^)]+\)/g)?.at(-1);
    const still = "@media(prefers-reduced-motion:reduce)" +
      `{g>g{animation:none!important;transform:${last}}}</style>`;
    return svg.replaceAll(/ xmlns(?::xlink)?="[^"]*"/g, "")
      .replaceAll("xlink:href", "href").replaceAll(GREY, BLACK).replace("</style>", still)
      .replaceAll(/\d+\.\d{4,}/g, (number) => Number(number).toFixed(3))
      .replace(
        /<svg width="(\S+)" height="(\S+)">/,
        (_, width, height) =>
          `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" ` +
          `width="${width}" height="${height}" role="img" xml:space="preserve">` +
          `<title>${CAPTION.title}</title><desc>${CAPTION.description}</desc>`,
      );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

if (import.meta.main) {
  const svg = await draw(await record());
  const size = new TextEncoder().encode(svg).length;
  if (size > MAX_BYTES) throw new Error(`The picture has ${size} bytes, more than ${MAX_BYTES}`);
  if (svg.includes(TOKEN_MARKER)) throw new Error("The picture shows a token");
  await Deno.writeTextFile(PICTURE, svg);
  write(`${PICTURE}: ${size} bytes\n`);
  Deno.exit(0);
}
