import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { type BrowserContext, chromium, type Page } from 'playwright-core'

const root = join(import.meta.dirname, '../..')

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** A browser with an empty profile, as somebody in Berlin has it. */
export async function openBrowser(executable: string | undefined, profile: string): Promise<BrowserContext> {
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: executable ?? '',
    viewport: { width: 1440, height: 900 },
    colorScheme: 'light',
    locale: 'en-GB',
    timezoneId: 'Europe/Berlin',
    args: FLAGS,
  })
  context.setDefaultTimeout(20_000)
  return context
}

/** Where Chromium is, if it is anywhere. */
export function findBrowser(): string | undefined {
  const named = process.env['CRONCLAVE_CHROMIUM']
  if (named !== undefined) return named
  for (const name of ['chromium', 'chromium-browser', 'google-chrome']) {
    try {
      return execFileSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).trim()
    } catch {
      // The next name, then.
    }
  }
  return undefined
}

export interface Server {
  url: string
  /** Logs in once. */
  link: string
  /** Of the administrator. */
  token: string
  call<T>(method: string, path: string, body?: unknown): Promise<T>
  stop(): Promise<void>
}

/** A node in a process of its own. The administrator's token is told at the first start only. */
export async function startServer(data: string, port = '0', known = ''): Promise<Server> {
  const flags = ['--data-folder', data, '--listen-port', port, '--egress-allow-loopback', 'true', '--log-level', 'warn']
  const main = join(root, 'control-plane/src/cli/main.ts')
  const child = spawn(process.execPath, ['--import', 'tsx', main, 'server', ...flags], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const { link, token } = await announced(child, known)
  const { origin: url } = new URL(link)
  const authorization = `Bearer ${token}`
  return {
    url,
    link,
    token,
    async call<T>(method: string, path: string, body?: unknown): Promise<T> {
      const init = body === undefined ? {} : { body: JSON.stringify(body) }
      const headers = { authorization, 'content-type': 'application/json' }
      const response = await fetch(url + path, { method, headers, ...init })
      const text = await response.text()
      if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`)
      return (text === '' ? undefined : JSON.parse(text)) as T
    },
    async stop() {
      if (child.exitCode !== null) return
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      await ended
    },
  }
}

async function announced(child: ChildProcess, known: string): Promise<{ link: string; token: string }> {
  let link: string | undefined
  let token = known
  const said: string[] = []
  for await (const line of createInterface({ input: child.stderr ?? process.stdin })) {
    said.push(line)
    link ??= /http\S+#code=[\w-]+/.exec(line)?.[0]
    token = /cct_[\w-]+/.exec(line)?.[0] ?? token
    if (link !== undefined && token !== '') {
      child.stderr?.resume()
      return { link, token }
    }
  }
  throw new Error(`the server said no link and token:\n${said.join('\n')}`)
}

/** Collects what a page must not have: errors, warnings, and requests to anywhere but its server. */
export function watch(page: Page, origin: string): () => string[] {
  const complaints: string[] = []
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(String(error)))
  page.on('request', (request) => {
    if (new URL(request.url()).origin !== origin) complaints.push(`asked ${request.url()}`)
  })
  page.on('response', (response) => {
    if (response.status() >= 400) complaints.push(`${response.status()} ${response.url()}`)
  })
  return () => complaints
}
