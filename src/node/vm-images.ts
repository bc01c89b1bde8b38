/** Before a VM starts, the content of its image is brought to this node; who asks meanwhile is told how far that is. */

import type { VmRecord } from "../machine/records.ts";
import type { ExecutorOptions } from "./executor-options.ts";
import type { ImageProgress } from "./local-images.ts";
import { retryPauseMs } from "./vm-reports.ts";

export class VmImages {
  readonly #options: Pick<ExecutorOptions, "images" | "requests">;
  readonly #doing = new Map<string, string>();

  constructor(options: Pick<ExecutorOptions, "images" | "requests">) {
    this.#options = options;
  }

  /** What is being brought for the VM, for people; empty: nothing. */
  doingFor(uuid: string): string {
    return this.#doing.get(uuid) ?? "";
  }

  /** Resolves when the VM can boot from its image; rejects at once when `isOver`, and when the image cannot be had. */
  async bring(vm: VmRecord, isOver: () => boolean): Promise<void> {
    const image = this.#options.images.recordOf(vm.spec);
    if (image === null) return;
    const controller = new AbortController();
    const watch = async (): Promise<void> => {
      while (!controller.signal.aborted && !isOver()) await this.#options.requests.nextChange(retryPauseMs);
      controller.abort(new Error("something else is wanted of the VM by now"));
    };
    void watch();
    const onProgress = (progress: ImageProgress): void => void this.#doing.set(vm.uuid, `fetching image ${image.name}: ${wordsOf(progress)}`);
    try {
      await this.#options.images.ensure(image, { signal: controller.signal, thorough: false, onProgress });
    } finally {
      this.#doing.delete(vm.uuid);
      controller.abort();
    }
  }
}

/** `disk, 40 % of 120 MiB`. */
export function wordsOf({ part, bytes, total }: Pick<ImageProgress, "part" | "bytes" | "total">): string {
  return `${part}, ${Math.floor((bytes / Math.max(1, total)) * 100)} % of ${(total / 2 ** 20).toFixed(1)} MiB`;
}
