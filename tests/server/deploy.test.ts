/** What server/deploy holds, against what the server really has; and by the programs that read it, where they are installed. */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { BlockList } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { readConfig, schema as ofServer, SECRET_NAMES } from '../../server/config.ts';
import { neededPackages } from '../../server/deploy/keep-needed.ts';
import { createMetrics } from '../../server/metrics.ts';
import { readSpeechSettings, schema as ofSpeech } from '../../server/speech/settings.ts';
import { hasDeployTool } from '../support/find-deploy-tools.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const DEPLOY = join(ROOT, 'server/deploy');
const read = (file: string): string => readFileSync(join(DEPLOY, file), 'utf8');

const scratch = mkdtempSync(join(tmpdir(), 'tonetwin-deploy-'));
afterAll(() => rmSync(scratch, { recursive: true }));

function run(command: string, args: readonly string[], { cwd = DEPLOY, environment = {} }: { cwd?: string; environment?: Readonly<Record<string, string>> } = {}) {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8', env: { ...process.env, HOME: scratch, ...environment } });
  return { status, said: `${stdout}${stderr}` };
}

interface Service {
  readonly image: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly stop_grace_period?: string;
  readonly networks?: readonly string[] | Readonly<Record<string, { readonly ipv4_address?: string } | null>>;
}
interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly networks: { readonly inside: { readonly ipam: { readonly config: readonly [{ readonly subnet: string; readonly ip_range: string }] } } };
}
const composeText = read('compose.yaml');
const compose = parse(composeText, { merge: true }) as Compose;
const webs = Object.keys(compose.services).filter((name) => name.startsWith('web-'));
const lines = read('.env.example').split('\n').filter((line) => /^\w+=/.test(line)).map((line) => line.split('=') as [string, string]);
/** Of one that is filled in. */
const filled = Object.fromEntries(lines.map(([name, value]) => [name, value === '' && name !== 'STEP_API_KEY' ? 'filled-in-for-a-test' : value]));
const interpolated = (value: string): string => value.replace(/\$\{(\w+)(?::[?-][^}]*)?\}/g, (_, name: string) => filled[name] ?? '');

