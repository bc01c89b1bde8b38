/** Virtual time: what happens next is what was scheduled earliest; at equal times what was scheduled first. */

/** Something that will happen. */
export interface Task {
  readonly atMs: number;
  readonly order: number;
  run: (() => void) | null;
}

/** A binary heap ordered by (time, order of scheduling), so that a run depends on nothing but what it was told. */
export class Scheduler {
  #nowMs = 0;
  #order = 0;
  #heap: Task[] = [];
  /** Tasks that were run. */
  events = 0;

  get nowMs(): number {
    return this.#nowMs;
  }

  /** Runs `run` after `delayMs` of virtual time. */
  after(delayMs: number, run: () => void): Task {
    return this.at(this.#nowMs + Math.max(0, delayMs), run);
  }

  /** Runs `run` at a moment that is not past. */
  at(atMs: number, run: () => void): Task {
    const task: Task = { atMs, order: this.#order++, run };
    this.#push(task);
    return task;
  }

  /** It will not happen. */
  cancel(task: Task): void {
    task.run = null;
  }

  /** Lets time pass until `untilMs`, or until `stop` says so. */
  runUntil(untilMs: number, stop: () => boolean = () => false): void {
    for (;;) {
      const first = this.#heap[0];
      if (first === undefined || first.atMs > untilMs) break;
      this.#pop();
      this.#nowMs = first.atMs;
      if (first.run === null) continue;
      this.events += 1;
      first.run();
      if (stop()) return;
    }
    this.#nowMs = Math.max(this.#nowMs, untilMs);
  }

  #push(task: Task): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(task);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const other = heap[parent] as Task;
      if (!isBefore(task, other)) break;
      heap[at] = other;
      at = parent;
    }
    heap[at] = task;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop() as Task;
    if (heap.length === 0) return;
    let at = 0;
    for (;;) {
      const left = at * 2 + 1;
      if (left >= heap.length) break;
      const right = left + 1;
      const child = right < heap.length && isBefore(heap[right] as Task, heap[left] as Task) ? right : left;
      if (!isBefore(heap[child] as Task, last)) break;
      heap[at] = heap[child] as Task;
      at = child;
    }
    heap[at] = last;
  }
}

function isBefore(a: Task, b: Task): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}
