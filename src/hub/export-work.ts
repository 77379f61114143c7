import type { HubToml } from "../formats/index.ts";
import type { ExportPlan } from "../plan/index.ts";
import type { LinkMethod, LinkMode, Store } from "../store/index.ts";
import type { OnEvent } from "./events.ts";
import type { ExportFiles } from "./export-files.ts";
import type { HubPlace } from "./locate.ts";
import type { Pool } from "./pool.ts";
import type { QuarantineRule } from "./quarantine.ts";

/** An export under way: where it comes from, what is to be made, and the files so far. */
export interface ExportWork {
  readonly place: HubPlace;
  readonly hubToml: HubToml;
  /** Opened with the mask of exports. */
  readonly store: Store | undefined;
  readonly plan: ExportPlan;
  readonly files: ExportFiles;
  readonly pool: Pool;
  /** How many files came which way. */
  readonly linked: Record<LinkMethod, number>;
  readonly options: { readonly link: LinkMode; readonly jobs: number | undefined; readonly onEvent: OnEvent };
}

/** Which packages must not lie where Cargo looks: decided anew, because the hub may be of a mode that needs no quarantine. */
export function exportRule({ plan, hubToml }: Pick<ExportWork, "plan" | "hubToml">): QuarantineRule {
  return { applies: plan.shape !== "cargo-home", rustVersion: hubToml.rustVersion };
}
