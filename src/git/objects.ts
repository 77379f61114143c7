import { createHash, type Hash } from "node:crypto";

/** What a canonical pack holds; deltas and tags never. */
export type ObjectType = "commit" | "tree" | "blob";

/** In the order of a canonical pack. */
export const OBJECT_TYPES: readonly ObjectType[] = ["commit", "tree", "blob"];

/** Whether `text` is the full SHA-1 name of a git object, in lower case. */
export function isObjectId(text: string): boolean {
  return /^[0-9a-f]{40}$/.test(text);
}

/** A hash that has taken git's header of an object; the object's content is still to be given to it. */
export function startObjectHash(type: ObjectType, sizeBytes: number): Hash {
  return createHash("sha1").update(`${type} ${sizeBytes}\0`);
}

/** The name that git gives an object of this content. */
export function objectId(type: ObjectType, content: Uint8Array): string {
  return startObjectHash(type, content.length).update(content).digest("hex");
}

/** The id under which git keeps a file of this content. */
export function blobId(content: Uint8Array): string {
  return objectId("blob", content);
}
