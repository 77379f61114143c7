/** What cargo says of a name that no package can have; `undefined` for one that a package can have. */
export function packageNameFault(name: string): string | undefined {
  for (const part of name.split("::")) {
    const fault = partFault(part);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function partFault(name: string): string | undefined {
  const [first, ...others] = Array.from(name);
  if (first === undefined) return "package name cannot be empty";
  if (/^[0-9]$/.test(first)) return fault(name, first, "the name cannot start with a digit");
  if (!/^[\p{XID_Start}_]$/u.test(first)) {
    return fault(name, first, "the first character must be a Unicode XID start character (most letters or `_`)");
  }
  const bad = others.find((character) => !/^[\p{XID_Continue}-]$/u.test(character));
  if (bad === undefined) return undefined;
  return fault(name, bad, "characters must be Unicode XID characters (numbers, `-`, `_`, or most letters)");
}

function fault(name: string, character: string, reason: string): string {
  return `invalid character \`${character}\` in package name: \`${name}\`, ${reason}`;
}
