import { expect, test } from "vitest";
import { plainText } from "../../src/cli/plain-text.ts";
import { jsonDocument } from "../../src/cli/render.ts";
import { openShell } from "../../src/cli/shell.ts";
import { fakeTerminal } from "./terminal.ts";

test.each([
  ["as it is: é 🦀 \t and\na second line", "as it is: é 🦀 \t and\na second line"],
  ["\u001b]0;title\u0007red\u001b[31m", "\\u001b]0;title\\u0007red\\u001b[31m"],
  ["over\rwritten\u009b2K\u007f", "over\\u000dwritten\\u009b2K\\u007f"],
  ["gnp.\u202eexe", "gnp.\\u202eexe"],
  ["git+https://me:secret@h.example/x?tag=v1", "git+https://h.example/x?tag=v1"],
])("%j is shown as %j", (text, shown) => {
  expect(plainText(text)).toBe(shown);
});

const url = "https://me:secret@h.example/x";

test("no form of output shows a URL's password or obeys what a name holds", () => {
  for (const messageFormat of ["human", "json"] as const) {
    const terminal = fakeTerminal({});
    const shell = openShell(terminal, { color: "never", verbosity: 0, messageFormat });
    shell.status("Updating", `${url}\u001b[2J`);
    shell.warn(`${url}\u001b[2J`);
    shell.json({ reason: "updating", registry: url, more: [{ url }] });
    expect(terminal.err()).toContain("https://h.example/x");
    expect(terminal.err()).not.toContain("secret");
    expect(terminal.err()).not.toContain("\u001b");
  }
  expect(JSON.parse(jsonDocument({ repositories: [{ url }] }))).toEqual({
    repositories: [{ url: "https://h.example/x" }],
  });
});
