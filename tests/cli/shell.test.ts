import { stripVTControlCharacters } from "node:util";
import { describe, expect, test } from "vitest";
import { type ColorChoice, openShell, type Shell } from "../../src/cli/shell.ts";
import { type FakeTerminal, type FakeTerminalOptions, fakeTerminal, onScreen } from "./terminal.ts";

interface Settings extends FakeTerminalOptions {
  readonly color?: ColorChoice;
  readonly verbosity?: number;
  readonly messageFormat?: "human" | "json";
}

function open({ color = "never", verbosity = 0, messageFormat = "human", ...terminal }: Settings = {}): {
  shell: Shell;
  terminal: FakeTerminal;
} {
  const fake = fakeTerminal(terminal);
  return { shell: openShell(fake, { color, verbosity, messageFormat }), terminal: fake };
}

/** Draws until the bar's minimum pause is over. */
async function draw(shell: Shell, done: number, of: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 60));
  shell.progress("Filling", done, of);
}

describe("a status line", () => {
  test("has its verb at the right of 12 columns, as cargo's", () => {
    const { shell, terminal } = open();
    shell.status("Filled", "3 crates");
    shell.status("Downloaded", "1 crate");
    expect(terminal.err()).toBe("      Filled 3 crates\n  Downloaded 1 crate\n");
    expect(terminal.out()).toBe("");
  });

  test("is hidden when quiet and in JSON; warnings and results are not", () => {
    for (const settings of [{ verbosity: -1 }, { messageFormat: "json" as const }]) {
      const { shell, terminal } = open(settings);
      shell.status("Filled", "3 crates");
      expect(terminal.err()).toBe("");
      shell.warn("careful");
      expect(terminal.err()).toContain("careful");
      shell.print("result\n");
      expect(terminal.out()).toBe("result\n");
    }
  });
});

describe("colour", () => {
  test.each<[string, Settings, boolean]>([
    ["always, on no terminal", { color: "always", isTTY: false }, true],
    ["never, on a terminal", { color: "never" }, false],
    ["auto, on a terminal", { color: "auto" }, true],
    ["auto, on no terminal", { color: "auto", isTTY: false }, false],
    ["auto, NO_COLOR", { color: "auto", env: { NO_COLOR: "1" } }, false],
    ["auto, an empty NO_COLOR", { color: "auto", env: { NO_COLOR: "" } }, true],
    ["always, NO_COLOR", { color: "always", env: { NO_COLOR: "1" } }, true],
    [
      "auto, CARGO_TERM_COLOR=always on no terminal",
      { color: "auto", isTTY: false, env: { CARGO_TERM_COLOR: "always" } },
      true,
    ],
    ["auto, CARGO_TERM_COLOR=never", { color: "auto", env: { CARGO_TERM_COLOR: "never" } }, false],
    ["auto, CARGO_TERM_COLOR=auto", { color: "auto", env: { CARGO_TERM_COLOR: "auto" } }, true],
    ["auto, a dumb terminal", { color: "auto", env: { TERM: "dumb" } }, false],
  ])("%s", (_story, settings, colored) => {
    const { shell, terminal } = open(settings);
    shell.status("Filled", "3 crates");
    shell.warn("careful");
    expect(terminal.err().includes("\u001b[")).toBe(colored);
    expect(stripVTControlCharacters(terminal.err())).toBe("      Filled 3 crates\nwarning: careful\n");
    expect(shell.paint("bad", "x") !== "x").toBe(colored);
  });

  test("is green for a status and yellow for a warning, and ends where it began", () => {
    const { shell, terminal } = open({ color: "always" });
    shell.status("Filled", "3 crates");
    shell.warn("careful");
    expect(terminal.err()).toBe(
      "\u001b[1m\u001b[92m      Filled\u001b[39m\u001b[22m 3 crates\n\u001b[1m\u001b[33mwarning\u001b[39m\u001b[22m\u001b[1m:\u001b[22m careful\n",
    );
  });
});

describe("in JSON", () => {
  test("every message is one line on stderr", () => {
    const { shell, terminal } = open({ messageFormat: "json" });
    shell.json({ reason: "installed", name: "a\nb" });
    shell.warn("careful");
    shell.progress("Filling", 1, 2);
    const lines = terminal.err().trimEnd().split("\n");
    expect(lines.map((line): unknown => JSON.parse(line))).toEqual([
      { reason: "installed", name: "a\nb" },
      { reason: "warning", message: "careful" },
    ]);
  });

  test("messages are not for people", () => {
    const { shell, terminal } = open();
    shell.json({ reason: "installed" });
    expect(terminal.err()).toBe("");
  });
});

describe("the progress bar", () => {
  test.each([
    { columns: 80, done: 0, of: 10, bar: "     Filling [                                                  ] 0/10" },
    { columns: 80, done: 5, of: 10, bar: "     Filling [========================>                         ] 5/10" },
    { columns: 80, done: 10, of: 10, bar: "     Filling [==================================================] 10/10" },
    {
      columns: 80,
      done: 400,
      of: 800,
      bar: "     Filling [========================>                         ] 400/800",
    },
    { columns: 200, done: 1, of: 100, bar: "     Filling [                                                  ] 1/100" },
    { columns: 40, done: 5, of: 10, bar: "     Filling [========>          ] 5/10" },
    { columns: 40, done: 400, of: 800, bar: "     Filling [=======>        ] 400/800" },
    { columns: 30, done: 5, of: 10, bar: "     Filling [===>     ] 5/10" },
    { columns: 25, done: 5, of: 10, bar: "     Filling 5/10" },
  ])("on $columns columns at $done of $of is as long as fits", async ({ columns, done, of, bar }) => {
    const { shell, terminal } = open({ columns });
    await draw(shell, done, of);
    expect(onScreen(terminal.err())).toEqual([bar]);
    expect(bar.length).toBeLessThan(columns);
  });

  test("is one line that is drawn over, makes room for status lines and goes in the end", async () => {
    const { shell, terminal } = open();
    await draw(shell, 1, 4);
    await draw(shell, 3, 4);
    expect(onScreen(terminal.err())).toHaveLength(1);
    shell.status("Removing", "a v1.0.0");
    expect(onScreen(terminal.err())).toEqual(["    Removing a v1.0.0", ""]);
    await draw(shell, 4, 4);
    shell.clearProgress();
    expect(onScreen(terminal.err())).toEqual(["    Removing a v1.0.0", ""]);
  });

  test("is not drawn more often than people can see", async () => {
    const { shell, terminal } = open();
    await draw(shell, 1, 1000);
    const once = terminal.err();
    for (let done = 2; done < 1000; done += 1) shell.progress("Filling", done, 1000);
    expect(terminal.err().length).toBeLessThan(once.length * 20);
  });

  test.each<[string, Settings]>([
    ["not a terminal", { isTTY: false }],
    ["quiet", { verbosity: -1 }],
    ["in JSON", { messageFormat: "json" }],
    ["in CI", { env: { CI: "true" } }],
    ["on a dumb terminal", { env: { TERM: "dumb" } }],
  ])("is not there when %s", async (_story, settings) => {
    const { shell, terminal } = open(settings);
    await draw(shell, 1, 2);
    shell.clearProgress();
    expect(terminal.err()).toBe("");
  });
});
