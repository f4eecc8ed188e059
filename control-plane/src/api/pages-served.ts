import { fileURLToPath } from 'node:url'
import type { Hono } from 'hono'
import { Problem } from '../problems.ts'
import { readFolder, type ServedFile } from './files.ts'

/** Nothing from anywhere else, no inline script, in no frame. Component libraries set inline styles. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const SECURITY_HEADERS = {
  'content-security-policy': POLICY,
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
}

export interface ServedPages {
  /** The contract as a page. */
  docs(): Response
}

export interface PageOptions {
  isOwnHost(host: string): boolean
  failure(error: unknown): Response
  /** Folder of the built dashboard. @default dist/dashboard of this package */
  dashboard?: string
  /** Folder of the documentation's assets. @default dist/docs-assets of this package */
  docsAssets?: string
}

/** Serves the dashboard at `/` and the assets of `/docs`; every other path is an answer of the API or a problem. */
export function servePages(app: Hono, options: PageOptions): ServedPages {
  const dashboard = lazily(() => readFolder(options.dashboard ?? builtFolder('dashboard')))
  const docs = lazily(() => readFolder(options.docsAssets ?? builtFolder('docs-assets')))

  function serve(request: Request, find: (path: string) => ServedFile | undefined): Response {
    const { pathname, host } = new URL(request.url)
    if (!options.isOwnHost(request.headers.get('host') ?? host)) return options.failure(new Problem('host-refused'))
    if (request.method !== 'GET' && request.method !== 'HEAD') return options.failure(new Problem('not-found'))
    const file = find(pathname)
    return file ? fileReply(request, file, pathname) : options.failure(new Problem('not-found'))
  }

  app.get('/docs/:file', (context) => serve(context.req.raw, (path) => docs().get(path.slice('/docs/'.length))))
  app.notFound((context) => {
    return serve(context.req.raw, (path) => {
      if (path === '/v1' || path.startsWith('/v1/') || path.startsWith('/docs')) return undefined
      const file = dashboard().get(path.slice(1))
      // Pages of the dashboard have addresses of their own; assets and everything with a dot do not.
      return file ?? (/\.[^/]*$|^\/assets\//.test(path) ? undefined : dashboard().get('index.html'))
    })
  })

  return {
    docs() {
      const file = docs().get('index.html')
      return file
        ? reply(file, 'no-cache')
        : options.failure(new Problem('not-found', 'the documentation is not built'))
    },
  }
}

function fileReply(request: Request, file: ServedFile, pathname: string): Response {
  // The build puts a hash of the content into the names of assets.
  const cache = pathname.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache'
  if (request.headers.get('if-none-match') === file.etag) {
    return new Response(null, { status: 304, headers: { etag: file.etag, 'cache-control': cache } })
  }
  return reply(file, cache)
}

function reply(file: ServedFile, cache: string): Response {
  const headers = { ...SECURITY_HEADERS, 'content-type': file.type, 'cache-control': cache, etag: file.etag }
  return new Response(file.body, { headers })
}

/** A folder of the build, seen from src as from dist. */
function builtFolder(name: string): string {
  return fileURLToPath(new URL(`../../dist/${name}`, import.meta.url))
}

function lazily<T extends object>(make: () => T): () => T {
  let made: T | undefined
  return () => (made ??= make())
}
