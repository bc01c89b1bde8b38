import { fileURLToPath } from "node:url";

/** The specification that every run is held against. */
export const specDirectory = fileURLToPath(new URL("../../spec", import.meta.url));
