import { expect, test } from "vitest";
import type { CredentialProvider } from "../../src/cargo/index.ts";
import { errorOf } from "./open-client.ts";
import {
  credentials,
  type ProgramPlace,
  privateWorld,
  programPlace,
  speaking,
  TOKEN,
  withToken,
} from "./provider-world.ts";
import { world } from "./worlds.ts";

const patient = { noticeMs: 60_000, stopMs: 60_000, holdMs: 60_000 };

function pluginAt(place: ProgramPlace, script: string, args: readonly string[] = []): CredentialProvider {
  return { kind: "plugin", program: place.program("plugin", script), args };
}

function printer(place: ProgramPlace, script: string, args: readonly string[] = []): CredentialProvider {
  return { kind: "token-from-stdout", command: [place.program("print", script), ...args] };
}

test("a plugin is told who asked, by what headers, and its arguments", async () => {
  const place = programPlace();
  const plugin = pluginAt(place, speaking(withToken(), 'echo "$# $1" >> "$SEEN"\nprintf "%s\\n" "$line" >> "$SEEN"'), [
    "a b",
    "",
  ]);
  const { registry, client } = await privateWorld(credentials([plugin]));
  await client.index(registry.url, "lab");
  const [how, question = ""] = place.seen().split("\n");
  expect(how).toBe("1 --cargo-plugin");
  expect(JSON.parse(question)).toEqual({
    v: 1,
    registry: {
      "index-url": `sparse+${registry.url}`,
      name: "lab",
      headers: expect.arrayContaining(['www-authenticate: Cargo login_url="https://login.example/"']),
    },
    kind: "get",
    operation: "read",
    args: ["a b", ""],
  });
});

test("a program that prints the token is told the registry, and no shell reads its arguments", async () => {
  const place = programPlace();
  const script = `printf '%s|' "$@" "$CARGO_REGISTRY_INDEX_URL" "$CARGO_REGISTRY_NAME_OPT" > "$SEEN"\necho ${TOKEN}`;
  const { registry, client } = await privateWorld(credentials([printer(place, script, ["$(id); {index_url}", "*"])]));
  await client.config(registry.url);
  const index = `sparse+${registry.url}`;
  expect(place.seen()).toBe(`$(id); ${index}|*|${index}|lab|`);
});

test("a token is asked for once, however many want it", async () => {
  const place = programPlace();
  const { registry, client } = await privateWorld(
    credentials([printer(place, `echo x >> "$SEEN"\nsleep 0.1\necho ${TOKEN}`)]),
  );
  await Promise.all(Array.from({ length: 20 }, () => client.index(registry.url, "lab")));
  expect(place.seen()).toBe("x\n");
});

test("a token that may not be kept is asked for each time, and one after the other", async () => {
  const place = programPlace();
  const before =
    '[ -e "$SEEN.running" ] && echo overlap >> "$SEEN"\ntouch "$SEEN.running"\nsleep 0.02\nrm "$SEEN.running"\necho x >> "$SEEN"';
  const { registry, client } = await privateWorld(
    credentials([pluginAt(place, speaking(withToken('"cache":"never"'), before))]),
  );
  await Promise.all(Array.from({ length: 4 }, () => client.index(registry.url, "lab")));
  expect(place.seen()).toBe("x\n".repeat(5));
});

test("programs of two registries do not run at the same time", async () => {
  const place = programPlace();
  const script = `[ -e "$SEEN.running" ] && echo overlap >> "$SEEN"\ntouch "$SEEN.running"\nsleep 0.05\nrm "$SEEN.running"\necho x >> "$SEEN"\necho ${TOKEN}`;
  const { registry, client } = await privateWorld(credentials([printer(place, script)]));
  const { registry: other } = await world({ token: TOKEN, config: { "auth-required": true } });
  await Promise.all([client.config(registry.url), client.config(other.url)]);
  expect(place.seen()).toBe("x\nx\n");
});