describe('the compose file', () => {
  const environment = compose.services['web-1']!.environment!;

  test('tells the server what it knows, and nothing else; it starts with it', () => {
    const known = { ...ofServer.shape, ...ofSpeech.shape };
    expect(Object.keys(environment).filter((name) => !(name in known))).toEqual([]);
    const values = Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, interpolated(value)]));
    expect(readConfig(values)).toMatchObject({ needsAccounts: true, database: { kind: 'server' }, blobs: { kind: 's3' }, drainMs: 10_000, publicUrl: 'https://localhost' });
    expect(readSpeechSettings(values, '/tmp').fileSecret).toBe(filled['SPEECH_FILE_SECRET']);
  });

  test('takes every setting from .env.example, which holds no secret and nothing that is not used', () => {
    const used = new Set([...composeText.matchAll(/(?<!\$)\$\{(\w+)/g)].map(([, name]) => name!));
    expect([...used].sort()).toEqual(lines.map(([name]) => name).sort());
    const secrets = lines.filter(([name]) => SECRET_NAMES.includes(name) || /PASSWORD|SECRET|TOKEN|KEY/.test(name));
    expect(secrets.length).toBeGreaterThanOrEqual(7);
    expect(secrets.filter(([, value]) => value !== '')).toEqual([]);
    expect(Object.entries(environment).filter(([name, value]) => SECRET_NAMES.includes(name) && !value.includes('${'))).toEqual([]);
  });

  test('names every image with its version, and only files that are there', () => {
    const images = Object.values(compose.services).map(({ image }) => interpolated(image));
    images.push(...[...read('Dockerfile').matchAll(/^FROM (\S+)/gm)].map(([, image]) => image!));
    expect(images.filter((image) => !/^([\w-]+\/)?[\w-]+:v?\d[\w.-]*$/.test(image))).toEqual([]);
    const mounted = Object.values(compose.services).flatMap(({ volumes = [] }) => volumes).map((volume) => volume.split(':')[0]!).filter((place) => place.startsWith('.'));
    expect(mounted.length).toBeGreaterThan(4);
    expect(mounted.filter((place) => !existsSync(join(DEPLOY, place)))).toEqual([]);
  });

  test('lets only the proxy be reached from elsewhere', () => {
    const open = Object.entries(compose.services).flatMap(([name, { ports = [] }]) => ports.filter((port) => !port.startsWith('127.0.0.1:')).map(() => name));
    expect(new Set(open)).toEqual(new Set(['caddy']));
  });

  test('believes the proxy alone, at an address that nobody else is given', () => {
    const { networks } = compose.services['caddy']!;
    const address = (networks as Readonly<Record<string, { readonly ipv4_address: string }>>)['inside']!.ipv4_address;
    expect(environment['TRUSTED_PROXY']).toBe(address);
    const [{ subnet, ip_range: given }] = compose.networks.inside.ipam.config;
    const isIn = (network: string): boolean => {
      const list = new BlockList();
      const [net = '', bits] = network.split('/');
      list.addSubnet(net, Number(bits));
      return list.check(address);
    };
    expect([isIn(subnet), isIn(given)]).toEqual([true, false]);
  });

  test('has the same instances as the proxy and the monitor', () => {
    const places = webs.map((name) => `${name}:8787`);
    expect(webs.length).toBeGreaterThan(1);
    expect(compose.services['caddy']!.environment!['UPSTREAMS']!.split(' ')).toEqual(places);
    expect(read('Caddyfile')).toContain(`{$UPSTREAMS:${places.join(' ')}}`);
    const monitor = parse(read('prometheus/prometheus.yml')) as { scrape_configs: [{ static_configs: [{ targets: string[] }] }] };
    expect(monitor.scrape_configs[0].static_configs[0].targets).toEqual(places);
  });

  test('gives instances the time that they need to end, and no rights that they do not', () => {
    for (const name of webs) {
      const { read_only: isReadOnly, cap_drop: dropped, stop_grace_period: patience = '' } = compose.services[name]!;
      expect([isReadOnly, dropped]).toEqual([true, ['ALL']]);
      // What is being sent: 15 s; the database: 10 s (server/main.ts).
      expect(Number.parseInt(patience)).toBeGreaterThan(Number(environment['DRAIN_SECONDS']) + 25);
    }
  });
});

test('the image runs as nobody special, says whether it is ready, and is made of what there is', () => {
  const stages = read('Dockerfile').split(/^FROM /m);
  const last = stages.at(-1)!;
  expect(last).toMatch(/^USER node$/m);
  expect(/HEALTHCHECK[^]*?\/ready/.test(last)).toBe(true);
  const sources = [...stages[1]!.matchAll(/^COPY (.+) \S+$/gm)].flatMap(([, names]) => names!.split(' '));
  expect(sources.filter((name) => !existsSync(join(ROOT, name)))).toEqual([]);
  const ignored = read('Dockerfile.dockerignore').split('\n');
  expect(sources.filter((name) => !ignored.includes(`!${name}`))).toEqual([]);
});

