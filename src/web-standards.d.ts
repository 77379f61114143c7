// The few WHATWG names that every JavaScript host has and the ES library lacks.
// Pure rooms are compiled without Node's types; this is all they may use beside the language.

interface URL {
  readonly href: string;
  readonly protocol: string;
  readonly username: string;
  readonly password: string;
  readonly host: string;
  readonly hostname: string;
  readonly port: string;
  readonly pathname: string;
  readonly search: string;
  readonly hash: string;
  toString(): string;
}
declare const URL: {
  new (url: string, base?: string): URL;
};
interface URLSearchParams {
  append(name: string, value: string): void;
  get(name: string): string | null;
  toString(): string;
}
declare const URLSearchParams: {
  new (init?: string): URLSearchParams;
};
interface TextEncoder {
  encode(input?: string): Uint8Array<ArrayBuffer>;
}
declare const TextEncoder: { new (): TextEncoder };
interface TextDecoder {
  decode(input?: Uint8Array): string;
}
declare const TextDecoder: { new (label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean }): TextDecoder };
