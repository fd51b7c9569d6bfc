/** The reference: as a document, and as a page to browse it. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { type Context, Hono } from 'hono';
import { openApiDocument, type ReferenceParts } from '../reference.ts';

/** Of swagger-ui-dist, and no other of its files. */
const FILES = { 'swagger-ui.css': 'text/css; charset=utf-8', 'swagger-ui-bundle.js': 'text/javascript; charset=utf-8', 'favicon-32x32.png': 'image/png' } as const;

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Tonetwin API</title>
<link rel="icon" href="/docs/favicon-32x32.png">
<link rel="stylesheet" href="/docs/swagger-ui.css">
</head>
<body>
<div id="reference"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
`;

/** No validator of another origin, no address of another document. */
const START = `SwaggerUIBundle({ url: '/openapi.json', dom_id: '#reference', deepLinking: true, validatorUrl: null, queryConfigEnabled: false });
`;

export function createDocs(parts: ReferenceParts): Hono {
  const app = new Hono();
  let document: string | undefined;
  const folder = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
  app.get('/openapi.json', (c) => c.body((document ??= JSON.stringify(openApiDocument(parts))), 200, { 'Content-Type': 'application/json' }));
  app.get('/docs', (c) => c.html(PAGE));
  app.get('/docs/start.js', (c) => c.body(START, 200, { 'Content-Type': 'text/javascript; charset=utf-8' }));
  for (const [name, type] of Object.entries(FILES)) {
    app.get(`/docs/${name}`, (c: Context) => c.body(new Uint8Array(readFileSync(join(folder, name))), 200, { 'Content-Type': type, 'Cache-Control': 'public, max-age=86400' }));
  }
  return app;
}
