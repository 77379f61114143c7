import { type ObjectType, objectId } from "../../src/git/objects.ts";
import { packOrder, startPack } from "../../src/git/pack-writer.ts";

/** A pack of objects that no git would make. */
export class HandMade {
  readonly #objects = new Map<string, { readonly id: string; readonly type: ObjectType; readonly content: Buffer }>();

  add(type: ObjectType, content: Buffer | string): string {
    const bytes = Buffer.from(content);
    const id = objectId(type, bytes);
    this.#objects.set(id, { id, type, content: bytes });
    return id;
  }

  /** `[mode, name, id]` in the order given. */
  tree(entries: readonly (readonly [string, string | Buffer, string])[]): string {
    const parts = entries.flatMap(([mode, name, id]) => [
      Buffer.from(`${mode} `),
      Buffer.from(name),
      Buffer.from([0]),
      Buffer.from(id, "hex"),
    ]);
    return this.add("tree", Buffer.concat(parts));
  }

  commit(tree: string): string {
    return this.add("commit", `tree ${tree}\nauthor a <a> 0 +0000\ncommitter a <a> 0 +0000\n\n`);
  }

  /** All objects, in the canonical order unless told. */
  pack(reorder: <T>(objects: T[]) => T[] = (objects) => objects): Buffer {
    const pieces: Buffer[] = [];
    const objects = reorder(packOrder([...this.#objects.values()]));
    const writer = startPack(objects.length, (bytes) => pieces.push(Buffer.from(bytes)));
    for (const { id, type, content } of objects) {
      writer.begin({ id, type, sizeBytes: content.length });
      writer.write(content);
      writer.end();
    }
    writer.finish();
    return Buffer.concat(pieces);
  }
}
