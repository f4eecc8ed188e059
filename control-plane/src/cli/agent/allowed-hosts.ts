import { CommandFault, EXIT } from '../exit.ts'

const HOST = /^([a-z0-9_-]+(\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\])$/

/** The hosts of `--allow-host` as a URL has them. One that no URL can have would shut out everything: it is a fault. */
export function allowedHosts(given: readonly string[]): string[] {
  return given.map((text) => {
    const below = text.startsWith('*.') ? '*.' : ''
    const host = hostOf(text.slice(below.length))
    if (host !== undefined) return below + host
    throw new CommandFault(
      EXIT.usage,
      `--allow-host ${text} names no host: it is one such as ledger.internal or *.internal, without scheme, port and path.`,
    )
  })
}

function hostOf(text: string): string | undefined {
  const url = `http://${/^[0-9a-f:.]*:[0-9a-f:.]*$/i.test(text) ? `[${text}]` : text}`
  if (!URL.canParse(url)) return undefined
  const { href, hostname } = new URL(url)
  return href === `http://${hostname}/` && HOST.test(hostname) ? hostname : undefined
}
