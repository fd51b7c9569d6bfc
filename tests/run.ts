/**
 * `npm test`: everything that runs without a browser; the server's part of it once more on a real PostgreSQL and a real
 * S3-compatible service; then the journeys in a real Chromium. What could not be run is named with the line that installs what it
 * needs, and counted. The last line is `N passed, N failed` and, where there were any, `, N skipped`.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findChromium } from './support/find-chromium.ts';
import { hasCertutil, INSTALL_CERTUTIL } from './support/find-certutil.ts';
import { DEPLOY_TOOLS, hasDeployTool, INSTALL_DEPLOY_TOOLS } from './support/find-deploy-tools.ts';
import { hasFfmpeg, INSTALL_FFMPEG } from './support/find-ffmpeg.ts';
import { hasPostgres, INSTALL_POSTGRES } from './support/postgres-server.ts';
import { hasSwift, INSTALL_SWIFT } from './support/s3-server.ts';
import { testsOnServices } from './support/tests-on-services.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const OUT = `${ROOT}tests/out`;
const INSTALL_CHROMIUM = 'apt-get install -y chromium   (or: npx playwright install --with-deps chromium)';
const BROWSER_CONFIG = 'tests/browser/playwright.config.ts';

interface Counts {
  passed: number;
  failed: number;
  skipped: string[];
}

const total: Counts = { passed: 0, failed: 0, skipped: [] };
/** Tests that ran embedded and not on the services, which are not there. */
let leftOut = 0;

/** @returns true when the command ended well */
function run(title: string, command: readonly string[], environment: Readonly<Record<string, string>> = {}, quiet = false): boolean {
  if (!quiet) process.stdout.write(`\n== ${title}\n`);
  const { status } = spawnSync(process.execPath, command, { cwd: ROOT, stdio: quiet ? 'ignore' : 'inherit', env: { ...process.env, ...environment } });
  return status === 0;
}

function readJson<T>(path: string): T | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as T;
  } catch {
    return undefined;
  }
}

interface UnitReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numFailedTestSuites: number;
  readonly testResults: readonly { readonly name: string; readonly status: string; readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[] }[];
}

/** Adds a report up. @returns what it says of each file, by its path from the root */
function count(report: UnitReport | undefined, ended: boolean): Map<string, readonly string[]> {
  const failed = report ? report.numFailedTests : 0;
  total.passed += report?.numPassedTests ?? 0;
  // A file that does not even load, an unhandled error or a runner that broke is a failure too.
  total.failed += ended ? failed : Math.max(1, failed);
  const files = new Map<string, readonly string[]>();
  for (const { name, assertionResults } of report?.testResults ?? []) {
    files.set(relative(ROOT, name).replaceAll('\\', '/'), assertionResults.map(({ fullName }) => fullName));
    for (const { status, fullName } of assertionResults) if (status !== 'passed' && status !== 'failed') total.skipped.push(fullName);
  }
  return files;
}

const reportTo = (file: string): string[] => ['--reporter=dot', '--reporter=json', `--outputFile.json=${file}`];

/** @returns names of tests by file */
function runUnits(): Map<string, readonly string[]> {
  const file = `${OUT}/units.json`;
  const ended = run('units, laws, fences, golden', ['node_modules/vitest/vitest.mjs', 'run', '-c', 'tests/vitest.config.ts', '--coverage', ...reportTo(file)]);
  return count(readJson<UnitReport>(file), ended);
}

/** @param units  what there was embedded: what is left out is counted by it */
function runOnServices(units: ReadonlyMap<string, readonly string[]>): void {
  const file = `${OUT}/services.json`;
  if (hasPostgres() && hasSwift()) {
    const ended = run('the server on PostgreSQL and S3', ['node_modules/tsx/dist/cli.mjs', 'tests/services.ts', ...reportTo(file)]);
    count(readJson<UnitReport>(file), ended);
    return;
  }
  for (const path of testsOnServices()) {
    const names = units.get(path) ?? [];
    leftOut += names.length;
    process.stdout.write(`${leftOut === names.length ? '\nNot run on PostgreSQL and S3:\n' : ''}  ${path} (${names.length})\n`);
  }
}

