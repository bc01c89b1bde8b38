import { availableParallelism } from "node:os";
import { UserError } from "../errors.ts";
import { checksOf } from "../tla/checks.ts";
import { showViolation, type ShownViolation } from "../tla/counterexample.ts";
import { checkModel, failedPostcondition, type ModelProgress, type ModelResult } from "../tla/model.ts";
import { openModel, readModel, saidWhere, type ModelSource, type OpenModel } from "./model-source.ts";
import { exploreInThreads } from "./model-threads.ts";

export type { ModelProgress } from "../tla/model.ts";

export interface ModelRunOptions {
  /** The `.tla` file. */
  readonly file: string;
  readonly configurationFile?: string;
  /** Threads; as many as there are processors when not said. */
  readonly workers?: number;
  readonly maxStates?: number;
  /** Pass over the parts of properties that speak of liveness, instead of refusing them. */
  readonly safetyOnly?: boolean;
  readonly onProgress?: (progress: ModelProgress, seconds: number) => void;
  /** What the specification prints. */
  readonly print?: (text: string) => void;
}

export interface ModelReport extends ModelProgress {
  readonly module: string;
  readonly violation: ShownViolation | undefined;
  readonly complete: boolean;
  /** Fairness that is assumed, liveness that is asked for: not checked. */
  readonly unchecked: readonly string[];
  readonly invariants: readonly string[];
  readonly properties: readonly string[];
  readonly threads: number;
  readonly seconds: number;
}

/** A model of up to so many states is explored before another thread could have begun. */
const fewStates = 5_000;

/**
 * Explores all states of a specification. Throws `UserError` where that is not possible: `INVALID_ARGUMENT` when a file is
 * not there, `SPEC_INVALID` with module and line when the specification cannot be read or asks for what is not supported.
 */
export async function runModel(options: ModelRunOptions): Promise<ModelReport> {
  const { file, configurationFile, workers = availableParallelism(), maxStates = Number.POSITIVE_INFINITY } = options;
  const source = readModel(file, configurationFile);
  const startMs = performance.now();
  const seconds = (): number => (performance.now() - startMs) / 1000;
  const onProgress = (progress: ModelProgress): void => options.onProgress?.(progress, seconds());
  const model = await openModel(source, options.print);
  refuseLiveness(source, model, options.safetyOnly ?? false);
  // Registers of TLCSet belong to one thread.
  const alone = workers === 1 || [...source.modules.values()].some((text) => /\bTLCSet\b/.test(text));
  const limit = alone ? maxStates : Math.min(maxStates, fewStates);
  const result = await explore(source, model, limit, onProgress);
  const { invariants, properties } = model.configuration;
  const report = { module: source.root, invariants, properties, threads: 1 };
  if (alone || result.complete || result.violation !== undefined || limit === maxStates || model.specification.session.exit) {
    const violation = result.violation && showViolation(model.specification, model.configuration, result.violation);
    return { ...report, ...result, violation, seconds: seconds() };
  }
  const threaded = await exploreInThreads(source, { threads: workers, maxStates, onProgress });
  const { progress, complete } = threaded;
  const violation = threaded.violation ?? postcondition(model, progress);
  return { ...report, ...progress, violation, complete: complete && violation === undefined, unchecked: result.unchecked, threads: workers, seconds: seconds() };
}

async function explore(source: ModelSource, model: OpenModel, maxStates: number, onProgress: (progress: ModelProgress) => void): Promise<ModelResult> {
  const search = saidWhere(source, () => checkModel(model.specification, model.configuration, { maxStates }));
  for (;;) {
    const step = saidWhere(source, () => search.next());
    if (step.done) return step.value;
    onProgress(step.value);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function postcondition({ specification, configuration }: OpenModel, { generated, distinct, waiting, depth }: ModelProgress): ShownViolation | undefined {
  specification.session.statistics = () => ({ generated, distinct, queue: waiting, diameter: depth });
  const failed = failedPostcondition(specification, configuration);
  return failed && showViolation(specification, configuration, failed);
}

function refuseLiveness(source: ModelSource, { specification, configuration }: OpenModel, safetyOnly: boolean): void {
  const [first] = saidWhere(source, () => checksOf(specification, configuration)).unchecked;
  if (first === undefined || safetyOnly) return;
  throw new UserError("SPEC_INVALID", `${first.at}: the property ${first.property} asks for liveness or for a hidden variable, which is not checked: ${first.text}`, {
    next: "Leave the property out of the configuration, or check what it says about safety with --safety-only.",
  });
}
