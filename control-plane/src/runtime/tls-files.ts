import { readFile, stat } from 'node:fs/promises'
import { createSecureContext } from 'node:tls'
import type { Clock } from './clock.ts'
import type { Logger } from './logger.ts'

/** How often the files are looked at, in milliseconds. */
const POLL_MS = 2000

export interface TlsPaths {
  cert: string
  key: string
  /** Of who signs the certificates of the other side. */
  ca?: string
}

/** PEM texts that go together. */
export interface TlsTexts {
  cert: Buffer
  key: Buffer
  ca?: Buffer
}

export interface TlsFiles {
  /** What was read last and is good. */
  current(): TlsTexts
  close(): void
}

/** Certificate, key or CA cannot be used. The message is for people. */
export class TlsFilesFault extends Error {
  override name = 'TlsFilesFault'
}

/**
 * Reads the files, and again whenever one of them changes. While what they hold does not go together (half of a renewal
 * is there, say) the last good ones stay. Throws `TlsFilesFault` when they cannot be used at the start.
 */
export async function watchTlsFiles(
  paths: TlsPaths,
  { clock, logger, onChange }: { clock: Clock; logger: Logger; onChange(texts: TlsTexts): void },
): Promise<TlsFiles> {
  let marks = await marksOf(paths)
  let current = await readTexts(paths)
  let closed = false
  let cancel = clock.after(POLL_MS, look)

  function look(): void {
    void reread().finally(() => {
      if (!closed) cancel = clock.after(POLL_MS, look)
    })
  }

  async function reread(): Promise<void> {
    try {
      const found = await marksOf(paths)
      if (found === marks) return
      marks = found
      const texts = await readTexts(paths)
      if (closed) return
      current = texts
      onChange(texts)
      logger.info({ cert: paths.cert }, 'certificates were read again')
    } catch (error) {
      logger.warn({ cert: paths.cert, error: (error as Error).message }, 'new certificates cannot be used yet')
    }
  }

  return {
    current: () => current,
    close() {
      closed = true
      cancel()
    },
  }
}

/** Tells one state of the files from the next. */
async function marksOf({ cert, key, ca }: TlsPaths): Promise<string> {
  const marks = await Promise.all(
    [cert, key, ...(ca === undefined ? [] : [ca])].map(async (path) => {
      const found = await stat(path).catch(() => undefined)
      return found === undefined ? 'none' : `${found.ino}:${found.size}:${found.mtimeMs}`
    }),
  )
  return marks.join(' ')
}

async function readTexts(paths: TlsPaths): Promise<TlsTexts> {
  // One after the other: of several that are missing, the first is named.
  const cert = await readText(paths.cert)
  const key = await readText(paths.key)
  const ca = paths.ca === undefined ? undefined : await readText(paths.ca)
  const texts: TlsTexts = { cert, key, ...(ca === undefined ? {} : { ca }) }
  if (ca !== undefined && !ca.includes('-----BEGIN CERTIFICATE-----'))
    throw new TlsFilesFault(`${paths.ca} holds no certificate`)
  try {
    createSecureContext({ ...texts })
  } catch (error) {
    throw new TlsFilesFault(`${paths.cert} and ${paths.key} cannot be used: ${(error as Error).message}`)
  }
  return texts
}

function readText(path: string): Promise<Buffer> {
  return readFile(path).catch((error: unknown) => {
    throw new TlsFilesFault(`${path} cannot be read: ${(error as Error).message}`)
  })
}