test('the image keeps every package that the server asks for, and nothing of what the page is built with', () => {
  const needed = neededPackages(ROOT);
  const sources = ['server', 'shared'].flatMap((room) => readdirSync(join(ROOT, room), { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts')).map((file) => readFileSync(join(ROOT, room, file), 'utf8')));
  const asked = new Set(sources.flatMap((text) => [...text.matchAll(/(?:from|import\(|resolve\()\s*'((?:@[\w-]+\/)?[\w.-]+)(?:\/[^']*)?'/g)].map(([, name]) => name!)).filter((name) => !name.startsWith('.') && !name.startsWith('node:')));
  const installed = [...asked].filter((name) => existsSync(join(ROOT, 'node_modules', name)));
  expect(installed).toEqual(expect.arrayContaining(['hono', 'postgres', 'pino', 'zod', 'ws']));
  expect(installed.filter((name) => !needed.has(name))).toEqual([]);
  expect(['vite', 'libav.js', 'assemblyscript', 'solid-js', '@ffmpeg/core', 'vitest', 'typescript'].filter((name) => needed.has(name))).toEqual([]);
});

interface Rules {
  readonly groups: readonly { readonly rules: readonly { readonly alert?: string; readonly record?: string; readonly expr: string; readonly annotations?: { readonly summary?: string } }[] }[];
}
interface Dashboard {
  readonly uid: string;
  readonly panels: readonly { readonly id: number; readonly title: string; readonly type: string; readonly datasource?: { readonly uid: string }; readonly gridPos: { readonly x: number; readonly w: number }; readonly targets?: readonly { readonly expr: string }[] }[];
}
const rules = (parse(read('prometheus/alerts.yaml')) as Rules).groups.flatMap((group) => group.rules);
const dashboard = JSON.parse(read('grafana/tonetwin.json')) as Dashboard;
const drawn = dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));

/** Every metric of the server, and its labels: each is told something. */
async function metricsOfServer(): Promise<Map<string, Set<string>>> {
  const metrics = createMetrics({ ofProcess: true });
  metrics.request('GET', '/api/presets', 200, 0.1);
  metrics.upload('begun', 1);
  metrics.job('COMPLETED', 1);
  metrics.quality({ stft_dist: 1, mel_dist: 1, lufs_err: 1, tp_db: -1, artifacts_rate: 0, ltas_error_db: null, ltas_error_before_db: null });
  metrics.webhook('taken');
  metrics.breaker('speech', 'open');
  metrics.provider('speech', '200', 0.1);
  metrics.storage(() => Promise.resolve([{ kind: 'recording', bytes: 1, count: 1 }]));
  metrics.disk(() => Promise.resolve({ size: 2, free: 1 }));
  metrics.checks([['database', true]]);
  const page = await metrics.page();
  const found = new Map<string, Set<string>>([...page.matchAll(/^# TYPE (\S+) (\w+)/gm)].flatMap(([, name, type]) => (type === 'histogram' ? ['_bucket', '_sum', '_count'] : ['']).map((end) => [name! + end, new Set<string>()] as const)));
  for (const [, name, labels = ''] of page.matchAll(/^(\w+)(?:\{(.*)\})? \S+$/gm)) for (const [, label] of labels.matchAll(/(\w+)="/g)) found.get(name!)!.add(label!);
  return found;
}

/** What a monitor adds. */
const ADDED = ['job', 'instance'];

describe('the alert rules and the dashboard', () => {
  test('ask for metrics and labels that the server has, and no others', async () => {
    const known = await metricsOfServer();
    known.set('up', new Set());
    known.set('ALERTS', new Set(['alertname', 'alertstate']));
    const recorded = new Set(rules.flatMap(({ record }) => record ?? []));
    const wrong: string[] = [];
    for (const expr of [...rules.map((rule) => rule.expr), ...drawn]) {
      const names = [...expr.matchAll(/\b(tonetwin[_:][\w:]*|up|ALERTS)\b/g)].map(([name]) => name);
      for (const name of names) if (!known.has(name) && !recorded.has(name)) wrong.push(`${name} in ${expr}`);
      for (const [, name, matchers = ''] of expr.matchAll(/(\w+)\{([^}]*)\}/g)) {
        for (const [, label] of matchers.matchAll(/(\w+)\s*[=!]~?"/g)) if (!known.get(name!)?.has(label!) && !ADDED.includes(label!)) wrong.push(`${name}{${label}}`);
      }
      for (const [, labels = ''] of expr.matchAll(/\bby \(([^)]*)\)/g)) {
        for (const label of labels.split(/,\s*/)) if (!ADDED.includes(label) && !names.some((name) => known.get(name)?.has(label))) wrong.push(`by (${label}) in ${expr}`);
      }
    }
    expect(wrong).toEqual([]);
    expect(drawn.length).toBeGreaterThan(30);
  });

  test('name routes that there are', () => {
    const contracts = readdirSync(join(ROOT, 'shared/api')).filter((file) => file.endsWith('.ts')).map((file) => readFileSync(join(ROOT, 'shared/api', file), 'utf8')).join('\n');
    const asked = [...rules.map((rule) => rule.expr), ...drawn].flatMap((expr) => [...expr.matchAll(/\broute[=!]~?"([^"]+)"/g)].map(([, pattern]) => pattern!));
    const named = new Set(asked.flatMap((pattern) => pattern.replace(/^\/api\/\((.*)\)\.\*$/, '$1').split('|').map((path) => path.replace(/^\//, ''))));
    expect(named.size).toBeGreaterThan(5);
    expect([...named].filter((path) => !new RegExp(`'/${path}['/]`).test(contracts))).toEqual([]);
  });

  test('every alert is tried, says what is the matter, and stands in the page with what to do', () => {
    const tried = read('prometheus/alerts.test.yaml');
    const page = read('README.md');
    for (const { alert, annotations } of rules) {
      if (alert === undefined) continue;
      expect({ alert, isTried: tried.includes(`alertname: ${alert}\n`), isSaid: (annotations?.summary ?? '').length > 10, isExplained: page.includes(`| \`${alert}\` |`) }).toEqual({ alert, isTried: true, isSaid: true, isExplained: true });
    }
  });

  test('the dashboard asks the source that is provisioned, in panels of their own that fit the page', () => {
    const source = parse(read('grafana/datasource.yaml')) as { datasources: [{ uid: string }] };
    const panels = dashboard.panels.filter(({ type }) => type !== 'row');
    expect(panels.filter(({ datasource }) => datasource?.uid !== source.datasources[0].uid)).toEqual([]);
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
    expect(new Set(dashboard.panels.map(({ title }) => title)).size).toBe(dashboard.panels.length);
    expect(dashboard.panels.filter(({ gridPos: { x, w } }) => x + w > 24)).toEqual([]);
  });
});

describe.skipIf(!hasDeployTool('docker-compose'))('docker-compose', () => {
  test('understands the file, and does not start without its secrets', () => {
    const settings = join(scratch, 'filled.env');
    writeFileSync(settings, Object.entries(filled).map(([name, value]) => `${name}=${value}`).join('\n'));
    expect(run('docker-compose', ['--env-file', settings, 'config', '-q'])).toEqual({ status: 0, said: '' });
    const without = run('docker-compose', ['--env-file', '.env.example', 'config', '-q']);
    expect([without.status, without.said.includes('is needed in .env')]).toEqual([1, true]);
  });
});

describe.skipIf(!hasDeployTool('promtool'))('promtool', () => {
  test('understands the monitor and its rules', () => {
    const folder = join(scratch, 'prometheus');
    cpSync(join(DEPLOY, 'prometheus'), folder, { recursive: true });
    const token = join(folder, 'token');
    writeFileSync(token, 'a-token-of-a-test');
    writeFileSync(join(folder, 'prometheus.yml'), read('prometheus/prometheus.yml').replace('/tmp/metrics-token', token));
    const { status, said } = run('promtool', ['check', 'config', 'prometheus.yml'], { cwd: folder });
    expect({ status, said }).toMatchObject({ status: 0, said: expect.stringContaining(`${rules.length} rules found`) as string });
  });

  test('finds every alert when it should be, and none in a quiet hour', () => {
    expect(run('promtool', ['test', 'rules', 'alerts.test.yaml'], { cwd: join(DEPLOY, 'prometheus') })).toMatchObject({ status: 0 });
  });

  test('understands what the dashboard asks', () => {
    const file = join(scratch, 'drawn.yaml');
    writeFileSync(file, JSON.stringify({ groups: [{ name: 'drawn', rules: drawn.map((expr, n) => ({ record: `drawn:${n}`, expr: expr.replaceAll('$__rate_interval', '1m') })) }] }));
    expect(run('promtool', ['check', 'rules', file])).toMatchObject({ status: 0, said: expect.stringContaining(`${drawn.length} rules found`) as string });
  });
});

describe.skipIf(!hasDeployTool('caddy'))('caddy', () => {
  const adapted = (environment: Readonly<Record<string, string>> = {}): string => run('caddy', ['adapt', '--config', 'Caddyfile', '--adapter', 'caddyfile'], { environment }).said;

  test('understands the proxy, with two instances or more', () => {
    expect(run('caddy', ['validate', '--config', 'Caddyfile', '--adapter', 'caddyfile'])).toMatchObject({ status: 0 });
    expect(adapted({ UPSTREAMS: 'a:1 b:2 c:3' })).toContain('"upstreams":[{"dial":"a:1"},{"dial":"b:2"},{"dial":"c:3"}]');
    expect(adapted()).toContain('"upstreams":[{"dial":"web-1:8787"},{"dial":"web-2:8787"}]');
  });
});