interface Suite {
  readonly title: string;
  readonly suites?: readonly Suite[];
  readonly specs: readonly { readonly title: string; readonly tests: readonly { readonly status: string; readonly expectedStatus: string }[] }[];
}

const journeysOf = (suite: Suite): { title: string; status: string }[] => [
  ...suite.specs.map(({ title, tests }) => ({ title: `${suite.title}: ${title}`, status: tests[0]?.status ?? 'skipped' })),
  ...(suite.suites ?? []).flatMap(journeysOf),
];

function runJourneys(): void {
  const file = `${OUT}/journeys.json`;
  const playwright = 'node_modules/@playwright/test/cli.js';
  const chromium = findChromium();
  if (!chromium) {
    run('', [playwright, 'test', '-c', BROWSER_CONFIG, '--list', '--reporter=json'], { PLAYWRIGHT_JSON_OUTPUT_FILE: file }, true);
    const listed = readJson<{ suites: readonly Suite[] }>(file)?.suites.flatMap(journeysOf) ?? [];
    total.skipped.push(...(listed.length > 0 ? listed.map(({ title }) => title) : ['journeys in a browser']));
    process.stdout.write(`\nNot run: ${listed.length} journeys in a real browser, because no Chromium was found. Install one:\n  ${INSTALL_CHROMIUM}\n`);
    return;
  }
  if (!run('build', ['server/build.mjs'])) {
    total.failed += 1;
    return;
  }
  const ended = run(`journeys in ${chromium}`, [playwright, 'test', '-c', BROWSER_CONFIG, '--reporter=list,json'], { PLAYWRIGHT_JSON_OUTPUT_FILE: file });
  const journeys = readJson<{ suites: readonly Suite[] }>(file)?.suites.flatMap(journeysOf) ?? [];
  const failed = journeys.filter(({ status }) => status === 'unexpected' || status === 'flaky').length;
  total.passed += journeys.filter(({ status }) => status === 'expected').length;
  total.failed += ended ? failed : Math.max(1, failed);
  total.skipped.push(...journeys.filter(({ status }) => status === 'skipped').map(({ title }) => title));
}

rmSync(OUT, { recursive: true, force: true });
mkdirSync(OUT, { recursive: true });
runOnServices(runUnits());
runJourneys();

if (total.skipped.length > 0) {
  process.stdout.write(`\nNot run:\n${total.skipped.map((name) => `  ${name}`).join('\n')}\n`);
  if (!hasFfmpeg()) process.stdout.write(`FFmpeg is not installed; what needs it was not run. Install it:\n  ${INSTALL_FFMPEG}\n`);
  if (!hasCertutil()) process.stdout.write(`certutil is not installed; the journeys under a local authority were not run. Install it:\n  ${INSTALL_CERTUTIL}\n`);
  const missing = DEPLOY_TOOLS.filter((tool) => !hasDeployTool(tool));
  if (missing.length > 0) process.stdout.write(`Not installed: ${missing.join(', ')}; what server/deploy holds was not read by them. Install them:\n  ${INSTALL_DEPLOY_TOOLS}\n`);
}
if (leftOut > 0) {
  process.stdout.write(`\nThe server was tried embedded only: ${leftOut} of its tests were not run on a real PostgreSQL and a real S3-compatible service.\n`);
  if (!hasPostgres()) process.stdout.write(`PostgreSQL is not installed. Install it:\n  ${INSTALL_POSTGRES}\n`);
  if (!hasSwift()) process.stdout.write(`Swift (for its S3 interface) is not installed. Install it:\n  ${INSTALL_SWIFT}\n`);
}
const skippedCount = total.skipped.length + leftOut;
const skipped = skippedCount > 0 ? `, ${skippedCount} skipped` : '';
process.stdout.write(`\n${total.passed} passed, ${total.failed} failed${skipped}\n`);
process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;
