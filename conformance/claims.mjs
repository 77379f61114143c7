// Claims, whether they held, and the table of them.

/** @typedef {(claim: string, subject: string, check: () => string) => void} Claim `check` returns figures or throws */

/** Collects claims; each is reported as soon as it is known. */
export function collectClaims() {
  const rows = [];
  /** @type {Claim} */
  const claim = (text, subject, check) => {
    const started = performance.now();
    let row;
    try {
      row = { text, subject, held: true, figures: check() };
    } catch (error) {
      row = { text, subject, held: false, figures: error.message };
    }
    row.seconds = (performance.now() - started) / 1000;
    rows.push(row);
    console.error(`${row.held ? "passed" : "FAILED"}  ${subject}: ${text} – ${row.figures}`);
  };
  return { rows, claim };
}

/** Prints all claims, grouped by what they are about. @returns whether all held. */
export function printClaims(rows) {
  const groups = new Map();
  for (const row of rows) groups.set(row.text, [...(groups.get(row.text) ?? []), row]);
  for (const [text, group] of groups) {
    console.log(`\n${text}`);
    for (const { subject, held, figures } of group) {
      console.log(`  ${held ? "passed" : "FAILED"}  ${subject.padEnd(16)}${figures.split("\n")[0]}`);
    }
  }
  const held = rows.filter((row) => row.held).length;
  console.log(`\n${held} of ${rows.length} claims passed`);
  return held === rows.length;
}
