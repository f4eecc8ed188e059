import { fileURLToPath } from 'node:url'
import type { Hono } from 'hono'
import { Problem } from '../problems.ts'
import { readFolder, type ServedFile } from './files.ts'

/** Nothing from anywhere else, nothing inline, in no frame. */
const POLICY = {
  'default-src': "'none'",
  'script-src': "'self'",
  'style-src': "'self'",
  'img-src': "'self'",
  'font-src': "'self'",
  'connect-src': "'self'",
  'base-uri': "'none'",
  'form-action': "'none'",
  'frame-ancestors': "'none'",
}

/** Swagger UI has pictures in its style sheet, and style elements in those. */
const DOCS_POLICY = { ...POLICY, 'style-src': "'self' 'unsafe-inline'", 'img-src': "'self' data:" }

const SECURITY_HEADERS = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
}

const DASHBOARD_HEADERS = { ...SECURITY_HEADERS, 'content-security-policy': policyText(POLICY) }
const DOCS_HEADERS = { ...SECURITY_HEADERS, 'content-security-policy': policyText(DOCS_POLICY) }

/** Addresses that are the dashboard's own, whatever a job is called; elsewhere a dot makes a path a file's. */
const PAGES = /^\/(?:n\/|login(?:\/|$))/
const FILES = /\.[^/]*$|^\/assets\//

export interface ServedPages {
  /** The contract as a page. */
  docs(request: Request): Promise<Response>
}

export interface PageOptions {
  isOwnHost(host: string): boolean
  failure(error: unknown): Response
  /** Where it is counted, with the time at which it began. */
  count(status: number, since: number): void
  elapsed(): number
  /** Folder of the built dashboard. @default dist/dashboard of this package */
  dashboard?: string
  /** Folder of the documentation's assets. @default dist/docs-assets of this package */
  docsAssets?: string
}

/** Serves the dashboard at `/` and the assets of `/docs`; every other path is an answer of the API or a problem. */
export function servePages(app: Hono, options: PageOptions): ServedPages {
  const dashboard = lazily(() => readFolder(options.dashboard ?? builtFolder('dashboard')))
  const docs = lazily(() => readFolder(options.docsAssets ?? builtFolder('docs-assets')))

  async function serve(request: Request, find: (path: string) => Found | undefined): Promise<Response> {
    const since = options.elapsed()
    const response = await answer(request, find)
    options.count(response.status, since)
    return response
  }

  async function answer(request: Request, find: (path: string) => Found | undefined): Promise<Response> {
    const { pathname, host } = new URL(request.url)
    if (!options.isOwnHost(request.headers.get('host') ?? host)) return options.failure(new Problem('host-refused'))
    if (request.method !== 'GET' && request.method !== 'HEAD') return options.failure(new Problem('not-found'))
    const found = find(pathname)
    return found?.file ? fileReply(request, found.file, found.headers) : options.failure(new Problem('not-found'))
  }

  app.get('/docs/:file', (context) =>
    serve(context.req.raw, (path) => ({ file: docs().get(path.slice('/docs/'.length)), headers: DOCS_HEADERS })),
  )
  app.notFound((context) =>
    serve(context.req.raw, (path) => {
      if (path === '/v1' || path.startsWith('/v1/') || path.startsWith('/docs')) return undefined
      const file = dashboard().get(path.slice(1))
      // The build puts a hash of the content into the names of assets.
      if (file && path.startsWith('/assets/')) return { file, headers: { ...DASHBOARD_HEADERS, ...FOR_EVER } }
      const isPage = PAGES.test(path) || !FILES.test(path)
      return { file: file ?? (isPage ? dashboard().get('index.html') : undefined), headers: DASHBOARD_HEADERS }
    }),
  )

  return {
    async docs(request) {
      const file = docs().get('index.html')
      if (!file) return options.failure(new Problem('not-found', 'the documentation is not built'))
      return fileReply(request, file, DOCS_HEADERS)
    },
  }
}

interface Found {
  file: ServedFile | undefined
  headers: Record<string, string>
}

const FOR_EVER = { 'cache-control': 'public, max-age=31536000, immutable' }

async function fileReply(request: Request, file: ServedFile, more: Record<string, string>): Promise<Response> {
  const compressed = file.gzip && acceptsGzip(request.headers.get('accept-encoding')) ? file.gzip : undefined
  // The same file in two forms has two tags.
  const etag = compressed ? file.etag.replace(/"$/, '-gzip"') : file.etag
  const headers: Record<string, string> = { 'cache-control': 'no-cache', ...more, etag }
  if (file.gzip) headers.vary = 'accept-encoding'
  if (isKnown(request.headers.get('if-none-match'), etag)) return new Response(null, { status: 304, headers })
  headers['content-type'] = file.type
  if (!compressed) return new Response(file.body, { headers })
  return new Response(await compressed(), { headers: { ...headers, 'content-encoding': 'gzip' } })
}

function acceptsGzip(header: string | null): boolean {
  return header !== null && /(?:^|[ ,])gzip *(?:,|$|; *q=(?!0(?:\.0*)? *(?:,|$)))/i.test(header)
}

function isKnown(header: string | null, etag: string): boolean {
  return header !== null && header.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag)
}

function policyText(policy: Record<string, string>): string {
  return Object.entries(policy)
    .map(([directive, sources]) => `${directive} ${sources}`)
    .join('; ')
}

/** A folder of the build, seen from src as from dist. */
function builtFolder(name: string): string {
  return fileURLToPath(new URL(`../../dist/${name}`, import.meta.url))
}

function lazily<T extends object>(make: () => T): () => T {
  let made: T | undefined
  return () => (made ??= make())
}
