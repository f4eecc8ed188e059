/** Shortest part of an address that can be nothing but a secret: shorter ones are words that errors have. */
const PART_LENGTH_MIN = 8
const MARK = '…'

/** What a server says, without the path that it was asked for, which is a secret: some say it back in their errors. */
export function withoutPath(text: string, path: string): string {
  const { pathname, search, searchParams } = new URL(path, 'http://host')
  const written = [...pathname.split('/'), ...search.split(/[?&=]/)]
  const parts = [...written, ...written.map(decoded), ...searchParams.values()]
  const secrets = [pathname + search, decoded(pathname + search), pathname === '/' ? '' : pathname]
  secrets.push(...parts.filter(({ length }) => length >= PART_LENGTH_MIN))
  // The longest first: what is left of it would give away the rest.
  const sorted = secrets.filter((secret) => secret.length > 1).sort((a, b) => b.length - a.length)
  return sorted.reduce((rest, secret) => rest.replaceAll(secret, MARK), text)
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
