/** The log: a line of JSON for each thing, without what would let a reader be somebody else. Addresses of people are left out too. */
import { pino } from 'pino';

export const LOG_LEVELS = ['silent', 'error', 'warn', 'info', 'debug'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface Log {
  info(event: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(event: string, fields?: Readonly<Record<string, unknown>>): void;
  error(event: string, fields?: Readonly<Record<string, unknown>>): void;
}

const HIDDEN = '[hidden]';
/** Fields that are never shown, wherever they stand. */
const SECRET_FIELD = /pass(word|phrase)|secret|token|authorization|cookie|signature|api.?key|^e.?mail$|idempotency/i;
/** What is hidden within a text: addresses, tokens of ours and others, keys in hexadecimal or base64. */
const SECRET_TEXT: readonly [RegExp, string][] = [
  // Drizzle writes the values of a failed query behind it.
  [/params:[\s\S]*?(?=\n\s+at |$)/g, `params: ${HIDDEN}`],
  [/(postgres(?:ql)?:\/\/)[^@]*@/g, `$1${HIDDEN}@`],
  [/[^\s"'<>@,;:/]+@[^\s"'<>@,;:/]+\.[^\s"'<>@,;:/]+/g, HIDDEN],
  [/\bBearer\s+\S+/gi, `Bearer ${HIDDEN}`],
  [/\beyJ[\w-]+\.[\w-]+\.[\w-]*/g, HIDDEN],
  [/\bwhsec_\S+/g, HIDDEN],
  [/\b[A-Za-z0-9_-]{40,}\b/g, HIDDEN],
];
const DEEPEST = 6;

/** A copy that can be shown. */
export function shown(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return SECRET_TEXT.reduce((text, [pattern, by]) => text.replace(pattern, by), value);
  if (value instanceof Error) {
    const cause = value.cause === undefined ? {} : { cause: depth < DEEPEST ? shown(value.cause, depth + 1) : HIDDEN };
    return { type: value.name, ...('code' in value ? { code: value.code } : {}), message: shown(value.message), stack: shown(value.stack ?? ''), ...cause };
  }
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Date) return value.toISOString();
  if (depth >= DEEPEST || ArrayBuffer.isView(value)) return HIDDEN;
  if (Array.isArray(value)) return value.map((one) => shown(one, depth + 1));
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, SECRET_FIELD.test(name) ? HIDDEN : shown(one, depth + 1)]));
}

/** @param write  takes a line; standard output by default */
export function createLog(level: LogLevel, write?: (line: string) => void): Log {
  const options = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime, formatters: { level: (label: string) => ({ level: label }) } };
  const logger = write ? pino(options, { write }) : pino(options);
  const at = (name: 'info' | 'warn' | 'error') => (event: string, fields: Readonly<Record<string, unknown>> = {}): void => {
    if (logger.isLevelEnabled(name)) logger[name](shown(fields) as Record<string, unknown>, event);
  };
  return { info: at('info'), warn: at('warn'), error: at('error') };
}