/** What a plugin does instead of answering, and a word of the error. */
const failures: Readonly<Record<string, readonly [script: string, says: RegExp]>> = {
  "ends at once": ["exit 0", /without an answer/],
  "ends with an error": [`${speaking(withToken())}\nexit 3`, /exit code 3/],
  "is killed": ["kill -9 $$", /SIGKILL/],
  "greets badly": [`echo ${TOKEN}`, /does not begin/],
  "speaks another version": ["echo '{\"v\":[2]}'\nread -r line", /versions \[2\]/],
  "answers badly": [speaking(TOKEN), /not one of cargo's/],
  "does not know the operation": [speaking('{"Err":{"kind":"operation-not-supported"}}'), /does not support/],
  "says why": [
    speaking('{"Err":{"kind":"other","message":"vault sealed","caused-by":["no key"]}}'),
    /vault sealed: no key/,
  ],
  "never stops": ["yes", /does not begin/],
  "never stops a line": ["head -c 100000 /dev/zero | tr '\\0' x\nsleep 60", /more than a token/],
};

test.each(Object.entries(failures))(
  "a plugin that %s is an error that shows no token",
  async (_what, [script, says]) => {
    const { registry, client } = await privateWorld(credentials([pluginAt(programPlace(), script)]));
    const error = await errorOf(client.config(registry.url));
    expect(error.code).toBe("registry/provider-failed");
    expect(error.what).toMatch(says);
    expect(JSON.stringify([error, client.events])).not.toContain("0123456789");
  },
);

const silent: Readonly<Record<string, readonly [script: string, says: RegExp]>> = {
  "prints two lines": [`echo ${TOKEN}\necho more`, /more than one line/],
  "fails after the token": [`echo ${TOKEN}\nexit 1`, /exit code 1/],
  "prints bytes": ["printf '\\377'", /not UTF-8/],
  "prints for ever": [`yes ${TOKEN}`, /more than a token/],
};

test.each(Object.entries(silent))(
  "a program that %s is an error that shows no token",
  async (_what, [script, says]) => {
    const { registry, client } = await privateWorld(credentials([printer(programPlace(), script)]));
    const error = await errorOf(client.config(registry.url));
    expect(error.code).toBe("registry/provider-failed");
    expect(error.what).toMatch(says);
    expect(JSON.stringify([error, client.events])).not.toContain("0123456789");
  },
);

test("a program that is not there or may not be run is an error", async () => {
  for (const provider of [
    { kind: "plugin", program: "/nowhere/plugin", args: [] },
    { kind: "plugin", program: "", args: [] },
    { kind: "plugin", program: "/etc/passwd", args: [] },
    { kind: "token-from-stdout", command: ["no-such-program-anywhere"] },
    { kind: "token-from-stdout", command: [] },
  ] as const) {
    const { registry, client } = await privateWorld(credentials([provider]));
    expect((await errorOf(client.config(registry.url))).code).toBe("registry/provider-failed");
  }
});

test("after a failure nobody else is asked, after «not found» the next one", async () => {
  const place = programPlace();
  const broken = pluginAt(place, speaking('{"Err":{"kind":"other","message":"broken"}}'));
  const stored = { plainToken: TOKEN };
  const first = await privateWorld(credentials([broken, { kind: "token" }], stored));
  expect((await errorOf(first.client.config(first.registry.url))).code).toBe("registry/provider-failed");
  for (const kind of ["not-found", "url-not-supported"]) {
    const none = pluginAt(programPlace(), speaking(`{"Err":{"kind":"${kind}"}}`));
    const { registry, client } = await privateWorld(credentials([none, { kind: "token" }], stored));
    expect((await client.config(registry.url)).authRequired).toBe(true);
    expect(client.events.filter(({ kind: what }) => what === "credential")).toHaveLength(2);
  }
});

test("who takes long is named, and stopped in the end", async () => {
  const times = { noticeMs: 20, stopMs: 300, holdMs: 60_000 };
  const place = programPlace();
  const { registry, client } = await privateWorld(
    credentials([printer(place, 'echo $$ > "$SEEN"\nexec sleep 60')]),
    {},
    { providerTimes: times },
  );
  const error = await errorOf(client.config(registry.url));
  expect(error).toMatchObject({ code: "registry/provider-failed", what: expect.stringContaining("in time") });
  expect(client.events).toContainEqual({ kind: "provider-waits", provider: expect.stringContaining("print") });
  await expect.poll(() => isRunning(Number(place.seen()))).toBe(false);
});

test("closing the client stops a program that runs", async () => {
  const place = programPlace();
  const { registry, client } = await privateWorld(credentials([printer(place, 'echo $$ > "$SEEN"\nexec sleep 60')]));
  const asked = errorOf(client.config(registry.url));
  await expect.poll(() => place.seen()).not.toBe("");
  await client.close();
  expect((await asked).code).toBe("registry/provider-failed");
  await expect.poll(() => isRunning(Number(place.seen()))).toBe(false);
});

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test("what a program says is told when it is done, without the token", async () => {
  const script = `set -x\necho "in a trace" >&2\necho ${TOKEN}`;
  const { registry, client } = await privateWorld(
    credentials([printer(programPlace(), script)]),
    {},
    { providerTimes: patient },
  );
  await client.config(registry.url);
  const said = client.events.find(({ kind }) => kind === "provider-said");
  expect(said).toMatchObject({
    provider: expect.stringContaining("print"),
    text: expect.stringContaining("in a trace"),
  });
  expect(JSON.stringify(client.events)).not.toContain("0123456789");
});

test("a question to a person is told while the program waits", async () => {
  const place = programPlace();
  const script = `echo "touch your key" >&2\nwhile [ ! -e "$SEEN" ]; do sleep 0.02; done\necho ${TOKEN}`;
  const times = { ...patient, holdMs: 10 };
  const { registry, client } = await privateWorld(credentials([printer(place, script)]), {}, { providerTimes: times });
  const asked = client.config(registry.url);
  await expect.poll(() => client.events.some(({ kind }) => kind === "provider-said")).toBe(true);
  place.program("seen", "");
  expect((await asked).authRequired).toBe(true);
});

test("a program that says very much is not listened to for ever", async () => {
  const script = `head -c 300000 /dev/zero | tr '\\0' x >&2\necho ${TOKEN}`;
  const { registry, client } = await privateWorld(credentials([printer(programPlace(), script)]));
  await client.config(registry.url);
  const said = client.events.flatMap((event) => (event.kind === "provider-said" ? [event.text] : []));
  expect(said.join("").length).toBeLessThanOrEqual(64 * 1024);
});

test("what a program started may live on without holding us up", async () => {
  const script = `${speaking(withToken())}\nsleep 5 &`;
  const { registry, client } = await privateWorld(credentials([pluginAt(programPlace(), script)]));
  const started = performance.now();
  await client.config(registry.url);
  expect(performance.now() - started).toBeLessThan(4000);
});

test("nothing is run while offline", async () => {
  const place = programPlace();
  const { registry, client } = await privateWorld(
    credentials([printer(place, 'echo x > "$SEEN"')]),
    {},
    { offline: true },
  );
  expect((await errorOf(client.config(registry.url))).code).toBe("registry/offline");
  expect(place.seen()).toBe("");
});
