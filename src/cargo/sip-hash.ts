// SipHash-1-3 with 128 bits of output and a zero key, as published by its authors. Idents need a few dozen bytes a
// run, so plain 64-bit arithmetic on BigInt is fast enough (about 50 µs).

const U64 = 64;

interface State {
  v0: bigint;
  v1: bigint;
  v2: bigint;
  v3: bigint;
}

/** The two 64-bit halves of the hash. */
export interface SipHash128 {
  readonly h1: bigint;
  readonly h2: bigint;
}

/** Hashes `bytes` with SipHash-1-3, 128-bit variant, key zero. */
export function sipHash128(bytes: Uint8Array): SipHash128 {
  const state: State = {
    v0: 0x736f_6d65_7073_6575n,
    v1: 0x646f_7261_6e64_6f6dn ^ 0xeen,
    v2: 0x6c79_6765_6e65_7261n,
    v3: 0x7465_6462_7974_6573n,
  };
  const words = Math.floor(bytes.length / 8);
  for (let word = 0; word < words; word += 1) compress(state, littleEndian(bytes, word * 8, 8));
  const rest = littleEndian(bytes, words * 8, bytes.length % 8);
  compress(state, rest | (BigInt(bytes.length % 256) << 56n));
  state.v2 ^= 0xeen;
  const h1 = finish(state);
  state.v1 ^= 0xddn;
  return { h1, h2: finish(state) };
}

function littleEndian(bytes: Uint8Array, offset: number, length: number): bigint {
  let word = 0n;
  for (let at = length - 1; at >= 0; at -= 1) word = (word << 8n) | BigInt(bytes[offset + at] ?? 0);
  return word;
}

function compress(state: State, word: bigint): void {
  state.v3 ^= word;
  round(state);
  state.v0 ^= word;
}

function finish(state: State): bigint {
  round(state);
  round(state);
  round(state);
  return state.v0 ^ state.v1 ^ state.v2 ^ state.v3;
}

function round(state: State): void {
  state.v0 = add(state.v0, state.v1);
  state.v2 = add(state.v2, state.v3);
  state.v1 = rotate(state.v1, 13n) ^ state.v0;
  state.v3 = rotate(state.v3, 16n) ^ state.v2;
  state.v0 = rotate(state.v0, 32n);
  state.v2 = add(state.v2, state.v1);
  state.v0 = add(state.v0, state.v3);
  state.v1 = rotate(state.v1, 17n) ^ state.v2;
  state.v3 = rotate(state.v3, 21n) ^ state.v0;
  state.v2 = rotate(state.v2, 32n);
}

function add(a: bigint, b: bigint): bigint {
  return BigInt.asUintN(U64, a + b);
}

function rotate(value: bigint, bits: bigint): bigint {
  return BigInt.asUintN(U64, value << bits) | (value >> (64n - bits));
}
