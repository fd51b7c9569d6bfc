/** From words to an exit status. */
import { AppError, toAppError } from '../../shared/errors.ts';
import { Arguments, parseArguments } from './arguments.ts';
import type { Command } from './command.ts';
import { analyzeCommand } from './commands/analyze.ts';
import { exportCommand } from './commands/export.ts';
import { matchCommand } from './commands/match.ts';
import { renderCommand } from './commands/render.ts';
import { commandHelp, programHelp } from './help.ts';
import { openWorkplace, type Streams } from './workplace.ts';

const COMMANDS: readonly Command[] = [analyzeCommand, matchCommand, renderCommand, exportCommand];

export const EXIT_OK = 0;
export const EXIT_BAD_INPUT = 1;
export const EXIT_USAGE = 2;

const isHelp = (word: string | undefined): boolean => word === '--help' || word === '-h' || word === 'help';

/**
 * Runs one command.
 * @param signal ends the work; nothing half-written stays
 * @returns 0 done, 1 the input cannot be used, 2 the command line is wrong
 */
export async function runCli(words: readonly string[], streams: Streams, signal: AbortSignal): Promise<number> {
  const [name, ...rest] = words;
  const command = COMMANDS.find((candidate) => candidate.name === name);
  const workplace = openWorkplace(streams, signal);
  try {
    if (isHelp(name)) {
      await workplace.print(programHelp(COMMANDS));
      return EXIT_OK;
    }
    if (!command) {
      workplace.warn(name === undefined ? programHelp(COMMANDS).trimEnd() : `There is no command ${name}. Try --help.`);
      return EXIT_USAGE;
    }
    if (rest.some(isHelp)) {
      await workplace.print(commandHelp(command));
      return EXIT_OK;
    }
    const values: Arguments = parseArguments(rest, command);
    await command.run(values, workplace);
    return EXIT_OK;
  } catch (thrown) {
    const error = signal.aborted ? new AppError('job/cancelled') : toAppError(thrown);
    workplace.warn(error.message);
    return error.code === 'cli/usage' ? EXIT_USAGE : EXIT_BAD_INPUT;
  } finally {
    await workplace.close();
  }
}
