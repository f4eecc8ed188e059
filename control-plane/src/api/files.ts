import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { extname, join, relative, sep } from 'node:path'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.json': 'application/json',
  '.map': 'application/json',
  '.yaml': 'application/yaml',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
}

/** Fonts and pictures are compressed already; what fits into a packet gains nothing. */
const COMPRESSED_TYPES = new Set(['.woff2', '.png', '.ico'])
const GZIP_BYTES_MIN = 1024

const compress = promisify(gzip)

export interface ServedFile {
  body: Uint8Array<ArrayBuffer>
  type: string
  etag: string
  /** The body compressed, once for all requests; absent where that gains nothing. */
  gzip?: () => Promise<Uint8Array<ArrayBuffer>>
}

/** The files of a folder by their path in a URL, read once. A request only ever looks up a name: nothing else is served. */
export function readFolder(folder: string): ReadonlyMap<string, ServedFile> {
  const files = new Map<string, ServedFile>()
  for (const entry of list(folder)) {
    const type = TYPES[extname(entry)]
    if (type === undefined) continue
    const body = new Uint8Array(readFileSync(entry))
    const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`
    const file = { body, type, etag, ...(isWorthGzip(entry, body) ? { gzip: compressedOnce(body) } : {}) }
    files.set(relative(folder, entry).split(sep).join('/'), file)
  }
  return files
}

function isWorthGzip(name: string, body: Uint8Array): boolean {
  return body.length >= GZIP_BYTES_MIN && !COMPRESSED_TYPES.has(extname(name))
}

function compressedOnce(body: Uint8Array): () => Promise<Uint8Array<ArrayBuffer>> {
  let made: Promise<Uint8Array<ArrayBuffer>> | undefined
  return () => (made ??= compress(body, { level: 9 }).then((bytes) => new Uint8Array(bytes)))
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
  } catch {
    return []
  }
}
