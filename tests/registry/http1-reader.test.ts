import { array, assert, constantFrom, integer, property, record, uint8Array } from "fast-check";
import { expect, test } from "vitest";
import { Http1Reader, Http1SyntaxError } from "../../src/registry/http1-reader.ts";

interface Seen {
  status: number;
  headers: Readonly<Record<string, string>>;
  body: string;
  isOver: boolean;
}

/** Reads a whole connection, cut into the pieces given, and tells what came. */
function read(
  pieces: readonly Buffer[],
  expected = 1,
): { seen: Seen[]; unused: number; isReusable: boolean; endsWell: boolean } {
  const seen: Seen[] = [];
  const reader = new Http1Reader({
    head: ({ status, headers }) => void seen.push({ status, headers, body: "", isOver: false }),
    data: (chunk) => {
      const last = seen.at(-1);
      if (last !== undefined) last.body += Buffer.from(chunk).toString("latin1");
    },
    end: () => {
      const last = seen.at(-1);
      if (last !== undefined) last.isOver = true;
      if (seen.length < expected) reader.expectResponse();
    },
  });
  reader.expectResponse();
  let unused = 0;
  for (const piece of pieces) unused += piece.length - reader.push(piece);
  const { isReusable } = reader;
  return { seen, unused, isReusable, endsWell: reader.close() };
}

const bytes = (text: string): Buffer => Buffer.from(text, "latin1");

test("a response with a length ends there, and the connection may be kept", () => {
  const result = read([bytes('HTTP/1.1 200 OK\r\nContent-Length: 3\r\nETag: "a"\r\nX: 1\r\nX: 2\r\n\r\nabc')]);
  expect(result.seen).toEqual([
    { status: 200, headers: { "content-length": "3", etag: '"a"', x: "1" }, body: "abc", isOver: true },
  ]);
  expect(result).toMatchObject({ unused: 0, isReusable: true, endsWell: true });
});

test("of a repeated header the first value counts, but every challenge", () => {
  const challenges = 'www-authenticate: Basic realm="x"\r\nWWW-Authenticate: Cargo login_url="https://login.example/"';
  const [seen] = read([bytes(`HTTP/1.1 401 No\r\n${challenges}\r\ncontent-length: 0\r\n\r\n`)]).seen;
  expect(seen?.headers["www-authenticate"]).toBe('Basic realm="x", Cargo login_url="https://login.example/"');
});

test.each([
  ["close is said", "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n", false],
  ["HTTP/1.0 without keep-alive", "HTTP/1.0 200 OK\r\ncontent-length: 0\r\n\r\n", false],
  ["HTTP/1.0 with keep-alive", "HTTP/1.0 200 OK\r\nconnection: keep-alive\r\ncontent-length: 0\r\n\r\n", true],
  [
    "both ways to tell the length",
    "HTTP/1.1 200 OK\r\ncontent-length: 9\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
    false,
  ],
])("whether the connection is kept when %s", (_what, text, isReusable) => {
  expect(read([bytes(text)])).toMatchObject({ isReusable, endsWell: true });
});

test("a body without length ends with the connection", () => {
  const result = read([bytes("HTTP/1.1 200 OK\r\n\r\nabc"), bytes("def")]);
  expect(result).toMatchObject({ isReusable: false, endsWell: true });
  expect(result.seen[0]?.body).toBe("abcdef");
});

test("304 and 204 have no body, whatever their headers say; 1xx are passed over", () => {
  const text = "HTTP/1.1 103 Early\r\nlink: x\r\n\r\nHTTP/1.1 304 Not Modified\r\ncontent-length: 50\r\n\r\n";
  expect(read([bytes(text)]).seen).toMatchObject([{ status: 304, body: "", isOver: true }]);
});

test("bytes after the response are left, not read as another one", () => {
  expect(read([bytes("HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\naHTTP/1.1 200 OK\r\n\r\n")])).toMatchObject({
    unused: 19,
  });
});

test("a body that stops early does not end well", () => {
  expect(read([bytes("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nabc")])).toMatchObject({ endsWell: false });
  expect(read([bytes("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n")])).toMatchObject({
    endsWell: false,
  });
  expect(read([bytes("HTTP/1.1 200 OK\r\n")])).toMatchObject({ endsWell: false });
});

