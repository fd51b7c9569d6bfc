/** The reference of the API, written from the contracts that the server checks requests against. Source: OpenAPI 3.1.1. */
import { z } from 'zod';
import { errorAnswer, rawBody, type RouteContract, sound } from '../shared/api/contract.ts';
import { job } from '../shared/api/jobs.ts';
import { OUTSIDE } from '../shared/api/outside.ts';
import { preset } from '../shared/api/presets.ts';
import type { RawRouteContract } from '../shared/api/raw-contract.ts';
import { type ErrorCode, ERRORS } from '../shared/errors.ts';
import { styleParamsSchema } from '../shared/style-params.ts';

type Json = Readonly<Record<string, unknown>>;
type Listed = RouteContract | RawRouteContract;

const isRaw = (contract: Listed): contract is RawRouteContract => 'speaks' in contract;

/** Schemas that come up often or are large have a name and are written once. */
const names = z.registry<{ id: string }>();
names.add(errorAnswer, { id: 'Error' });
names.add(styleParamsSchema, { id: 'StyleParams' });
names.add(job, { id: 'Job' });
names.add(preset, { id: 'Preset' });

/** What any route may answer, beside what its contract says. */
function commonErrors(contract: Listed): readonly ErrorCode[] {
  const asks = Object.keys(contract.params.shape).length + Object.keys(contract.query.shape).length > 0 || (!isRaw(contract) && hasBody(contract));
  return [...(contract.access === 'account' ? (['account/sign-in'] as const) : []), ...(asks ? (['request/invalid'] as const) : []), ...(!isRaw(contract) && hasBody(contract) ? (['request/too-large', ...(contract.body === rawBody ? [] : ['request/not-json' as const])] as const) : []), 'internal'];
}

const hasBody = (contract: RouteContract): boolean => !(contract.body instanceof z.ZodVoid);

/** `getJobsById`: unique, and a name that client generators can use. */
function operationId(method: string, path: string): string {
  const words = path.split('/').filter((part) => part !== '').map((part) => part.replace(/^\{(.*)\}$/, 'by_$1').replace(/\W/g, '_'));
  return [method, ...words].map((word, i) => (i === 0 ? word : word.replace(/(^|_)(\w)/g, (_, _line, letter: string) => letter.toUpperCase()))).join('');
}

export interface ReferenceParts {
  readonly version: string;
  readonly contracts: readonly Listed[];
}

