/** Recovery from a lost quorum: the evidence, and what came of it. */

import { UserError } from "../errors.ts";
import type { Evidence, Founded } from "../node/offline.ts";
import { connectClient } from "../transport/client.ts";
import type { Answer } from "./answer.ts";
import type { Paint } from "./paint.ts";
import { renderFields, renderTable } from "./table.ts";

/** Whether another member answers where it should be. */
export interface Voice {
  readonly name: string;
  readonly address: string;
  readonly role: string;
  readonly answers: boolean;
}

const askMs = 1_000;

/** Asks every other member of the configuration. Who is of another cluster, or another node, does not count. */
export async function askOthers({ members, nodeId, clusterId }: Evidence): Promise<readonly Voice[]> {
  const others = members.filter(({ id }) => id !== nodeId);
  return Promise.all(
    others.map(async ({ id, name, address, role }) => {
      const client = connectClient(address, { timeoutMs: askMs });
      try {
        const answer = await client.cluster.identify({});
        return { name, address, role, answers: answer.nodeId === id && answer.clusterId === clusterId };
      } catch {
        return { name, address, role, answers: false };
      } finally {
        client.close();
      }
    }),
  );
}

/** Refuses where there is a quorum: started, this node would be one voter more. */
export function requireLostQuorum({ members, name }: Evidence, voices: readonly Voice[]): void {
  const voters = members.filter(({ role }) => role === "voter").length;
  const up = voices.filter(({ role, answers }) => role === "voter" && answers).map((voice) => voice.name);
  if (up.length + 1 <= voters / 2) return;
  const others = up.length === 0 ? "" : `${up.join(", ")} ${up.length === 1 ? "answers" : "answer"}, and `;
  throw new UserError("WRONG_STATE", `the quorum is not lost: ${others}with ${name} there are ${up.length + 1} of ${voters} voters`, {
    next: "Start the daemon of this node instead. Nothing was changed.",
  });
}

/** Several directories side by side; nothing is changed. */
export function compared(all: readonly Evidence[], best: Evidence): Answer {
  const clusters = new Set(all.map(({ clusterId, epoch }) => `${clusterId} epoch ${epoch}`));
  const strangers = clusters.size > 1 ? ["these directories are not all of one cluster and epoch"] : [];
  return {
    json: { evidence: all, best: best.dataDir },
    notes: [...strangers, `go on with ${best.dataDir}: of these its log is the most complete; run the command with it alone`],
    text: (paint) =>
      renderTable(
        [
          { heading: "NODE", cell: ({ name }) => name },
          { heading: "TERM", cell: ({ lastTerm }) => lastTerm, right: true },
          { heading: "LAST", cell: ({ lastIndex }) => lastIndex, right: true },
          { heading: "APPLIED", cell: ({ appliedIndex }) => appliedIndex, right: true },
          { heading: "EPOCH", cell: ({ epoch }) => epoch, right: true },
          { heading: "MEMBERS", cell: ({ members }) => members.map(({ name }) => name).join(" ") },
          { heading: "", cell: (one) => (one === best ? { text: "best", tone: "good" } : "") },
          { heading: "DIRECTORY", cell: ({ dataDir }) => dataDir },
        ],
        all,
        paint,
      ),
  };
}

/** One directory, and what going on with it means. */
export function evidenceText(one: Evidence, voices: readonly Voice[], paint: Paint): string {
  const { dataDir, name, clusterId, epoch, currentTerm, lastIndex, lastTerm, appliedIndex, doubtful, configurationIndex } = one;
  const fields = renderFields(
    [
      ["directory", dataDir],
      ["node", name],
      ["cluster", `${clusterId}, epoch ${epoch}`],
      ["current term", currentTerm],
      ["last entry", `index ${lastIndex}, term ${lastTerm}`],
      ["applied", `index ${appliedIndex}: surely committed`],
      ["behind that", `${doubtful} entries, each of which may have been acknowledged: they are kept`],
      ["configuration", `of index ${configurationIndex}`],
    ],
    paint,
  );
  const members = renderTable<Voice>(
    [
      { heading: "OTHER MEMBER", cell: (voice) => voice.name },
      { heading: "ROLE", cell: ({ role }) => role },
      { heading: "ADDRESS", cell: ({ address }) => address },
      { heading: "NOW", cell: ({ answers }) => (answers ? { text: "answers", tone: "warning" } : "does not answer") },
    ],
    voices,
    paint,
  );
  const meaning = [
    `Recovery makes ${name} the only member, in a new epoch. What the others acknowledged behind index ${lastIndex} is lost; how`,
    "much that is cannot be told from here. The others can never come back as they are: each must join anew, with an empty",
    "data directory. Be sure that they are gone for good: two of them, started again, would be a cluster of their own.",
  ];
  return [fields, members, meaning.join("\n")].join("\n\n");
}

/** The cluster was founded anew. */
export function founded(done: Founded, verb: "recovered" | "restored", evidence: Evidence | null): Answer {
  const { name, clusterId, epoch, index, term, dataDir } = done;
  return {
    json: { ...(evidence === null ? {} : { evidence }), [verb]: done },
    text: () => `cluster ${clusterId} ${verb} with ${name} alone: epoch ${epoch}, index ${index}, term ${term}`,
    notes: [`start it with \`blixard node start --id ${name} --data-dir ${dataDir} …\`, then let other nodes join`],
  };
}
