/** The catalogue of images: what is imported, who holds it, what a new VM is made from. */

import { accept, refuse, type Decision, type Refused } from "./decision.ts";
import { builtInImage, copyOfManifest, type ImageAnswered, type ImageCommand, type ImageRecord } from "./image-record.ts";
import type { VmSpec } from "./records.ts";
import type { MachineState } from "./state.ts";

type Command<K extends ImageCommand["kind"]> = Extract<ImageCommand, { kind: K }>;

const bytesPerMib = 1024 * 1024;

/** Decides what is asked about an image. */
export function decideImage(state: MachineState, command: ImageCommand, index: number): Decision {
  switch (command.kind) {
    case "image-add":
      return decideAdd(state, command, index);
    case "image-hold":
      return decideHold(state, command);
    case "image-remove":
      return decideRemoval(state, command);
  }
}

/** A name keeps its content: other content under a name that is taken is refused. */
function decideAdd(state: MachineState, { name, digest, manifest, node }: Command<"image-add">, index: number): Decision {
  if (name === builtInImage) return refuse("ALREADY_EXISTS", `the image ${name} is built in; give another name`);
  const before = state.images.get(name);
  if (before === undefined) {
    return changed({ name, digest, manifest: copyOfManifest(manifest), holders: [node], createdIndex: index });
  }
  if (before.digest === digest) return holding(before, node, true);
  return refuse("ALREADY_EXISTS", `the image ${name} is there with other content, sha256:${before.digest}`);
}

function decideHold(state: MachineState, { name, digest, node, held }: Command<"image-hold">): Decision {
  const image = state.images.get(name);
  if (image === undefined) return noSuchImage(name);
  if (image.digest === digest) return holding(image, node, held);
  return refuse("CONFLICT", `the image ${name} is sha256:${image.digest}, not sha256:${digest}`);
}

function holding(image: ImageRecord, node: string, held: boolean): Decision {
  if (image.holders.includes(node) === held) return accept(answerOf(image, false));
  const others = image.holders.filter((holder) => holder !== node);
  return changed({ ...image, holders: held ? [...others, node].sort() : others });
}

/** A VM that was made from it could not start on another worker any more. */
function decideRemoval(state: MachineState, { name, force }: Command<"image-remove">): Decision {
  if (name === builtInImage) return refuse("WRONG_STATE", `the image ${name} is built in and cannot be removed`);
  const image = state.images.get(name);
  if (image === undefined) return noSuchImage(name);
  const users = force ? [] : usersOf(state, image);
  if (users.length > 0) {
    const more = users.length > 3 ? ` and ${users.length - 3} more` : "";
    return refuse("WRONG_STATE", `the image ${name} is used by ${users.slice(0, 3).join(", ")}${more}`);
  }
  return accept(answerOf(image, true), { table: "image", key: name, record: null });
}

/** Names of the VMs that were made from this content of the name. */
export function usersOf(state: MachineState, { name, digest }: Pick<ImageRecord, "name" | "digest">): readonly string[] {
  return state.vms.keys().filter((vm) => {
    const spec = state.vms.get(vm)?.spec;
    return spec?.image === name && spec.imageDigest === digest;
  });
}

/** The specification with the content that it is made from; what is not from the catalogue stays as it is. */
export function pinImage(state: MachineState, spec: VmSpec): VmSpec | Refused {
  if (spec.driver !== "qemu" || spec.image === builtInImage) {
    return spec.imageDigest === undefined ? spec : refuse("INVALID_ARGUMENT", `the image ${spec.image} has no content in the catalogue to be named by`);
  }
  const image = state.images.get(spec.image);
  if (image === undefined) return noSuchImage(spec.image);
  const { digest, manifest } = image;
  if (spec.imageDigest !== undefined && spec.imageDigest !== digest) {
    return refuse("CONFLICT", `the image ${spec.image} is sha256:${digest}, not sha256:${spec.imageDigest}`);
  }
  if (spec.memoryMib < (manifest.memoryMib ?? 0)) {
    return refuse("INVALID_ARGUMENT", `the image ${spec.image} needs ${manifest.memoryMib} MiB of memory`);
  }
  const diskMib = Math.ceil((manifest.disk?.bytes ?? 0) / bytesPerMib);
  if (spec.diskMib > 0 && spec.diskMib < diskMib) return refuse("INVALID_ARGUMENT", `the disk of the image ${spec.image} has ${diskMib} MiB`);
  return { ...spec, diskMib: Math.max(spec.diskMib, diskMib), imageDigest: digest };
}

export function noSuchImage(name: string): Refused {
  return refuse("NOT_FOUND", `there is no image ${name}`);
}

function changed(record: ImageRecord): Decision {
  return accept(answerOf(record, true), { table: "image", key: record.name, record });
}

function answerOf({ digest }: ImageRecord, isChanged: boolean): ImageAnswered {
  return { digest, changed: isChanged };
}
