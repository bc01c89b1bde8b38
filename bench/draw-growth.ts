/** Draws the charts of `bench/growth/*.json` anew: `npm run bench:growth:draw [DIRECTORY]`. */

import { fileURLToPath } from "node:url";
import { drawFigures } from "./growth-files.ts";

drawFigures(process.argv[2] ?? fileURLToPath(new URL("growth", import.meta.url)));