test.each([
  "SSH-2.0-OpenSSH_9.2\r\n\r\n",
  "HTTP/2 200\r\n\r\n",
  "HTTP/1.1 99 Low\r\n\r\n",
  "HTTP/1.1 200 OK\n\n\r\n\r\n",
  "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
  "HTTP/1.1 200 OK\r\n folded: x\r\n\r\n",
  "HTTP/1.1 200 OK\r\nna me: x\r\n\r\n",
  "HTTP/1.1 200 OK\r\na: b\nc: d\r\n\r\n",
  "HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n",
  "HTTP/1.1 200 OK\r\ncontent-length: 1e3\r\n\r\n",
  "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n",
  "HTTP/1.1 200 OK\r\ncontent-length: 1, 1\r\n\r\n",
  "HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n",
  "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
  "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n-1\r\n",
  "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\nx",
  "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\nxy\r\n",
  `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1;${"x".repeat(5000)}\r\n`,
  `HTTP/1.1 200 OK\r\na: ${"x".repeat(70_000)}\r\n\r\n`,
  "HTTP/1.1 101 Switching\r\nupgrade: h2c\r\n\r\n",
])("what two readers could understand differently is refused: %j", (text) => {
  expect(() => read([bytes(text)])).toThrow(Http1SyntaxError);
});

const response = record({
  status: constantFrom(200, 206, 404, 503),
  body: uint8Array({ maxLength: 300 }),
  chunkBytes: integer({ min: 0, max: 50 }),
});

test("however a connection is cut into pieces, its responses are the same", () => {
  assert(
    property(
      array(response, { minLength: 1, maxLength: 4 }),
      array(integer({ min: 1, max: 60 }), { maxLength: 40 }),
      (responses, cuts) => {
        const wire = Buffer.concat(responses.map((one) => wireOf(one)));
        const result = read(cutUp(wire, cuts), responses.length);
        expect(result).toMatchObject({ unused: 0, isReusable: true });
        expect(result.seen.map(({ status, body }) => ({ status, body }))).toEqual(
          responses.map(({ status, body }) => ({ status, body: Buffer.from(body).toString("latin1") })),
        );
      },
    ),
  );
});

test("no bytes make it throw anything but its own error", () => {
  const token = constantFrom(
    "HTTP/1.1 200 OK\r\n",
    "\r\n",
    "content-length: 3\r\n",
    "transfer-encoding: chunked\r\n",
    "3\r\n",
    "abc",
    "0\r\n",
    ":",
    "\n",
  );
  assert(
    property(array(token, { maxLength: 12 }), array(integer({ min: 1, max: 9 }), { maxLength: 20 }), (tokens, cuts) => {
      try {
        read(cutUp(bytes(tokens.join("")), cuts));
      } catch (error) {
        if (!(error instanceof Http1SyntaxError)) throw error;
      }
    }),
  );
});

function wireOf({ status, body, chunkBytes }: { status: number; body: Uint8Array; chunkBytes: number }): Buffer {
  if (chunkBytes === 0)
    return Buffer.concat([bytes(`HTTP/1.1 ${status} X\r\ncontent-length: ${body.length}\r\n\r\n`), body]);
  const parts: Uint8Array[] = [bytes(`HTTP/1.1 ${status} X\r\ntransfer-encoding: chunked\r\n\r\n`)];
  for (let at = 0; at < body.length; at += chunkBytes) {
    const chunk = body.subarray(at, at + chunkBytes);
    parts.push(bytes(`${chunk.length.toString(16)};name=value\r\n`), chunk, bytes("\r\n"));
  }
  return Buffer.concat([...parts, bytes("0\r\ntrailer: x\r\nother: y\r\n\r\n")]);
}

function cutUp(wire: Buffer, cuts: readonly number[]): Buffer[] {
  const pieces: Buffer[] = [];
  let at = 0;
  for (const cut of cuts) {
    pieces.push(wire.subarray(at, at + cut));
    at += cut;
  }
  return [...pieces, wire.subarray(Math.min(at, wire.length))];
}
