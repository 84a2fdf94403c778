/**
 * Records what a user sees from the plugin's line to the first answer, in a real opencode against a
 * fake Kimi on this machine, as an animated SVG.
 *
 * @module
 */
import { fromFileUrl, join } from "@std/path";
import { environment, openOpencode } from "../tests/support/opencode/opencode.ts";
import { opencodeProgram } from "../tests/support/tools.ts";
import { type FakeKimi, startFakeKimi, TOKEN_MARKER } from "../tests/support/fake/kimi.ts";
import { buildNpm } from "./build_npm.ts";
import { type Frame, withText } from "./record/frame.ts";
import { svgOf } from "./record/svg.ts";
import { openTerminal, type Terminal } from "./record/terminal.ts";

const PICTURE = fromFileUrl(new URL("../.github/session.svg", import.meta.url));
const VERSION = "1.18.33";
const NAME = "opencode-kimi-full";
const MAX_BYTES = 150_000;

const CAPTION = {
  title: "opencode-kimi-full in opencode",
  description: "A terminal: opencode.json holds one line, the plugin's name. opencode auth login " +
    "shows a URL and a code, and says that the login was successful. In opencode a question is " +
    "asked, the model thinks, runs a shell command, and answers.",
};

const CONFIG = `{
  "$schema": "https://opencode.ai/config.json",
  "plugin": ["${NAME}"]
}
`;
const PROGRAM = 'name="${1:-world}"\necho "Hello, $name!"\n';
const QUESTION = "What does hello.sh print for Kimi?";

/** What the fake says to the question. */
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

async function record(): Promise<readonly Frame[]> {
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
  // Where opencode keeps what it installed by a bare name; it then asks no registry.
  await buildNpm(join(home, `.cache/opencode/packages/${NAME}@latest/node_modules/${NAME}`));
  const bin = join(home, "bin");
  await Deno.mkdir(bin);
  await Deno.symlink(await opencodeProgram(VERSION), join(bin, "opencode"));
  // The first start makes opencode's database, which nobody needs to see.
  await opencode.models();
  const given = environment(home, { kimi });
  await using terminal = await openTerminal({
    columns: 100,
    rows: 28,
    program: "sh",
    args: [],
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
  return terminal.frames.map((frame) => withText(frame, home, "~"));
}

async function play(terminal: Terminal, kimi: FakeKimi): Promise<void> {
  const { press, take, type, until } = terminal;
  const enter = async (line: string) => {
    await type(line);
    take(400);
    press("\r");
  };
  const passing = async (pattern: RegExp, milliseconds: number) => {
    await until(pattern, { moving: true });
    take(milliseconds);
  };
  await until(/\$ $/m);
  take(600);
  await enter("cat ~/.config/opencode/opencode.json");
  await until(/plugin[\s\S]+\$ $/m);
  take(1_800);
  await enter('opencode auth login -p kimi-for-coding-oauth -m "Kimi account (kimi.com)"');
  await passing(/Go to[\s\S]+(?:Waiting|Done)/, 3_500);
  await until(/Done[\s\S]+\$ $/m);
  take(1_800);
  press("clear\r");
  await until(/^\$ \s*$/);
  await enter("opencode -m kimi-for-coding-oauth/kimi-for-coding");
  await until(/Ask anything[\s\S]+commands/);
  take(1_500);
  kimi.settings.answers.push(...ANSWERS);
  await enter(QUESTION);
  // On a machine that is busy some of these are over before they are looked for.
  for (const turns of ["⠋⠙⠹", "⠸⠼⠴", "⠦⠧⠇⠏"]) {
    await passing(new RegExp(`[${turns}] Thinking|Thought`), 350);
  }
  await passing(/I will run it/, 700);
  await passing(/Hello, Kimi!\s+┃/, 1_200);
  await until(/is its first argument[\s\S]+Build · Kimi For Coding · /);
  take(8_000);
}

if (import.meta.main) {
  const svg = svgOf(await record(), CAPTION);
  const size = new TextEncoder().encode(svg).length;
  if (size > MAX_BYTES) throw new Error(`The picture has ${size} bytes, more than ${MAX_BYTES}`);
  if (svg.includes(TOKEN_MARKER)) throw new Error("A token stands in the picture");
  await Deno.mkdir(join(PICTURE, ".."), { recursive: true });
  await Deno.writeTextFile(PICTURE, svg);
  await Deno.stdout.write(new TextEncoder().encode(`${PICTURE}: ${size} bytes\n`));
  Deno.exit(0);
}
