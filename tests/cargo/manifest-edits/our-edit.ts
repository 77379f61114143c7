import {
  type AddFlags,
  type AddProject,
  addDependencies,
  cleanWorkspace,
  type DependencySection,
  dependencyRequests,
  directoryOf,
  type EditedManifest,
  type EditMessage,
  type EditOutcome,
  editMessageText,
  type FoundPackage,
  findMembers,
  indexPath,
  ManifestEditError,
  manifestLoader,
  offeredPackages,
  type PackageQuestion,
  packageOfManifest,
  parseIndexEntry,
  parseSourceId,
  removeDependencies,
  type Workspace,
  withoutUnusedPatches,
} from "../../../src/cargo/index.ts";
import { parseVersion } from "../../../src/semver/index.ts";
import {
  ALT_CRATES,
  ALT_INDEX,
  CRATES,
  type EditResult,
  type EditRow,
  indexFiles,
  REPOSITORIES,
  TOP,
} from "./edit-world.ts";

/** What we made of a row. `said` is what cargo's output has to begin with. */
export interface OurResult extends EditResult {
  /** What an error advises. */
  readonly help: string | undefined;
}

/** Does a row by our own rules, in memory. */
export function ourEdit(row: EditRow): OurResult {
  const project = openProject(row);
  const [verb = ""] = row.args;
  const { flags, section, manifestPath, ignoresRust } = readArguments(row.args.slice(1));
  const own = project.manifest(`${TOP}/app/${manifestPath}`);
  if (verb === "remove") return removed(row, { project, own, names: flags.crates, section });
  return added(row, { project, own, flags, section, ignoresRust });
}

interface Project {
  readonly workspace: (path: string) => Workspace;
  readonly manifest: (path: string) => EditedManifest;
  readonly texts: Map<string, string>;
}

function openProject(row: EditRow): Project {
  const texts = new Map(Object.entries(row.files).map(([path, text]) => [`${TOP}/app/${path}`, text]));
  for (const [place, files] of Object.entries(REPOSITORIES)) {
    for (const [path, text] of Object.entries(files)) texts.set(`${TOP}/${place}/${path}`, text);
  }
  const loader = (): ReturnType<typeof manifestLoader> => manifestLoader((path) => texts.get(path));
  return {
    texts,
    workspace: (path) => findMembers(path, loader(), (directory) => entriesOf(texts, directory)),
    manifest: (path) => ({ text: texts.get(path) ?? "", at: path, directory: directoryOf(path) }),
  };
}

function entriesOf(texts: ReadonlyMap<string, string>, directory: string) {
  const below = [...texts.keys()].filter((path) => path.startsWith(`${directory}/`));
  const names = new Map(
    below.map((path) => {
      const [name = "", ...rest] = path.slice(directory.length + 1).split("/");
      return [name, rest.length > 0];
    }),
  );
  return names.size === 0
    ? undefined
    : Array.from(names, ([name, isDirectory]) => ({ name, isDirectory, isLink: false }));
}

interface Arguments {
  readonly flags: AddFlags;
  readonly section: DependencySection;
  readonly manifestPath: string;
  readonly ignoresRust: boolean;
}

/** Reads the flags that rows use. */
function readArguments(args: readonly string[]): Arguments {
  const crates: string[] = [];
  const values = new Map<string, string[]>();
  const VALUED = /^--(?:features|rename|path|git|branch|tag|rev|registry|target|manifest-path)$/;
  for (let index = 0; index < args.length; index += 1) {
    const arg = args[index] ?? "";
    if (!arg.startsWith("--")) crates.push(arg);
    else if (VALUED.test(arg)) {
      index += 1;
      values.set(arg, [...(values.get(arg) ?? []), args[index] ?? ""]);
    } else values.set(arg, []);
  }
  const one = (name: string): string | undefined => values.get(`--${name}`)?.[0];
  const yesNo = (yes: string, no: string): boolean | undefined =>
    values.has(yes) ? true : values.has(no) ? false : undefined;
  const [path, git] = [one("path"), one("git")];
  return {
    flags: {
      crates,
      features: values.get("--features") ?? [],
      rename: one("rename"),
      defaultFeatures: yesNo("--default-features", "--no-default-features"),
      optional: yesNo("--optional", "--no-optional"),
      public: yesNo("--public", "--no-public"),
      registry: one("registry"),
      path: path === undefined ? undefined : { typed: path, directory: resolved(path) },
      git: git === undefined ? undefined : { url: git, branch: one("branch"), tag: one("tag"), rev: one("rev") },
    },
    section: {
      kind: values.has("--dev") ? "dev" : values.has("--build") ? "build" : "normal",
      target: one("target"),
    },
    manifestPath: one("manifest-path") ?? "Cargo.toml",
    ignoresRust: values.has("--ignore-rust-version"),
  };
}

function resolved(path: string): string {
  return decodeURIComponent(new URL(path, `file://${TOP}/app/`).pathname).replace(/(?<=.)\/$/, "");
}

