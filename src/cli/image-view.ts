/** Images as answers. */

import { UserError } from "../errors.ts";
import type { ImageManifest } from "../machine/image-record.ts";
import type { ImageListResponse, ImageResponse, ImageView } from "../transport/messages.generated.ts";
import type { Answer } from "./answer.ts";
import { freshnessJson, freshnessNotes } from "./freshness.ts";
import { type Choice, chosenRows, type Listing, renderListing } from "./listing.ts";
import { formatBytes } from "./size.ts";
import { renderFields } from "./table.ts";

const shortDigits = 12;

/** The columns of `image list`. */
export const imageListing: Listing<ImageView> = {
  what: "image",
  columns: {
    name: { cell: ({ name }) => name },
    digest: { cell: ({ digest }) => (digest === "" ? null : `sha256:${digest.slice(0, shortDigits)}`) },
    size: { cell: ({ bytes }) => (bytes === 0 ? null : formatBytes(bytes)), right: true },
    disk: { cell: (image) => sizeOf(manifestOf(image)?.disk), right: true },
    memory: { cell: (image) => manifestOf(image)?.memoryMib ?? null, right: true },
    held: { cell: ({ holderNames }) => holderNames.join(", ") || null },
    vms: { cell: ({ vms }) => vms.length, right: true },
    origin: { cell: ({ builtIn }) => (builtIn ? "built in" : "imported") },
    sha256: { cell: ({ digest }) => digest || null },
  },
  usual: () => ["name", "digest", "size", "held", "vms", "origin"],
  filters: ["name", "held", "origin", "sha256"],
};

export function imageList({ images, freshness }: ImageListResponse, choice: Choice = {}): Answer {
  const shown = chosenRows(imageListing, images, choice);
  return {
    json: { images: shown.map(imageJson), freshness: freshnessJson(freshness) },
    notes: [...freshnessNotes(freshness), ...(shown.length === 0 ? ["no image fits the filters"] : [])],
    text: (paint) => renderListing(imageListing, shown, choice, paint),
  };
}

/** One image of a list, whole. */
export function imageInspected(name: string, { images, freshness }: ImageListResponse): Answer {
  const image = images.find((one) => one.name === name);
  if (image === undefined) throw new UserError("NOT_FOUND", `there is no image ${name}`, { next: "See `blixard image list`." });
  const manifest = manifestOf(image);
  const file = (part: "kernel" | "initrd" | "disk"): string | null => {
    const blob = manifest?.[part];
    return blob === undefined ? null : `${formatBytes(blob.bytes)}, sha256:${blob.sha256}`;
  };
  return {
    json: { ...imageJson(image), freshness: freshnessJson(freshness) },
    notes: freshnessNotes(freshness),
    text: (paint) =>
      renderFields(
        [
          ["name", image.name],
          ["digest", image.digest === "" ? "this daemon cannot make it" : `sha256:${image.digest}`],
          ["origin", image.builtIn ? "built in" : `imported, index ${image.createdIndex}`],
          ["kernel", file("kernel")],
          ["initrd", file("initrd")],
          ["disk", file("disk")],
          ["cmdline", manifest?.cmdline ?? null],
          ["memory", manifest?.memoryMib === undefined ? null : `${manifest.memoryMib} MiB or more`],
          ["ready", manifest?.ready ?? null],
          ["held by", image.holderNames.join(", ") || "nobody"],
          ["VMs", image.vms.join(", ") || "none"],
        ],
        paint,
      ),
  };
}

export function imageChanged(name: string, what: string, { digest, changed, index }: ImageResponse): Answer {
  return { json: { name, digest, changed, index }, text: () => `image ${name} ${changed ? what : "is as it was"}, sha256:${digest}` };
}

export function imagePulled(name: string, node: string, digest: string): Answer {
  return { json: { name, digest, nodeId: node }, text: () => `node ${node} holds image ${name}, sha256:${digest}` };
}

function imageJson(image: ImageView): Record<string, unknown> {
  const { digest, holderIds, holderNames, ...rest } = image;
  return { ...rest, digest: digest || null, manifest: manifestOf(image), holders: holderIds.map((id, at) => ({ id, name: holderNames[at] ?? id })) };
}

function manifestOf({ manifest }: ImageView): ImageManifest | null {
  return manifest === "" ? null : (JSON.parse(manifest) as ImageManifest);
}

function sizeOf(blob: { readonly bytes: number } | undefined): string | null {
  return blob === undefined ? null : formatBytes(blob.bytes);
}
