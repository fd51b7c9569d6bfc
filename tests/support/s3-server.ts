/** A real S3-compatible service of its own for tests: OpenStack Swift with its s3api, where its programs are installed (Debian's packages). */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { freePorts } from './free-ports.ts';

export const INSTALL_SWIFT = 'apt-get install -y --no-install-recommends swift-proxy swift-account swift-container swift-object memcached';

const PROGRAMS = ['swift-ring-builder', 'swift-proxy-server', 'swift-account-server', 'swift-container-server', 'swift-object-server', 'memcached'];
const FOLDERS = ['/usr/bin', '/usr/local/bin', '/usr/sbin'];
const pathOf = (program: string): string | undefined => FOLDERS.map((folder) => join(folder, program)).find(existsSync);

export const hasSwift = (): boolean => PROGRAMS.every((program) => pathOf(program) !== undefined);

export interface S3Server {
  /** `http://key:secret@host:port` */
  readonly url: string;
  stop(): Promise<void>;
}

const [KEY, SECRET] = ['test:tester', 'testing'];
/** Longer than any of them needs to begin. */
const START_MS = 60_000;
const PATH_SALT = 'of a test that lasts some minutes';

const KINDS = ['account', 'container', 'object'] as const;

export async function startS3(): Promise<S3Server> {
  if (!hasSwift()) throw new Error(`Swift is not installed: ${INSTALL_SWIFT}`);
  const folder = mkdtempSync(join(tmpdir(), 'tonetwin-swift-'));
  const [proxyPort = 0, memcachedPort = 0, ...kindPorts] = await freePorts(2 + KINDS.length);
  const { username } = userInfo();
  const children: ChildProcess[] = [];
  const log = openSync(join(folder, 'log'), 'a');
  const begin = (program: string, args: readonly string[]): void => {
    children.push(spawn(pathOf(program)!, args, { cwd: folder, stdio: ['ignore', log, log], env: { ...process.env, SWIFT_DIR: folder, PYTHONWARNINGS: 'ignore' } }));
  };
  const write = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const common = (port: number): string => `[DEFAULT]\nbind_ip = 127.0.0.1\nbind_port = ${port}\nuser = ${username}\nswift_dir = ${folder}\ndevices = ${folder}\nmount_check = false\nworkers = 0\nlog_address = ${folder}/nowhere\nfallocate_reserve = 0\n`;

  mkdirSync(join(folder, 'disk'));
  write('swift.conf', `[swift-hash]\nswift_hash_path_suffix = ${PATH_SALT}\n[swift-constraints]\nmax_file_size = 5368709122\n`);
  for (const [index, kind] of KINDS.entries()) {
    const builder = join(folder, `${kind}.builder`);
    for (const args of [['create', '2', '1', '1'], ['add', `r1z1-127.0.0.1:${kindPorts[index]}/disk`, '1'], ['rebalance']]) {
      const { status, stderr, stdout } = spawnSync(pathOf('swift-ring-builder')!, [builder, ...args], { encoding: 'utf8', cwd: folder });
      // 1 is a warning.
      if (status !== 0 && status !== 1) throw new Error(`swift-ring-builder: ${stdout}${stderr}`);
    }
    begin(`swift-${kind}-server`, [write(`${kind}.conf`, `${common(kindPorts[index]!)}[pipeline:main]\npipeline = ${kind}-server\n[app:${kind}-server]\nuse = egg:swift#${kind}\n`), '-v']);
  }
  begin('memcached', ['-l', '127.0.0.1', '-p', String(memcachedPort), '-u', username, '-m', '32']);
  begin('swift-proxy-server', [write('proxy.conf', `${common(proxyPort)}
[pipeline:main]
pipeline = catch_errors gatekeeper cache listing_formats s3api tempauth bulk slo proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:gatekeeper]
use = egg:swift#gatekeeper
[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:${memcachedPort}
[filter:listing_formats]
use = egg:swift#listing_formats
[filter:s3api]
use = egg:swift#s3api
location = us-east-1
min_segment_size = 5242880
[filter:tempauth]
use = egg:swift#tempauth
user_test_tester = ${SECRET} .admin
[filter:bulk]
use = egg:swift#bulk
[filter:slo]
use = egg:swift#slo
`), '-v']);

  async function stop(): Promise<void> {
    const ends = children.map((child) => (child.exitCode === null && child.signalCode === null ? once(child, 'exit') : Promise.resolve()));
    for (const child of children) child.kill('SIGTERM');
    const patience = setTimeout(() => children.forEach((child) => child.kill('SIGKILL')), 5000);
    await Promise.all(ends);
    clearTimeout(patience);
    rmSync(folder, { recursive: true, force: true });
  }

  const untilMs = Date.now() + START_MS;
  // A list of buckets passes through all of them; without a signature it is refused, which is an answer too.
  for (;;) {
    const answer = await fetch(`http://127.0.0.1:${proxyPort}/`, { headers: { authorization: 'AWS none:none' } }).catch(() => null);
    const isListening = answer !== null && answer.status < 500 && (await Promise.all(kindPorts.map((port) => fetch(`http://127.0.0.1:${port}/`).then(() => true, () => false)))).every(Boolean);
    if (isListening) break;
    if (Date.now() > untilMs || children.some(({ exitCode }) => exitCode !== null)) {
      const said = readFileSync(join(folder, 'log'), 'utf8').slice(-2000);
      await stop();
      throw new Error(`Swift did not start: ${said}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return { url: `http://${encodeURIComponent(KEY)}:${SECRET}@127.0.0.1:${proxyPort}`, stop };
}
