/** Images, for people: the catalogue, and the way of content from them to a node and from node to node. */

import { UserError } from "../errors.ts";
import type { ImageAnswered, ImageCommand } from "../machine/image-record.ts";
import { builtInImage, copyOfManifest, type ImageBlob, type ImageManifest, imageParts, type ImageRecord, isManifest } from "../machine/image-record.ts";
import { usersOf } from "../machine/image.ts";
import { parseName } from "../machine/names.ts";
import { getImage, listImages, listVms, listWorkers } from "../machine/query.ts";
import type { NodeId } from "../machine/records.ts";
import type { ImageAddRequest, ImageProgress, ImagePullRequest, ImageUploadRequest, ImageView, RequestId } from "../transport/messages.generated.ts";
import type { CallContext, ServiceHandlers } from "../transport/service.ts";
import type { Init } from "../transport/wire.ts";
import { type BuiltInImage, dial, manifestDigest } from "./concrete.ts";
import type { LocalImages, ImageProgress as Progress } from "./local-images.ts";
import { envelopeOf, readAs, requireCluster, timeoutOf } from "./service-parts.ts";
import type { ServiceParts } from "./service-parts.ts";

export interface ImageServiceParts extends ServiceParts {
  readonly self: NodeId;
  readonly images: LocalImages;
  /** What this node makes by itself; null when it cannot. */
  readonly builtIn: () => Promise<BuiltInImage | null>;
  readonly resolveNode: (node: string) => NodeId;
  readonly addressOf: (node: NodeId) => string | null;
}

/** Whoever waits for progress need not be told more often. */
const tellEveryMs = 250;

export function imageService(parts: ImageServiceParts): ServiceHandlers["image"] {
  const { images, requests } = parts;
  const command = async (request: RequestId | null, wish: ImageCommand, context: CallContext) => {
    const { index, value } = await requests.execute<ImageAnswered>(envelopeOf(request, wish), timeoutOf(context));
    return { index, ...value };
  };
  return {
    async list({ read }, context) {
      const fresh = await readAs(parts, read, context);
      return { freshness: fresh, images: [await builtInView(parts), ...listImages(parts.replica.machine).map((image) => viewOf(parts, image))] };
    },
    async upload({ sha256, bytes, offset, data }: ImageUploadRequest) {
      requireCluster(parts);
      if (!(bytes > 0)) throw new UserError("INVALID_ARGUMENT", "a file of an image must not be empty");
      images.touch(sha256);
      const blob = { sha256, bytes };
      return { received: data.length === 0 ? await images.store.received(blob) : await images.store.append(blob, offset, data) };
    },
    async add(request, context) {
      requireCluster(parts);
      const manifest = manifestOf(request);
      await checkPresence(parts, manifest);
      const name = parseName(request.name, "image name");
      return command(request.request, { kind: "image-add", name, digest: manifestDigest(manifest), manifest, node: parts.self }, context);
    },
    async remove({ request, name, force }, context) {
      requireCluster(parts);
      return command(request, { kind: "image-remove", name: parseName(name, "image name"), force }, context);
    },
    pull: (request, context) => pull(parts, request, context),
    async *fetch({ sha256, offset }) {
      requireCluster(parts);
      for await (const data of images.store.read(sha256, offset)) yield { data };
    },
  };
}

function manifestOf({ manifest }: ImageAddRequest): ImageManifest {
  let document: unknown;
  try {
    document = JSON.parse(manifest);
  } catch {
    throw new UserError("INVALID_ARGUMENT", "the manifest is no JSON text");
  }
  const problem = isManifest(document);
  if (problem !== null) throw new UserError("INVALID_ARGUMENT", `the manifest: ${problem}`);
  return copyOfManifest(document as ImageManifest);
}

