import { createHash } from "node:crypto";
import type { CommitPack } from "./commit-pack.ts";

/** `\377tOc`, version 2. */
const HEAD = Uint8Array.of(0xff, 0x74, 0x4f, 0x63, 0, 0, 0, 2);
const FAN_OUT = 256;

/**
 * The index that git keeps beside a pack, version 2, as `git index-pack` writes it.
 *
 * @see git's "pack-format", "Version 2 pack-*.idx files". Packs stay below 2 GiB, so there is no table of large offsets.
 */
export function packIndex(pack: CommitPack): Buffer {
  const objects = [...pack.objects.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  const count = objects.length;
  const body = Buffer.alloc(HEAD.length + FAN_OUT * 4 + count * (20 + 4 + 4) + 20);
  body.set(HEAD);
  const idsAt = HEAD.length + FAN_OUT * 4;
  const crcsAt = idsAt + count * 20;
  const offsetsAt = crcsAt + count * 4;
  const upTo = new Uint32Array(FAN_OUT);
  objects.forEach(({ id, crc32, offset }, index) => {
    body.write(id, idsAt + index * 20, "hex");
    body.writeUInt32BE(crc32, crcsAt + index * 4);
    body.writeUInt32BE(offset, offsetsAt + index * 4);
    const first = Number.parseInt(id.slice(0, 2), 16);
    upTo[first] = (upTo[first] ?? 0) + 1;
  });
  let sum = 0;
  upTo.forEach((number, first) => {
    sum += number;
    body.writeUInt32BE(sum, HEAD.length + first * 4);
  });
  body.write(pack.trailer, offsetsAt + count * 4, "hex");
  return Buffer.concat([body, createHash("sha1").update(body).digest()]);
}
