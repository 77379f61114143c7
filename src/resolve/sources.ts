import { canonicalUrl, formatSourceId, type SourceId } from "../cargo/index.ts";

/** A source during one resolution: equal sources, by cargo's idea of equality, are one object. */
export interface Source {
  /** As it was first seen, without a git source's commit. */
  readonly id: SourceId;
  /** The URL by which patches find it. */
  readonly canonical: string;
  readonly isRegistry: boolean;
}

/** Gives the one {@link Source} of a source id. */
export type SourceTable = (id: SourceId) => Source;

export function sourceTable(): SourceTable {
  const byObject = new Map<SourceId, Source>();
  const byKey = new Map<string, Source>();
  return (id) => {
    const known = byObject.get(id);
    if (known !== undefined) return known;
    const canonical = canonicalUrl(id);
    const key = formatSourceId({ kind: id.kind, url: canonical, reference: id.reference });
    let source = byKey.get(key);
    if (source === undefined) {
      source = {
        id: id.precise === undefined ? id : { kind: id.kind, url: id.url, reference: id.reference },
        canonical,
        isRegistry: id.kind !== "git" && id.kind !== "path",
      };
      byKey.set(key, source);
    }
    byObject.set(id, source);
    return source;
  };
}
