const DOT = 0x2e;
const BLANK = 0x20;
const FIRST_PRINTABLE = 0x20;

/** Characters of `< > : " | ? * \`: Windows does not allow them, reads a stream's name behind `:` and a separator in `\`. */
const special: ReadonlySet<number> = new Set([0x3c, 0x3e, 0x3a, 0x22, 0x7c, 0x3f, 0x2a, 0x5c]);
const deviceName = /^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9\u00b9\u00b2\u00b3])[ ]*(?:[.:]|$)/i;

/**
 * Why Windows can not have a file of this name, as the end of a sentence that begins with the file.
 *
 * `aux.rs` counts as the device `aux`: Windows 10 opens the device, and only newer ones make a file.
 *
 * @param name One component of a path.
 * @returns undefined when the name is good there.
 * @see Microsoft, "Naming Files, Paths, and Namespaces".
 */
export function windowsNameFault(name: string): string | undefined {
  for (let at = 0; at < name.length; at += 1) {
    const code = name.charCodeAt(at);
    if (code < FIRST_PRINTABLE) return `has the control character ${code} in its name`;
    if (special.has(code)) return `has ${JSON.stringify(name.charAt(at))} in its name`;
  }
  const last = name.charCodeAt(name.length - 1);
  if (last === DOT || last === BLANK) return "has a name that ends in a dot or a blank";
  return mayBeDevice(name.charCodeAt(0)) && deviceName.test(name) ? "has the name of a Windows device" : undefined;
}

/** Whether a name may start with con, prn, aux, nul, com or lpt: spares the pattern for the others. */
function mayBeDevice(code: number): boolean {
  const lower = code | 0x20;
  return lower === 0x63 || lower === 0x70 || lower === 0x61 || lower === 0x6e || lower === 0x6c;
}
