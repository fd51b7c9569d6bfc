/** What a command is, and what it is given to work with. */
import type { EngineBinary } from '../host/engine.ts';
import type { Arguments, Parameters } from './arguments.ts';
import type { Progress } from './progress.ts';
import type { RecordingPlace } from './recordings.ts';
import type { Threads } from './threads.ts';

export interface Workplace {
  /** Compiled first where a source changed. */
  engine(): Promise<EngineBinary>;
  /** Started on first use. */
  threads(): Promise<Threads>;
  /** Finds a recording and says what there is to know about it. @param name a path, or - for standard input */
  recording(name: string): Promise<RecordingPlace>;
  /** For what can be thrown away afterwards. */
  folder(): Promise<string>;
  readonly progress: Progress;
  /** One line on standard error that stops nothing. */
  warn(sentence: string): void;
  /** Standard output; nothing else ever goes there. */
  print(bytes: Uint8Array | string): Promise<void>;
  readonly signal: AbortSignal;
}

export interface Command extends Parameters {
  readonly name: string;
  readonly summary: string;
  run(values: Arguments, workplace: Workplace): Promise<void>;
}
