import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createVerifier } from '../../sdk/src/verify.ts'
import { dispatchBody, SECRET, signedHeaders } from '../../sdk/src/test-kit.ts'
import { Project, type Urls } from './project.ts'

/** How one framework is tried. */
export interface Framework {
  /** The folder of its project. */
  name: string
  /** Part of what is said when something has read the body before. */
  fix: string
  /** Builds the project if need be, and starts its server. */
  serve(project: Project): Promise<Urls>
  /** It has routes, and one that answers with the JSON it was given. */
  routes?: boolean
  /** Further rules. */
  more?: (project: () => Project, urls: () => Urls) => void
}

const INSTALL_TIMEOUT_MS = 300_000

/** What must hold in every framework, of a real server that is called over HTTP. */
export function describeFramework({ name, fix, serve, routes, more }: Framework): void {
  describe(name, () => {
    let project: Project
    let urls: Urls
    beforeAll(async () => {
      project = await Project.install(name)
      urls = await serve(project)
    }, INSTALL_TIMEOUT_MS)
    afterAll(() => project?.remove())

    test('a signed call runs its handler, and the answer is signed', async () => {
      const { body, headers } = call()
      const response = await post(urls.jobs, body, headers)
      const text = await response.text()
      expect([response.status, text]).toEqual([200, expect.stringContaining('run.result') as string])
      expect(JSON.parse(text)).toMatchObject({ data: { outcome: 'succeeded', result: { é: 'é' } } })
      const answer = Object.fromEntries(response.headers)
      await createVerifier({ secret: SECRET }).verify({ headers: answer, body: new TextEncoder().encode(text) })
    })

    test('one byte more, and the signature does not hold', async () => {
      const { body, headers } = call()
      expect((await post(urls.jobs, `${body} `, headers)).status).toBe(401)
    })

    test('where something has read the body before, the answer says how to mount it right', async () => {
      const { body, headers } = call()
      const response = await post(urls.parsed, body, headers)
      expect(response.status).toBe(500)
      expect(await response.json()).toMatchObject({
        code: 'raw-body-unavailable',
        detail: expect.stringContaining(fix) as string,
      })
    })

    if (routes) {
      test('other routes read bodies as before', async () => {
        const response = await post(urls.echo ?? '', '{ "a": 1 }', {})
        expect(await response.json()).toEqual({ a: 1 })
      })
    }
    more?.(
      () => project,
      () => urls,
    )

    test('more than 1 MiB is refused with 413', async () => {
      const { headers } = call()
      expect((await post(urls.jobs, 'x'.repeat(1024 * 1024 + 1), headers)).status).toBe(413)
    })
  })
}

function post(url: string, body: string, headers: Record<string, string>): Promise<Response> {
  return fetch(url, { method: 'POST', body, headers: { 'content-type': 'application/json', ...headers } })
}

/** A call whose body a parser would not give back as it came. */
function call() {
  const now = Date.now()
  const id = `run${now}`
  const body = dispatchBody({ attemptId: id, params: { number: 0 } }, now).replace(
    '"number":0',
    '"number": 12345678901234567890.0, "é":"\\u00e9"',
  )
  return { body, headers: signedHeaders(id, body, { now }) }
}
