/** Which tests of the server are run a second time, on real services. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const FOLDER = 'tests/server/';
/** What gives a test its database or store: on the services where they are there. */
const OPENERS = /\b(openApiCaller|openUploadCaller|createKillableServer|openTestDatabase|openTestStore|openPostgres)\(/;

/** Those that open a database or a store; the others would do the same once more. @returns paths from the root */
export const testsOnServices = (): string[] =>
  readdirSync(ROOT + FOLDER, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.test.ts'))
    .map((file) => FOLDER + file.replaceAll('\\', '/'))
    .filter((file) => OPENERS.test(readFileSync(ROOT + file, 'utf8')))
    .sort();
