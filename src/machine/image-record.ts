/** Images: what a VM boots, named by the hash of its content. The catalogue is replicated; the content lies on the nodes that hold it. */

import { isCount, isIdentifier, isMessage, isName, isBoolean, isSha256, isShape, shape, type Check, type Shape } from "./check-value.ts";
import type { Name, NodeId } from "./records.ts";

/** The image that every worker makes by itself; no import can take its name. */
export const builtInImage = "default";

/** One file of an image. */
export interface ImageBlob {
  readonly sha256: string;
  readonly bytes: number;
}

/** What an image is. Its digest is the SHA-256 of this document in its canonical form (`image-manifest.ts` of the drivers). */
export interface ImageManifest {
  readonly kernel: ImageBlob;
  readonly initrd: ImageBlob;
  /** A raw disk; each VM gets a copy of its own. */
  readonly disk?: ImageBlob;
  /** Further words of the kernel's command line, one blank between two. */
  readonly cmdline?: string;
  /** The least memory that it boots with. */
  readonly memoryMib?: number;
  /** Text on the console by which the guest says that it is up; absent: that of our own guests. */
  readonly ready?: string;
}

/** The parts of an image that are files, in the order in which people name them. */
export const imageParts = ["kernel", "initrd", "disk"] as const;

/** A row of the catalogue. */
export interface ImageRecord {
  readonly name: Name;
  /** 64 hexadecimal digits. */
  readonly digest: string;
  readonly manifest: ImageManifest;
  /** Nodes that have said that they hold all of it. Sorted. */
  readonly holders: readonly NodeId[];
  readonly createdIndex: number;
}

export type ImageCommand =
  /** `node` holds all of it, verified. */
  | { readonly kind: "image-add"; readonly name: Name; readonly digest: string; readonly manifest: ImageManifest; readonly node: NodeId }
  /** `held`: the node has got all of it, or lost some. */
  | { readonly kind: "image-hold"; readonly name: Name; readonly digest: string; readonly node: NodeId; readonly held: boolean }
  /** `force`: although a VM was made from it. */
  | { readonly kind: "image-remove"; readonly name: Name; readonly force: boolean };

/** `value` of an accepted command about an image. */
export interface ImageAnswered {
  readonly digest: string;
  readonly changed: boolean;
}

/** Printable ASCII, one blank between two words: no word can become two, and none is lost. */
const cmdlineLimit = 1_024;
const isCmdline: Check = (value) =>
  typeof value === "string" && value.length <= cmdlineLimit && /^[\x21-\x7e]+( [\x21-\x7e]+)*$/.test(value)
    ? null
    : `must be words of printable ASCII with one blank between two, of at most ${cmdlineLimit} characters`;

/** One line of a console: what is looked for in it. */
const isReadyText: Check = (value) =>
  typeof value === "string" && /^[\x20-\x7e]{1,200}$/.test(value) ? null : "must be 1 to 200 characters of printable ASCII";

const blobShape = shape({ sha256: isSha256, bytes: isCount(1) });

const manifestShape = shape(
  { kernel: isShape(blobShape), initrd: isShape(blobShape) },
  { disk: isShape(blobShape), cmdline: isCmdline, memoryMib: isCount(1, 2 ** 40), ready: isReadyText },
);

/** What is wrong with a value as a manifest, or null. */
export const isManifest = isShape(manifestShape);

export const imageShapes: readonly (readonly [string, Shape])[] = [
  ["image-add", shape({ kind: isMessage, name: isName, digest: isSha256, manifest: isManifest, node: isIdentifier })],
  ["image-hold", shape({ kind: isMessage, name: isName, digest: isSha256, node: isIdentifier, held: isBoolean })],
  ["image-remove", shape({ kind: isMessage, name: isName, force: isBoolean })],
];

/** The fields in an order of ours: the row's text is compared byte by byte, and the digest is made of it. */
export function copyOfManifest({ kernel, initrd, disk, cmdline, memoryMib, ready }: ImageManifest): ImageManifest {
  const blob = ({ sha256, bytes }: ImageBlob): ImageBlob => ({ sha256, bytes });
  return {
    kernel: blob(kernel),
    initrd: blob(initrd),
    ...(disk === undefined ? {} : { disk: blob(disk) }),
    ...(cmdline === undefined ? {} : { cmdline }),
    ...(memoryMib === undefined ? {} : { memoryMib }),
    ...(ready === undefined ? {} : { ready }),
  };
}
