/** The help texts, made from what the commands say of themselves. */
import type { Command } from './command.ts';

const PROGRAM = 'npm run --silent tonetwin --';

function usageLine(command: Command): string {
  const required = Object.entries(command.options).filter(([, option]) => option.isRequired);
  const hasOthers = Object.values(command.options).some((option) => !option.isRequired);
  return [
    `${PROGRAM} ${command.name}`,
    ...(command.positional ? [command.positional.name] : []),
    ...required.map(([name, option]) => `--${name} ${option.value}`),
    ...(hasOthers ? ['[options]'] : []),
  ].join(' ');
}

function table(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`).join('\n');
}

export function commandHelp(command: Command): string {
  const rows: [string, string][] = command.positional ? [[command.positional.name, command.positional.help]] : [];
  for (const [name, option] of Object.entries(command.options)) rows.push([`--${name}${option.value ? ` ${option.value}` : ''}`, option.help]);
  return `${command.summary}\n\nUsage:\n  ${usageLine(command)}\n\n${table(rows)}\n`;
}

export function programHelp(commands: readonly Command[]): string {
  return `Tonetwin: make one recording sound like another.

Usage:
  ${PROGRAM} COMMAND [options]

${table(commands.map((command) => [command.name, command.summary]))}

Each command explains itself with --help. Files are WAV, AIFF or FLAC; - is standard input or output.
Exit status: 0 done, 1 the input cannot be used, 2 the command line is wrong.
`;
}
