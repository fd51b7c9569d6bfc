/**
 * Real speakers whose recordings Debian ships as packages: whose they are, where they lie, and who is held out.
 *
 * The halves are split by package and language, so that a person should be in one only; nobody compared the people themselves.
 * Where two packages may have the same person (one community, one language), both are in the training half or one is left out.
 * The projection is made of the training half alone; rates of the held-out half were seen while the features were chosen (README).
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface Speaker {
  readonly name: string;
  readonly half: 'train' | 'held-out';
  readonly sources: readonly { readonly debianPackage: string; readonly files: RegExp }[];
}

const from = (debianPackage: string, files: RegExp) => ({ debianPackage, files });
const asterisk = (language: string, folder: string) => from(`asterisk-core-sounds-${language}-g722`, new RegExp(`/${folder}/(?!silence/).*\\.g722$`));
const klettres = (language: string) => from('klettres-data', new RegExp(`/klettres/${language}/(alpha|syllab)/.*\\.(ogg|wav|mp3)$`));
const ktuberling = (language: string) => from('ktuberling-data', new RegExp(`/ktuberling/sounds/${language}/.*\\.(ogg|wav)$`));
const tuxpaint = (languages: string) => from('tuxpaint-stamps-default', new RegExp(`_desc_(${languages})\\.ogg$`));
const fillets = (language: string, fish: 'm' | 'v') => from(`fillets-ng-data-${language}`, new RegExp(`/${language}/[a-z0-9]+-${fish}-.*\\.ogg$`));
const hedgewars = (voice: string) => from('hedgewars-data', new RegExp(`/voices/${voice}/.*\\.ogg$`));

const speaker = (half: Speaker['half']) => (name: string, ...sources: Speaker['sources']): Speaker => ({ name, half, sources });
const train = speaker('train');
const heldOut = speaker('held-out');

export const SPEAKERS: readonly Speaker[] = [
  train('allison-en-es', asterisk('en', 'en_US_f_Allison'), asterisk('es', 'es_MX_f_Allison')),
  train('ivrvoice-ru', asterisk('ru', 'ru_RU_f_IvrvoiceRU')),
  train('menardi-it', from('asterisk-prompt-it-menardi-wav', /it_IT_f_Menardi\/(?!silence\/).*\.wav$/)),
  train('armelle-fr', from('asterisk-prompt-fr-armelle', /\.gsm$/)),
  train('prompts-es-co', from('asterisk-prompt-es-co', /\.gsm$/)),
  ...['ml', 'es', 'pt_BR', 'lt', 'uk', 'ru', 'hu', 'de', 'nb', 'cs', 'fr', 'he', 'en', 'tn'].map((language) => train(`letters-${language}`, klettres(language))),
  ...['fr', 'uk', 'lt', 'ru', 'de', 'en', 'sl'].map((language) => train(`potatoes-${language}`, ktuberling(language))),
  ...['bg', 'be|ru', 'es', 'fr', 'ro'].map((language) => train(`stamps-${language}`, tuxpaint(language))),
  train('small-fish-cs', fillets('cs', 'm')),
  train('large-fish-cs', fillets('cs', 'v')),
  ...['Default_ru', 'Default_pl', 'Default_es'].map((voice) => train(`hogs-${voice}`, hedgewars(voice))),

  heldOut('june-fr-ca', asterisk('fr', 'fr_CA_f_June')),
  heldOut('carlo-it', asterisk('it', 'it_IT_m_Carlo')),
  heldOut('small-fish-nl', fillets('nl', 'm')),
  heldOut('large-fish-nl', fillets('nl', 'v')),
  ...['ca', 'da', 'wa', 'el', 'gl'].map((language) => heldOut(`potatoes-${language}`, ktuberling(language))),
  ...['ar', 'nds', 'en_GB'].map((language) => heldOut(`letters-${language}`, klettres(language))),
];

/** Where packages are unpacked: never installed. */
const FOLDER = process.env['SPEECH_PACKAGES'] ?? fileURLToPath(new URL('../../../tests/out/speech', import.meta.url));

/** A package's files, fetched with apt and unpacked at its first use. @throws Error where that cannot be had */
function unpacked(debianPackage: string): string {
  const folder = join(FOLDER, debianPackage);
  if (existsSync(folder)) return folder;
  const download = mkdtempSync(join(tmpdir(), 'tonetwin-speech-'));
  try {
    const fetched = spawnSync('apt-get', ['download', debianPackage], { cwd: download, encoding: 'utf8' });
    const file = readdirSync(download).find((name) => name.endsWith('.deb'));
    if (fetched.status !== 0 || file === undefined) throw new Error(`The package ${debianPackage} cannot be had: ${fetched.stderr}`);
    mkdirSync(FOLDER, { recursive: true });
    const extracted = spawnSync('dpkg', ['-x', join(download, file), folder], { encoding: 'utf8' });
    if (extracted.status !== 0) throw new Error(extracted.stderr);
    return folder;
  } finally {
    rmSync(download, { recursive: true, force: true });
  }
}

/** A number from a name: FNV-1a. */
function nameHash(name: string): number {
  let hash = 0x811c9dc5;
  for (const character of name) hash = Math.imul(hash ^ character.codePointAt(0)!, 0x01000193);
  return hash >>> 0;
}

/**
 * All a speaker's clips, one after the other in an order that a clip's name decides.
 * @param sampleRate Hz
 * @param seconds at most
 * @returns mono, full scale ±1
 * @throws Error where a package or ffmpeg cannot be had
 */
export function speechOf(speaker: Speaker, sampleRate: number, seconds: number): Float32Array {
  const files = speaker.sources.flatMap(({ debianPackage, files: wanted }) => {
    const folder = unpacked(debianPackage);
    return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => wanted.test(`/${file}`)).map((file) => join(folder, file));
  });
  if (files.length === 0) throw new Error(`No recordings of ${speaker.name}`);
  const ordered = files.toSorted((a, b) => nameHash(a.slice(FOLDER.length)) - nameHash(b.slice(FOLDER.length)));
  const work = mkdtempSync(join(tmpdir(), 'tonetwin-speech-'));
  try {
    // One run of ffmpeg a format: clips of one speaker may differ in rate.
    const list = join(work, 'clips.txt');
    writeFileSync(list, ordered.map((file) => `file '${file.replaceAll("'", `'\\''`)}'`).join('\n'));
    const { status, stdout, stderr } = spawnSync(
      'ffmpeg',
      ['-nostdin', '-v', 'error', '-f', 'concat', '-safe', '0', '-i', list, '-t', String(seconds), '-ac', '1', '-ar', String(sampleRate), '-f', 'f32le', '-'],
      { maxBuffer: 1 << 30 },
    );
    if (status !== 0) throw new Error(`ffmpeg: ${stderr.toString()}`);
    return new Float32Array(stdout.buffer.slice(stdout.byteOffset, stdout.byteOffset + (stdout.byteLength & ~3)));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
