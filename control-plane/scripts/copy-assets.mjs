// Puts beside the compiled code what it reads at run time: the contract, its page with everything the page needs, and
// the migrations of sinks.
// Writes only what differs, so that a second run costs nothing.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'

const dist = fileURLToPath(new URL('../dist/', import.meta.url))
const migrations = fileURLToPath(new URL('../src/logs/mysql/migrations/', import.meta.url))
const contract = readFileSync(fileURLToPath(new URL('../../openapi/openapi.yaml', import.meta.url)))
const { resolve } = createRequire(import.meta.url)
const swagger = dirname(resolve('swagger-ui-dist/package.json'))
const inter = dirname(resolve('@fontsource-variable/inter/package.json'))

const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Cronclave API</title>
<link rel="icon" href="/docs/favicon-32x32.png">
<link rel="stylesheet" href="/docs/swagger-ui.css">
</head>
<body>
<div id="ui"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/init.js"></script>
</body>
</html>
`

const script = `window.SwaggerUIBundle({
  url: '/docs/openapi.yaml',
  dom_id: '#ui',
  deepLinking: true,
  docExpansion: 'list',
  defaultModelsExpandDepth: 0,
  validatorUrl: null,
  persistAuthorization: false,
})
`

const files = {
  'openapi.json': JSON.stringify(parse(contract.toString('utf8'))),
  'openapi.yaml': contract,
  'docs-assets/index.html': page,
  'docs-assets/init.js': script,
  'docs-assets/openapi.yaml': contract,
  'docs-assets/swagger-ui.css': readFileSync(join(swagger, 'swagger-ui.css')),
  'docs-assets/swagger-ui-bundle.js': readFileSync(join(swagger, 'swagger-ui-bundle.js')),
  'docs-assets/favicon-32x32.png': readFileSync(join(swagger, 'favicon-32x32.png')),
  'docs-assets/LICENSE.txt': readFileSync(join(swagger, 'LICENSE')),
  'docs-assets/NOTICE.txt': readFileSync(join(swagger, 'NOTICE')),
  'licenses/inter.txt': readFileSync(join(inter, 'LICENSE')),
  ...Object.fromEntries(
    readdirSync(migrations).map((name) => [`logs/mysql/migrations/${name}`, readFileSync(join(migrations, name))]),
  ),
}

for (const [name, content] of Object.entries(files)) {
  const target = join(dist, name)
  const wanted = Buffer.from(content)
  if (present(target)?.equals(wanted)) continue
  mkdirSync(dirname(target), { recursive: true })
  writeFileSync(target, wanted)
}

function present(file) {
  try {
    return readFileSync(file)
  } catch {
    return undefined
  }
}
