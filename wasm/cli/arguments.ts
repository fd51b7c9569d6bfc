/** Command line words -> values, by what a command says it takes. */
import { AppError } from '../../shared/errors.ts';

export interface Option {
  /** What stands for the value in the help; left out for a switch. */
  readonly value?: string;
  readonly help: string;
  readonly isRequired?: boolean;
  readonly choices?: readonly string[];
  /** For numbers: the range, both ends included. */
  readonly range?: readonly [number, number];
}

export interface Parameters {
  /** The one thing that needs no name, if any. */
  readonly positional?: { readonly name: string; readonly help: string };
  readonly options: Readonly<Record<string, Option>>;
}

export class Arguments {
  readonly #values: ReadonlyMap<string, string>;
  readonly positional: string;

  constructor(values: ReadonlyMap<string, string>, positional: string) {
    this.#values = values;
    this.positional = positional;
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  text(name: string): string | null {
    return this.#values.get(name) ?? null;
  }

  /** Of an option that is required. */
  required(name: string): string {
    return this.#values.get(name)!;
  }

  number(name: string, fallback: number): number {
    const text = this.#values.get(name);
    return text === undefined ? fallback : Number(text);
  }
}

const usage = (detail: string): AppError => new AppError('cli/usage', { detail });

function checkValue(name: string, option: Option, value: string): void {
  if (option.choices && !option.choices.includes(value)) throw usage(`--${name} is one of ${option.choices.join(', ')}, not ${value}.`);
  if (!option.range) return;
  const [low, high] = option.range;
  const number = Number(value);
  if (value.trim() === '' || !(number >= low && number <= high)) throw usage(`--${name} is a number from ${low} to ${high}, not ${value}.`);
}

/** @throws AppError 'cli/usage' with the one thing that is wrong */
export function parseArguments(words: readonly string[], parameters: Parameters): Arguments {
  const values = new Map<string, string>();
  const positionals: string[] = [];
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index]!;
    if (!word.startsWith('--')) {
      positionals.push(word);
      continue;
    }
    const [name, joined] = word.slice(2).split(/=(.*)/s) as [string, string?];
    const option = parameters.options[name];
    if (!option) throw usage(`There is no option --${name}. Try --help.`);
    if (option.value === undefined) {
      if (joined !== undefined) throw usage(`--${name} takes no value.`);
      values.set(name, '');
      continue;
    }
    // A value may begin with a dash: -1 is a number, - is standard input or output.
    const value = joined ?? words[(index += 1)];
    if (value === undefined || value.startsWith('--')) throw usage(`--${name} needs a value: ${option.value}.`);
    checkValue(name, option, value);
    values.set(name, value);
  }
  for (const [name, option] of Object.entries(parameters.options)) {
    if (option.isRequired && !values.has(name)) throw usage(`--${name} ${option.value} is missing. Try --help.`);
  }
  const expected = parameters.positional ? 1 : 0;
  if (positionals.length > expected) throw usage(`${positionals[expected]} is one thing too many. Try --help.`);
  if (positionals.length < expected) throw usage(`${parameters.positional!.name} is missing. Try --help.`);
  return new Arguments(values, positionals[0] ?? '');
}
