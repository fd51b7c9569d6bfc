/**
 * Runs the program espeak-ng where only its package is installed: arguments as it knows them, the text on standard input, a WAV
 * file on standard output. A process of its own, spoken to by pipes like the installed program it stands in for.
 *
 * eSpeak NG is licensed under the GPL, version 3 or later; no part of it is in this repository, and nothing here is linked with it.
 */
import { writeSync } from 'node:fs';
import { text } from 'node:stream/consumers';

const { default: espeakNg } = await import('espeak-ng');
const said = await text(process.stdin);
const program = await espeakNg({
  arguments: [...process.argv.slice(2), '-f', 'said.txt', '-w', 'said.wav'],
  // Before it begins: the text is given as a file, because an argument that begins with a dash would be an option.
  preRun: [(module) => module.FS.writeFile('said.txt', said)],
  print: () => undefined,
  printErr: (line) => process.stderr.write(`${line}\n`),
});
const wav = program.FS.readFile('said.wav');
for (let written = 0; written < wav.length; ) written += writeSync(1, wav, written);
process.exit(0);
