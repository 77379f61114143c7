// What each measure compares and the figure it should reach.

/** @type {Record<string, { what: string, unit: "ratio" | "ms" | "MB", goals: Record<number, number> | number }>} */
const measures = {
  cold: {
    what: "cold fill, empty store ÷ cargo fetch, empty CARGO_HOME",
    unit: "ratio",
    goals: { 25: 0.9, 280: 0.6, 800: 0.5 },
  },
  second: {
    what: "second project, warm store ÷ cargo vendor, warm CARGO_HOME",
    unit: "ratio",
    goals: { 25: 0.5, 280: 0.25, 800: 0.25 },
  },
  noop: { what: "no-op fill ÷ no-op cargo fetch", unit: "ratio", goals: { 25: 1.2, 280: 0.7, 800: 0.5 } },
  verify: {
    what: "verify of everything ÷ sha256sum of the same files, two at a time",
    unit: "ratio",
    goals: { 25: 1.5, 280: 0.8, 800: 0.8 },
  },
  metadata: {
    what: "cargo metadata --frozen, hub on, over plain cargo",
    unit: "ms",
    goals: { 25: 10, 280: 50, 800: 150 },
  },
  memory: { what: "peak memory of a cold fill", unit: "MB", goals: { 25: 150, 280: 200, 800: 300 } },
  vendor: {
    what: "export --as directory, warm store ÷ cargo vendor, warm CARGO_HOME",
    unit: "ratio",
    goals: {},
  },
  "local-registry": {
    what: "export --as local-registry, warm store ÷ cargo-local-registry --sync, warm CARGO_HOME",
    unit: "ratio",
    goals: { 25: 1, 280: 1, 800: 1 },
  },
  version: { what: "cargo-hub --version over node -e 0", unit: "ms", goals: 15 },
};

export const measureNames = Object.keys(measures);

/** The figure one measure is judged by, and its goal where there is one for that size. */
export function judge({ measure, size, ours, peer }) {
  const { what, unit, goals } = measures[measure];
  const goal = typeof goals === "number" ? goals : goals[size];
  const value = ours === undefined ? undefined : figure(unit, ours, peer);
  return { what, unit, goal, value, met: value === undefined || goal === undefined ? undefined : value <= goal };
}

function figure(unit, ours, peer) {
  switch (unit) {
    case "ratio":
      return ours.wallMs / peer.wallMs;
    case "ms":
      return ours.wallMs - peer.wallMs;
    default:
      return ours.peakKib / 1024;
  }
}
