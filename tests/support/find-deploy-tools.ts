/** Programs that check what server/deploy holds, each by its own rules. */
import { spawnSync } from 'node:child_process';

export const DEPLOY_TOOLS = ['docker-compose', 'promtool', 'caddy'] as const;
export type DeployTool = (typeof DEPLOY_TOOLS)[number];
export const INSTALL_DEPLOY_TOOLS = 'apt-get install -y --no-install-recommends docker-compose prometheus caddy';

const found = new Map<DeployTool, boolean>();
export function hasDeployTool(tool: DeployTool): boolean {
  if (!found.has(tool)) found.set(tool, spawnSync('sh', ['-c', `command -v ${tool}`]).status === 0);
  return found.get(tool)!;
}