interface Adding {
  readonly project: Project;
  readonly own: EditedManifest;
  readonly flags: AddFlags;
  readonly section: DependencySection;
  readonly ignoresRust: boolean;
}

function added(row: EditRow, { project, own, flags, section, ignoresRust }: Adding): OurResult {
  const workspace = project.workspace(own.at);
  const member = workspace.members.find(({ manifestPath }) => manifestPath === own.at);
  const addProject: AddProject = {
    manifest: own,
    name: member?.manifest.name ?? "",
    rustVersion: member?.manifest.rustVersion,
    workspace: project.manifest(workspace.root.root),
    members: workspace.members.map(({ manifestPath, manifest }) => ({
      name: manifest.name ?? "",
      version: manifest.version ?? "0.0.0",
      directory: directoryOf(manifestPath),
    })),
    rustc: "1.95.0",
    ignoresRust,
  };
  const outcome = answered(addProject, { project, flags, section });
  if (outcome.kind === "refused") return refused(outcome.error, outcome.messages);
  return {
    ok: true,
    said: saidBy(outcome.messages),
    help: undefined,
    manifests: changed(row, new Map([[own.at, outcome.text]])),
  };
}

function answered(
  addProject: AddProject,
  { project, flags, section }: Pick<Adding, "project" | "flags" | "section">,
): EditOutcome {
  try {
    const run = addDependencies(addProject, dependencyRequests(flags), section);
    for (let next = run.next(); ; ) {
      if (next.done === true) return next.value;
      next = run.next(answer(next.value, project));
    }
  } catch (error) {
    if (error instanceof ManifestEditError) return { kind: "refused", error, messages: [] };
    throw error;
  }
}

const INDEXES = { main: indexFiles(CRATES), alt: indexFiles(ALT_CRATES) };

function answer(question: PackageQuestion, project: Project): readonly FoundPackage[] {
  switch (question.kind) {
    case "index": {
      const text = INDEXES[question.registry === undefined ? "main" : "alt"].get(indexPath(question.name)) ?? "";
      const lines = text.split("\n").filter((line) => line !== "");
      return offeredPackages(lines.map((line) => parseIndexEntry(line, question.name)));
    }
    case "directory":
      return packagesAt(`${question.directory}/Cargo.toml`, project);
    case "repository": {
      const directory = question.url.replace("file://", "");
      const paths = [...project.texts.keys()].filter(
        (path) => path.startsWith(directory) && path.endsWith("Cargo.toml"),
      );
      return paths.flatMap((path) => packagesAt(path, project));
    }
  }
}

function packagesAt(path: string, { texts }: Project): readonly FoundPackage[] {
  const manifest = manifestLoader((asked) => texts.get(asked)).whole(path);
  return manifest === undefined || manifest.isVirtual ? [] : [packageOfManifest(manifest)];
}

interface Removing {
  readonly project: Project;
  readonly own: EditedManifest;
  readonly names: readonly string[];
  readonly section: DependencySection;
}

function registryIndex(name: string): string | undefined {
  return name === "alt" ? ALT_INDEX : undefined;
}

function removed(row: EditRow, { project, own, names, section }: Removing): OurResult {
  const workspace = project.workspace(own.at);
  const outcome = removeDependencies(own, names, section);
  if (outcome.kind === "refused") return refused(outcome.error, outcome.messages);
  project.texts.set(own.at, outcome.text);
  const root = workspace.root.root;
  const members = workspace.members.map(({ manifestPath }) => project.manifest(manifestPath));
  project.texts.set(root, cleanWorkspace(project.manifest(root), members, registryIndex));
  const unused = (row.unusedPatches ?? []).map((text) => {
    const [name = "", version = "", source = ""] = text.split(" ");
    return { name, version: parseVersion(version), source: parseSourceId(source, "row") };
  });
  const cleaned = withoutUnusedPatches(project.manifest(root), unused, registryIndex);
  if (cleaned !== undefined) project.texts.set(root, cleaned);
  return { ok: true, said: saidBy(outcome.messages), help: undefined, manifests: changed(row, project.texts) };
}

function refused(error: ManifestEditError, messages: readonly EditMessage[]): OurResult {
  return { ok: false, said: `${saidBy(messages)}error: ${error.what}`, help: error.help, manifests: {} };
}

function changed({ files }: EditRow, texts: ReadonlyMap<string, string>): Record<string, string> {
  const manifests: Record<string, string> = {};
  for (const [path, text] of Object.entries(files)) {
    const now = texts.get(`${TOP}/app/${path}`);
    if (now !== undefined && now !== text) manifests[path] = now;
  }
  return manifests;
}

function saidBy(messages: readonly EditMessage[]): string {
  return messages
    .map((message) => editMessageText(message))
    .map((text) => {
      if (text.kind === "status") return `${text.verb.padStart(12)} ${text.text}\n`;
      return text.kind === "warning" ? `warning: ${text.text}\n` : text.lines.map((line) => `${line}\n`).join("");
    })
    .join("");
}