export function openApiDocument({ version, contracts }: ReferenceParts): Json {
  const components: Record<string, Json> = {};

  /** A schema as JSON Schema 2020-12, which OpenAPI 3.1 speaks; named parts go to the components. */
  function written(schema: z.ZodType, io: 'input' | 'output'): Json {
    const { $schema: _dialect, $defs = {}, ...body } = z.toJSONSchema(schema, { io, metadata: names, unrepresentable: 'any' }) as Json & { $schema?: string; $defs?: Record<string, Json> };
    const renamed = new Map<string, string>();
    const text = (value: unknown): string => JSON.stringify(value).replace(/"#\/\$defs\/([^"]+)"/g, (_, name: string) => `"#/components/schemas/${renamed.get(name) ?? name}"`);
    // Defaults make some schemas read otherwise than they are written: those have two names.
    for (const name of Object.keys($defs)) renamed.set(name, io === 'input' && name !== 'Error' ? `${name}Input` : name);
    for (const [name, part] of Object.entries($defs)) {
      const { id: _id, $schema: _nested, ...rest } = part as Json & { id?: string; $schema?: string };
      components[renamed.get(name)!] = JSON.parse(text(rest)) as Json;
    }
    const { id, ...plain } = JSON.parse(text(body)) as Json & { id?: string };
    if (typeof id !== 'string' || names.get(schema)?.id !== id) return id === undefined ? plain : { id, ...plain };
    const name = io === 'input' && id !== 'Error' ? `${id}Input` : id;
    components[name] = plain;
    return { $ref: `#/components/schemas/${name}` };
  }

  function parameters(contract: Listed): Json[] {
    return (['path', 'query'] as const).flatMap((place) => {
      const { properties = {}, required = [] } = written(place === 'path' ? contract.params : contract.query, 'input') as { properties?: Record<string, Json>; required?: readonly string[] };
      return Object.entries(properties).map(([name, schema]) => ({ name, in: place, required: place === 'path' || required.includes(name), schema }));
    });
  }

  /** What stands around the data of the voice studio. */
  const framed = (schema: Json, isFailure: boolean): Json => ({
    type: 'object', required: ['success', 'data', 'message', 'error'],
    properties: { success: { const: !isFailure }, data: isFailure ? { type: 'null' } : schema, message: { type: 'string' }, error: isFailure ? schema : { type: 'null' } },
  });

  function wellAnswered(contract: RouteContract): Json {
    if (contract.status === 204) return {};
    if (contract.answer === sound) return { content: { 'audio/*': { schema: { type: 'string', format: 'binary' } } } };
    const schema = written(contract.answer, 'output');
    return { content: { 'application/json': { schema: contract.isEnveloped ? framed(schema, false) : schema } } };
  }

  const requestBody = (contract: RouteContract): Json =>
    contract.body === rawBody
      ? { required: true, content: { 'multipart/form-data': { schema: { type: 'object', required: ['file'], properties: { file: { type: 'string', format: 'binary' } } } }, 'audio/*': { schema: { type: 'string', format: 'binary' } } } }
      : { required: !contract.body.safeParse(undefined).success, content: { 'application/json': { schema: written(contract.body, 'input') } } };

  function responses(contract: Listed): Json {
    const isFramed = !isRaw(contract) && contract.isEnveloped;
    const byStatus = new Map<number, ErrorCode[]>();
    for (const code of new Set([...contract.errors, ...commonErrors(contract)])) byStatus.set(ERRORS[code].status, [...(byStatus.get(ERRORS[code].status) ?? []), code]);
    const failed = [...byStatus].map(([status, codes]) => [status, {
      description: codes.map((code) => `${code}: ${ERRORS[code].message}`).join('\n\n'),
      ...(status === 429 ? { headers: { 'Retry-After': { description: 's', schema: { type: 'integer' } } } } : {}),
      content: { 'application/json': { schema: isFramed ? framed(written(errorAnswer, 'output'), true) : written(errorAnswer, 'output') } },
    }]);
    const well = isRaw(contract)
      ? contract.statuses.map((status) => [status, { description: contract.speaks }])
      : [[contract.status, { description: contract.summary, ...wellAnswered(contract) }]];
    return Object.fromEntries([...failed, ...well]) as Json;
  }

  const paths: Record<string, Record<string, Json>> = {};
  const put = (contract: Listed, path: string): void => {
    paths[path] = {
      ...paths[path],
      [contract.method]: {
        operationId: operationId(contract.method, contract.path), tags: [contract.path.split('/')[1]!],
        summary: contract.summary, ...(isRaw(contract) ? { description: contract.speaks } : {}),
        security: contract.access === 'account' ? [{ token: [] }] : contract.access === 'guest' ? [{ token: [] }, {}] : [],
        parameters: parameters(contract),
        ...(!isRaw(contract) && hasBody(contract)
          ? { requestBody: requestBody(contract) }
          : {}),
        responses: responses(contract),
      },
    };
  };
  for (const contract of contracts) put(contract, `/api${contract.path}`);
  for (const contract of OUTSIDE) put(contract, contract.path);

  return {
    openapi: '3.1.0',
    info: {
      title: 'Tonetwin', version,
      description: 'Accounts, presets, jobs, webhooks, encrypted backups and the voice studio of Tonetwin. Ids are UUIDs, times ISO 8601 in UTC. Lists go on where `next_cursor` says. Every failure has the one body of the schema Error. `X-Request-Id` names a request in the log.',
      license: { name: 'MPL-2.0', identifier: 'MPL-2.0' },
    },
    servers: [{ url: '/' }],
    paths,
    components: { schemas: components, securitySchemes: { token: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'The access_token of signing in.' } } },
  };
}
