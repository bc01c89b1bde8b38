/** Makes a scenario that fails smaller, as long as it fails in the same way (Zeller and Hildebrandt 2002, delta debugging). */

import type { Scenario } from "./scenario.ts";
import type { ScenarioStep } from "./scenario-step.ts";

/** Plays a scenario. `steps` are those that did something; undefined: it did not fail, or in another way. */
export type Trial = (scenario: Scenario) => Promise<readonly ScenarioStep[] | undefined>;

export interface ShrinkOptions {
  readonly trial: Trial;
  /** False when time is up: then the smallest so far is the answer. */
  readonly mayGoOn: () => boolean;
}

/** The smallest scenario found that still fails. `scenario` must fail. */
export async function shrink(scenario: Scenario, options: ShrinkOptions): Promise<Scenario> {
  const shrinker = new Shrinker(scenario, options);
  await shrinker.shorten();
  await shrinker.dropSteps();
  await shrinker.dropClients();
  await shrinker.dropNodes();
  await shrinker.shorten();
  await shrinker.dropSteps();
  return shrinker.smallest;
}

class Shrinker {
  smallest: Scenario;
  readonly #options: ShrinkOptions;

  constructor(scenario: Scenario, options: ShrinkOptions) {
    this.smallest = scenario;
    this.#options = options;
  }

  async #accepts(candidate: Scenario): Promise<boolean> {
    if (!this.#options.mayGoOn()) return false;
    const steps = await this.#options.trial(candidate);
    if (steps === undefined) return false;
    this.smallest = { ...candidate, steps };
    return true;
  }

  /** Less time. What would come later goes. */
  async shorten(): Promise<void> {
    for (const share of [0.125, 0.25, 0.5, 0.75, 0.9]) {
      const seconds = Math.max(1, Math.ceil(this.smallest.seconds * share));
      if (seconds >= this.smallest.seconds) continue;
      const steps = this.smallest.steps.filter((step) => step.at < seconds);
      if (await this.#accepts({ ...this.smallest, seconds, steps })) return await this.shorten();
    }
  }

  /** Halves, quarters, … of the steps, down to single ones. */
  async dropSteps(): Promise<void> {
    for (let size = Math.ceil(this.smallest.steps.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
      for (let end = this.smallest.steps.length; end > 0; end -= size) {
        const { steps } = this.smallest;
        const kept = [...steps.slice(0, Math.max(0, end - size)), ...steps.slice(end)];
        if (kept.length < steps.length) await this.#accepts({ ...this.smallest, steps: kept });
      }
    }
  }

  async dropClients(): Promise<void> {
    while (this.smallest.clients > 0 && (await this.#accepts({ ...this.smallest, clients: this.smallest.clients - 1 })));
    if ((this.smallest.vmShare ?? 0) > 0) await this.#accepts({ ...this.smallest, vmShare: 0 });
  }

  async dropNodes(): Promise<void> {
    while (this.smallest.nodes > 1 && (await this.#accepts({ ...this.smallest, nodes: this.smallest.nodes - 1 })));
  }
}
