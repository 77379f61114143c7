/**
 * Compares two texts by the bytes of their UTF-8 form, as Rust sorts strings.
 *
 * JavaScript's own order is that of UTF-16 units, which differs only where a character beyond U+FFFF meets one from
 * U+E000 to U+FFFF; so only texts that differ at such units take the slow way.
 */
export function compareUtf8(left: string, right: string): number {
  if (left === right) return 0;
  const length = Math.min(left.length, right.length);
  for (let at = 0; at < length; at += 1) {
    const one = left.charCodeAt(at);
    const other = right.charCodeAt(at);
    if (one !== other) return orderOf(one) - orderOf(other);
  }
  return left.length - right.length;
}

/** UTF-16 units in the order of the characters they begin: surrogates stand for characters beyond all others. */
function orderOf(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}
