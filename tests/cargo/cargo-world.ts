import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** A temporary directory in which the real cargo runs, offline and with a home of its own. */
export interface CargoWorld {
  /** Absolute, without symbolic links. */
  readonly root: string;
  /** CARGO_HOME. */
  readonly home: string;
  /** Writes a file below `root`. */
  write(path: string, content: string | Uint8Array): void;
  /** Runs cargo in a directory below `root`. */
  cargo(directory: string, ...args: readonly string[]): Promise<CargoRun>;
  remove(): void;
}

export interface CargoRun {
  readonly ok: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

/** `home` is CARGO_HOME's place below the directory. */
export function cargoWorld(
  files: Readonly<Record<string, string | Uint8Array>> = {},
  homeName = "cargo-home",
): CargoWorld {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "cargo-hub-world-")));
  const home = join(root, homeName);
  mkdirSync(home, { recursive: true });
  const write = (path: string, content: string | Uint8Array): void => {
    const target = join(root, path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, content);
  };
  for (const [path, content] of Object.entries(files)) write(path, content);
  const env = environment(home);
  return {
    root,
    home,
    write,
    cargo: (directory, ...args) =>
      new Promise((resolve) => {
        execFile("cargo", args, { cwd: join(root, directory), env, maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
          resolve({ ok: error === null, stdout, stderr });
        });
      }),
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

function environment(home: string): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^CARGO|^RUSTFLAGS$|^RUSTC|_proxy$/i.test(name));
  return { ...Object.fromEntries(kept), CARGO_HOME: home };
}