/** What was uploaded was checked when its last piece came; what was here before is checked now, and dropped if it is damaged. */
async function checkPresence({ images, self }: ImageServiceParts, manifest: ImageManifest): Promise<void> {
  for (const part of imageParts) {
    const blob = manifest[part];
    const state = blob === undefined ? "whole" : await images.store.look(blob);
    if (blob === undefined || state === "whole") continue;
    if (state === "damaged") await images.store.remove(blob.sha256);
    const what = state === "damaged" ? "was here, but damaged, and was dropped" : "is not here";
    throw new UserError("WRONG_STATE", `the ${part} (sha256:${blob.sha256}) ${what}`, { node: self, next: "Give the command again: it sends what is missing." });
  }
}

function viewOf({ replica }: ImageServiceParts, image: ImageRecord): Init<ImageView> {
  const { name, digest, manifest, holders, createdIndex } = image;
  return {
    ...{ name, digest, createdIndex, manifest: JSON.stringify(manifest), bytes: sizeOf(manifest), vms: [...usersOf(replica.machine, image)] },
    ...holdersOf(replica, holders),
  };
}

/** Every worker with QEMU makes it by itself; what it is made of is told as it is on the daemon that is asked. */
async function builtInView({ replica, builtIn }: ImageServiceParts): Promise<Init<ImageView>> {
  const made = await builtIn();
  const { machine } = replica;
  const holders = listWorkers(machine).filter(({ worker }) => worker.drivers.includes("qemu")).map(({ worker }) => worker.node);
  const vms = listVms(machine).filter(({ spec }) => spec.driver === "qemu" && spec.image === builtInImage).map(({ spec }) => spec.name);
  const told = made === null ? {} : { digest: manifestDigest(made.manifest), manifest: JSON.stringify(made.manifest), bytes: sizeOf(made.manifest) };
  return { name: builtInImage, builtIn: true, vms, ...told, ...holdersOf(replica, holders) };
}

function holdersOf({ machine, raft }: ImageServiceParts["replica"], ids: readonly NodeId[]): Pick<Init<ImageView>, "holderIds" | "holderNames"> {
  const names = new Map(listWorkers(machine).map(({ worker }) => [worker.node, worker.name as string]));
  const configured = new Map(raft.configurations.flatMap(({ configuration }) => configuration.voters).map(({ id, name }) => [id, name]));
  return { holderIds: [...ids], holderNames: ids.map((id) => names.get(id) ?? configured.get(id) ?? id) };
}

function sizeOf(manifest: ImageManifest): number {
  return imageParts.reduce((sum, part) => sum + ((manifest[part] as ImageBlob | undefined)?.bytes ?? 0), 0);
}

/** Brings the content to a node, whoever is asked. */
async function* pull(parts: ImageServiceParts, { name, node }: ImagePullRequest, context: CallContext): AsyncGenerator<Init<ImageProgress>> {
  requireCluster(parts);
  const target = node === "" ? parts.self : parts.resolveNode(node);
  if (target !== parts.self) return yield* pullThere(parts, name, target, context);
  const image = getImage(parts.replica.machine, name);
  if (image === undefined) throw new UserError("NOT_FOUND", `there is no image ${name} that could be pulled`, { node: parts.self, next: "See `blixard image list`." });
  let latest: Progress | null = null;
  let wake = (): void => undefined;
  const onProgress = (progress: Progress): void => {
    latest = progress;
    wake();
  };
  const work = parts.images.ensure(image, { signal: context.signal, thorough: true, onProgress });
  const over = work.then(() => true, () => true);
  for (;;) {
    const isOver = await Promise.race([over, new Promise<boolean>((resolve) => (wake = () => resolve(false)))]);
    if (isOver) break;
    if (latest !== null) yield latest;
    await Promise.race([over, new Promise((resolve) => setTimeout(resolve, tellEveryMs))]);
  }
  await work;
  yield { done: true, digest: image.digest, nodeId: parts.self };
}

async function* pullThere(parts: ImageServiceParts, name: string, target: NodeId, context: CallContext): AsyncGenerator<Init<ImageProgress>> {
  const address = parts.addressOf(target);
  if (address === null) throw new UserError("UNREACHABLE", `the address of node ${target} is not known`);
  const connection = dial(address, timeoutOf(context));
  try {
    yield* connection.image.pull({ name, node: "" });
  } finally {
    connection.close();
  }
}
