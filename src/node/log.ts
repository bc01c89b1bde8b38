/** The daemon's own log on stderr: one line an event, with `group`, `component` and `node` (row O5). */

export type LogLevel = "debug" | "info" | "warn" | "error";

export interface Log {
  /** The same log under another component's name. */
  for(component: string): Log;
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

export type LogFields = Readonly<Record<string, unknown>>;

const levels: readonly LogLevel[] = ["debug", "info", "warn", "error"];

/** Writes JSON lines; never throws, for a log that cannot be written must not stop a node. */
export function makeLog(node: string, lowest: LogLevel, write: (line: string) => void): Log {
  const at = (component: string): Log => {
    const say = (level: LogLevel) => (message: string, fields: LogFields = {}) => {
      if (levels.indexOf(level) < levels.indexOf(lowest)) return;
      const time = new Date().toISOString();
      write(`${JSON.stringify({ time, level, node, component, ...fields, message })}\n`);
    };
    return { for: at, debug: say("debug"), info: say("info"), warn: say("warn"), error: say("error") };
  };
  return at("node");
}
