import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { UserError } from "../errors.ts";
import { type Configuration, ConfigurationError, parseConfiguration } from "../tla/configuration.ts";
import { loadSpecification, type Specification, TlaError } from "../tla/specification.ts";
import { diskHost } from "./disk-host.ts";
import { loadGrammar } from "./grammar.ts";

/** A specification and its configuration as text: what a thread needs to check it. */
export interface ModelSource {
  /** The name of the root module. */
  readonly root: string;
  readonly modules: ReadonlyMap<string, string>;
  readonly configuration: string;
  /** Path of the configuration, for messages. */
  readonly configurationFile: string;
}

export interface OpenModel {
  readonly specification: Specification;
  readonly configuration: Configuration;
}

/** Reads `file`, the modules that lie beside it, and its configuration: the file of the same name when none is given. */
export function readModel(file: string, configurationFile = file.replace(/(\.tla)?$/, ".cfg")): ModelSource {
  const path = file.endsWith(".tla") ? file : `${file}.tla`;
  const directory = dirname(path);
  if (!existsSync(path)) throw new UserError("INVALID_ARGUMENT", `there is no file ${path}`, { next: "Name the .tla file of a specification." });
  if (!existsSync(configurationFile)) {
    const next = "Write a .cfg file beside the specification (INIT, NEXT, INVARIANT, CONSTANT), or name one with --config.";
    throw new UserError("INVALID_ARGUMENT", `there is no configuration ${configurationFile}`, { next });
  }
  const files = readdirSync(directory).filter((name) => name.endsWith(".tla"));
  const modules = new Map(files.map((name) => [basename(name, ".tla"), readFileSync(join(directory, name), "utf8")]));
  return { root: basename(path, ".tla"), modules, configuration: readFileSync(configurationFile, "utf8"), configurationFile };
}

/** Loads what was read. What is wrong with it is `SPEC_INVALID`, with module and line. */
export async function openModel(source: ModelSource, print?: (text: string) => void): Promise<OpenModel> {
  const parse = await loadGrammar();
  return saidWhere(source, () => {
    const { root, modules } = source;
    const configuration = parseConfiguration(source.configuration);
    const { constants, overrides, moduleOverrides } = configuration;
    const specification = loadSpecification({ root, modules, constants, overrides, moduleOverrides, parse, host: diskHost(print) });
    return { specification, configuration };
  });
}

/** Runs `work`; a mistake of the specification that it meets becomes an error for the user. */
export function saidWhere<T>(source: Pick<ModelSource, "configurationFile">, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof ConfigurationError) throw new UserError("SPEC_INVALID", `${source.configurationFile}: ${error.message}`);
    if (error instanceof TlaError) throw new UserError("SPEC_INVALID", error.message);
    throw error;
  }
}
